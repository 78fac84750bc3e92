"""Which addresses are public."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from supertokens_django.http.addresses import is_permitted


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        ["8.8.8.8", "140.82.121.6", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
    )  # fmt: skip
    def test_a_public_address_is_permitted(self, address: str) -> None:
        assert is_permitted(address)

    @pytest.mark.parametrize(
        "address",
        [
            "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
            "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "192.0.0.8", "192.0.0.192",
            "198.18.0.1", "198.51.100.1",
            "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
            "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "100::1", "2001::1", "2001:db8::1",
            "2002:7f00:1::", "2002:a00:1::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1",
            "ff02::1", "4000::1", "", "localhost", "127.1", "1.2.3.4.5",
        ],
    )  # fmt: skip
    def test_any_other_is_not(self, address: str) -> None:
        assert not is_permitted(address)

    def test_a_network_that_the_project_names_is_permitted(self) -> None:
        networks = (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
        assert is_permitted("10.1.2.3", networks)
        assert is_permitted("::ffff:10.1.2.3", networks)
        assert is_permitted("fd00::1", networks)
        assert not is_permitted("10.2.0.1", networks)
        assert not is_permitted("fe80::1", networks)
