"""Which addresses count as one, and that no header of a client's makes it another."""

from __future__ import annotations

import pytest

from supertokens_django.limits.subjects import network_of
from tests.base import ALICE, supertokens_settings
from tests.client import json_of
from tests.limits.conftest import HOME, VisitorFrom, rates


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("2001:DB8:1:2::1", "2001:db8:1:2::1", True),
        # An IPv4 address is one visitor: NAT64 has a /64 for all of them, 6to4 thousands for each.
        ("64:ff9b::203.0.113.7", "203.0.113.7", True),
        ("64:ff9b::203.0.113.7", "64:ff9b::203.0.113.8", False),
        ("2002:cb00:7107:1::1", "2002:cb00:7107:ffff::1", True),
        ("2002:cb00:7107::1", "2002:cb00:7108::1", False),
    ],
)
def test_an_ipv6_customer_has_a_network(one: str, other: str, are_one: bool) -> None:
    assert (network_of(one) == network_of(other)) is are_one


@pytest.mark.parametrize("address", [None, "", "unknown", "203.0.113", "203.0.113.7, 192.0.2.1"])
def test_what_is_no_address_is_none(address: str | None) -> None:
    assert network_of(address) is None


def are_counted_together(*forwarded: str, proxies: int) -> bool:
    """Whether of two calls with these headers the second is refused at a limit of one."""
    with rates("emailpassword:signin", IP="1/h"), supertokens_settings(TRUSTED_PROXY_COUNT=proxies):
        bodies = [json_of(VisitorFrom(header).sign_in(ALICE.email, "guess")) for header in forwarded]
    return bool(bodies[1]["status"] == "GENERAL_ERROR")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other", "proxies", "together"),
    [
        (HOME, "198.51.100.1", 0, True),
        (f"198.51.100.1, {HOME}", f"198.51.100.2, {HOME}", 1, True),
        (f"{HOME}, 198.51.100.1", f"{HOME}, 198.51.100.2", 1, False),
        (f"198.51.100.1, {HOME}, 192.0.2.1", f"198.51.100.2, {HOME}, 192.0.2.2", 2, True),
        ("2001:db8:1:2::1", "2001:db8:1:2::2", 1, True),
        (f"{HOME}:50001", f"{HOME}:50002", 1, True),
        ("[2001:db8:1:2::1]:50001", "[2001:db8:1:2::2]:50002", 1, True),
        (f"{HOME}:50001", "198.51.100.1:50001", 1, False),
    ],
)
def test_a_client_does_not_choose_its_address(one: str, other: str, proxies: int, together: bool) -> None:
    assert are_counted_together(one, other, proxies=proxies) is together
