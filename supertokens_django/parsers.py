"""Parsers of settings: each turns a raw value into its typed form or says what is expected."""

from __future__ import annotations

import inspect
import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from django.utils.module_loading import import_string

Parser = Callable[[Any], Any]
"""Turns a raw setting into its typed value; raises ``ValueError`` with a sentence that says what is expected."""

MILLENNIUM = 1000 * 365 * 24 * 3600
"""In seconds: the longest duration, so that what ends after it ends before the year 9999, the last one in Python."""


def without_credentials(text: str) -> str:
    """The text with ``********`` in place of what URLs in it carry before an ``@``, a password for instance."""
    return re.sub(r"(?<=://)\S*(?=@)", "********", text)


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be True or False.")
    return value


def string(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a non-empty string.")
    return value


def integer(minimum: int, maximum: int) -> Parser:
    def parse(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
            raise ValueError(f"must be an integer from {minimum} to {maximum}.")
        return value

    return parse


def number(minimum: float, maximum: float) -> Parser:
    def parse(value: Any) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not minimum <= value <= maximum:
            raise ValueError(f"must be a number from {minimum} to {maximum}.")
        return float(value)

    return parse


def duration(minimum: float = 1, maximum: float = MILLENNIUM) -> Parser:
    """Accept a ``timedelta`` or a number of seconds between the bounds (in seconds)."""

    def parse(value: Any) -> timedelta:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number and not isinstance(value, timedelta):
            raise ValueError("must be a timedelta or a number of seconds.")
        seconds = value if is_number else value.total_seconds()
        if not minimum <= seconds <= maximum:
            raise ValueError(f"must be at least {minimum:g} and at most {maximum:.0f} seconds.")
        return timedelta(seconds=value) if is_number else value

    return parse


def choice(*allowed: str) -> Parser:
    """Accept one of ``allowed``, in any case and with surrounding blanks; gives it as it is written in ``allowed``."""

    def parse(value: Any) -> str:
        found = (
            {name.lower(): name for name in allowed}.get(value.strip().lower())
            if isinstance(value, str)
            else None
        )
        if found is None:
            raise ValueError("must be one of " + ", ".join(repr(name) for name in allowed) + ".")
        return found

    return parse


def optional(parse: Parser) -> Parser:
    return lambda value: None if value is None else parse(value)


def sequence_of(parse: Parser) -> Parser:
    def parse_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError("must be a list.")
        return tuple(parse(item) for item in value)

    return parse_all


def imported(value: Any) -> Any:
    """Import ``value`` when it is a dotted path; anything else is taken as the object itself."""
    if not isinstance(value, str):
        return value
    try:
        return import_string(value)
    except ImportError as error:
        raise ValueError(f"names {value!r}, which cannot be imported ({error}).") from error


def function(value: Any) -> Callable[..., Any]:
    """Accept a callable or the dotted path of one."""
    loaded = imported(value)
    if not callable(loaded):
        raise ValueError("must be a callable or the dotted path of one.")
    return cast(Callable[..., Any], loaded)


Validate = Callable[[Any, str], str | None]
"""``(value, tenant_id) -> error text``, None when the value is good."""


def validate_function(value: Any) -> Validate:
    """Accept ``(value, tenant_id)`` or ``(value)`` as a callable or dotted path."""
    found = function(value)
    try:
        inspect.signature(found).bind("", "")
    except TypeError:
        return lambda text, tenant_id: found(text)
    return found


def class_path(value: Any) -> type:
    """Accept a class or the dotted path of one."""
    loaded = imported(value)
    if not isinstance(loaded, type):
        raise ValueError("must be a class or the dotted path of one.")
    return loaded


def keywords(value: Any) -> dict[str, Any]:
    """Accept a dict of keyword arguments."""
    if not isinstance(value, Mapping) or not all(
        isinstance(name, str) and name.isidentifier() for name in value
    ):
        raise ValueError("must be a dict of keyword arguments.")
    return dict(value)


def is_local_host(host: str) -> bool:
    """Tell whether ``host`` is localhost or an IPv4 address, for which http and cookies have rules of their own."""
    return host.startswith("localhost") or is_ipv4(host)


def is_ipv4(host: str) -> bool:
    """Tell whether ``host`` is an IPv4 address."""
    try:
        return isinstance(ipaddress.ip_address(host), ipaddress.IPv4Address)
    except ValueError:
        return False


def domain(value: Any) -> str:
    """Normalise to ``scheme://host[:port]``; without a scheme it is https (http for localhost and IPv4 addresses)."""
    text = string(value).strip().lower()
    if "://" not in text:
        text = ("http://" if is_local_host(text.split("/")[0].split(":")[0]) else "https://") + text
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"is not a valid domain ({error}).") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in parts.hostname:
        raise ValueError("must be a domain such as 'https://api.example.com'.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname  # IPv6 (RFC 3986 §3.2.2)
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def path_prefix(value: Any) -> str:
    """Normalise to ``/path`` without a trailing slash; "" and "/" give ""."""
    if not isinstance(value, str) or "?" in value or "#" in value:
        raise ValueError("must be a URL path such as '/auth'.")
    stripped = value.strip().strip("/")
    return f"/{stripped}" if stripped else ""


def origin(value: Any) -> Any:
    """Accept a domain, a callable ``(request) -> domain``, or the dotted path of one (``module.function``)."""
    if callable(value):
        return value
    if isinstance(value, str) and "." in value and "/" not in value and ":" not in value:
        try:
            loaded = import_string(value)
        except ImportError:
            return domain(value)
        return function(loaded)
    return domain(value)
