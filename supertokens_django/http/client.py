"""Where a request came from, as far as it can be known."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest

from supertokens_django import conf

USER_AGENT_LENGTH = 512


def ip_address(request: HttpRequest) -> str | None:
    """The client's IP address, or None when it is not a valid one.

    ``X-Forwarded-For`` is believed only as far as ``TRUSTED_PROXY_COUNT`` says: the n-th entry from the right was
    written by the outermost of n own proxies, everything left of it by the client.
    """
    found = request.META.get("REMOTE_ADDR", "")
    if count := conf.app().trusted_proxy_count:
        forwarded = request.headers.get("x-forwarded-for", "").split(",")
        found = forwarded[-count] if len(forwarded) >= count else forwarded[0]
    try:
        return str(ipaddress.ip_address(found.strip())).partition("%")[0]  # no zone: no column takes one
    except ValueError:
        return None


def user_agent(request: HttpRequest) -> str:
    """The ``User-Agent`` header, shortened, without characters that a database refuses."""
    return request.headers.get("user-agent", "").replace("\x00", "")[:USER_AGENT_LENGTH]
