"""Where a request came from, as far as it can be known."""

from __future__ import annotations

import ipaddress
import re

from django.http import HttpRequest

from supertokens_django import conf

USER_AGENT_LENGTH = 512

WITH_PORT = re.compile(r"(?P<ipv4>[0-9.]+):\d{1,5}|\[(?P<ipv6>[^\[\]]*:[^\[\]]*)\](?::\d{1,5})?", re.ASCII)
"""Some proxies append the visitor's port, which is another at each connection; an IPv6 address has brackets then."""


def ip_address(request: HttpRequest) -> str | None:
    """The client's IP address, or None when it is not a valid one.

    ``X-Forwarded-For`` is believed only as far as ``TRUSTED_PROXY_COUNT`` says: the n-th entry from the right was
    written by the outermost of n own proxies, everything left of it by the client.  A port is left out.
    """
    found = request.META.get("REMOTE_ADDR", "")
    if count := conf.app().trusted_proxy_count:
        forwarded = request.headers.get("x-forwarded-for", "").split(",")
        found = forwarded[-count] if len(forwarded) >= count else forwarded[0]
    found = found.strip()
    if parts := WITH_PORT.fullmatch(found):
        found = parts["ipv4"] or parts["ipv6"]
    try:
        return str(ipaddress.ip_address(found)).partition("%")[0]  # no zone: no column takes one
    except ValueError:
        return None


def user_agent(request: HttpRequest) -> str:
    """The ``User-Agent`` header, shortened, without characters that a database refuses."""
    return request.headers.get("user-agent", "").replace("\x00", "")[:USER_AGENT_LENGTH]
