"""Who is counted, as the cache knows them: by a MAC, so that neither an address nor an e-mail stands in it."""

from __future__ import annotations

import ipaddress

from supertokens_django.crypto.secrets import base64url, macs
from supertokens_django.limits import stage
from supertokens_django.registry import Account

PREFIX = "supertokens-limits"
IPV6_NETWORK = 64
"""Bits of an address that are one customer's (RFC 6177): whoever has one has 2**64 of them."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses as a host without IPv4 is told of them (RFC 6052)."""


def network_of(address: str | None) -> str | None:
    """What counts as one address: an IPv4 address, also within an IPv6 one, else the /64; None for what is none."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        return str(inner or ipaddress.ip_network((found, IPV6_NETWORK), strict=False))
    return str(found)


def hidden(*parts: str) -> str:
    """A name in the cache that tells nobody of whom it is; "\\0" stands in none of the parts."""
    text = chr(0).join((*stage.run(), *parts))
    return f"{PREFIX}:{base64url(macs('rate limits', text)[0][:18])}"


def known_address(account: Account, network: str) -> str:
    """Where it stands that somebody has signed in from there."""
    return hidden("known", *account, network)


def epoch(account: Account) -> str:
    """Where it stands that an account's tries were forgotten: what was counted before is in another epoch."""
    return hidden("epoch", *account)
