"""Settings of the requests that this project itself sends, to identity providers for instance."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from supertokens_django import conf
from supertokens_django.conf import Problem, Section, option
from supertokens_django.parsers import boolean, duration, integer, optional, sequence_of, string

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(value: Any) -> Network:
    try:
        return ipaddress.ip_network(string(value))
    except ValueError:
        raise ValueError('must be True, False, None or a list of networks, e.g. ["10.1.0.0/16"].') from None


def _networks(value: Any) -> bool | tuple[Network, ...]:
    return value if isinstance(value, bool) else tuple(sequence_of(_network)(value))


def _proxy(value: Any) -> str:
    parts = urlsplit(string(value))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError('must be the URL of a proxy, e.g. "http://proxy.internal:3128".')
    return str(value)


def _bundle(value: Any) -> str:
    path = string(str(value) if isinstance(value, Path) else value)
    if not Path(path).exists():
        raise ValueError("must be the path of a file (or a directory) of certificates that is there.")
    return path


class OutgoingConf(Section):
    """``SUPERTOKENS["OUTGOING"]``: requests to servers that others run."""

    KEY = "OUTGOING"

    timeout: timedelta = option(
        duration(0.1, 60),
        timedelta(seconds=5),
        help="How long to wait for a connection, and for the next bytes of an answer.",
    )
    deadline: timedelta = option(
        duration(0.1, 300),
        timedelta(seconds=10),
        help="How long a request may take altogether, with redirects and with the second attempt.",
    )
    max_response_bytes: int = option(
        integer(1024, 1024**3), 1024**2, help="A larger answer is broken off and refused."
    )
    allow_private_addresses: Any = option(
        optional(_networks),
        None,
        help="Connect to addresses that are not public: all of them, or those in a list of networks such as "
        '["10.1.0.0/16"]; None: while DEBUG is on.',
    )
    allow_http: bool | None = option(
        optional(boolean), None, help="Send requests without TLS as well; None: while DEBUG is on."
    )
    proxy: str | None = option(
        optional(_proxy),
        None,
        secret=True,
        help="URL of a proxy for all of these requests; those of the environment are not heeded. The proxy "
        "decides then which addresses may be reached.",
    )
    ca_bundle: Any = option(
        optional(_bundle), None, help="Certificates to trust instead of those of the package certifi."
    )

    def contradictions(self) -> Iterator[Problem]:
        if self.timeout > self.deadline:
            where = "SUPERTOKENS['OUTGOING']"
            yield Problem(
                "contradiction", where, "TIMEOUT is longer than DEADLINE, which would end it before."
            )

    @property
    def permits_http(self) -> bool:
        return _debug() if self.allow_http is None else self.allow_http

    @property
    def permits_all_addresses(self) -> bool:
        return _debug() if self.allow_private_addresses is None else self.allow_private_addresses is True

    @property
    def permitted_networks(self) -> tuple[Network, ...]:
        """The private networks that may be connected to, where not all may be."""
        allowed = self.allow_private_addresses
        return allowed if isinstance(allowed, tuple) else ()


def _debug() -> bool:
    return bool(conf.of_project("DEBUG", False))
