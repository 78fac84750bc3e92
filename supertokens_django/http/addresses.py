"""Which IP addresses are public: pure, so that no name and no socket is needed to ask."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from supertokens_django.http.conf import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""All that IANA hands out for the public internet (RFC 4291, 2.4)."""
TEREDO = ipaddress.ip_network("2001::/32")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""The well-known prefix (RFC 6052): what a host without IPv4 is told for a host without IPv6."""
SHARED = tuple(map(ipaddress.ip_network, ("100.64.0.0/10", "192.0.0.0/24")))
"""Of a carrier's own network (RFC 6598), and of protocols (RFC 6890), where a cloud has put what tells secrets."""


def is_permitted(address: str, networks: Sequence[Network] = ()) -> bool:
    """Tell whether an address is public or in one of ``networks``; an IPv4 address inside an IPv6 one is judged."""
    try:
        found = _innermost(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return _is_public(found) or any(
        found in network for network in networks if network.version == found.version
    )


def _innermost(address: Address) -> Address:
    """The IPv4 address that a mapped, a 6to4 or a NAT64 address leads to; any other address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else address


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in SHARED)
    return address in GLOBAL_UNICAST and address not in TEREDO
