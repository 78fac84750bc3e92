"""Keeping what signs somebody in out of the logs, however a gateway complains."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from supertokens_django.parsers import without_credentials

MASK = "********"
SHORTEST = 4
NAMES = re.compile(r"(^|_)(code|codes|link|url|token|otp|secret|password)(_|$)")
PLAIN = re.compile(r"(^|_)(lifetime|domain)(_|$)")


def of_context(context: Mapping[str, Any]) -> tuple[str, ...]:
    """The values of a context that nobody may read in a log, told by their names: codes, links, tokens."""
    found = (
        piece
        for name, value in context.items()
        if isinstance(value, str) and NAMES.search(name) and not PLAIN.search(name)
        for piece in _pieces(value)
    )
    return tuple(
        sorted({piece for piece in found if len(piece) >= SHORTEST}, key=lambda text: (-len(text), text))
    )


def _pieces(value: str) -> Iterator[str]:
    """The value, and where it is a link what stands in its query and its fragment: gateways quote by halves."""
    yield value
    if "://" in value:
        parts = urlsplit(value)
        for name, inner in parse_qsl(parts.query):
            if name != "tenantId":
                yield inner
        yield parts.query
        yield parts.fragment
        yield unquote(parts.fragment)


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, also where lines were broken within them as mails are."""
    text = text.replace("=\r\n", "").replace("=\n", "")
    for secret in secrets:
        text = text.replace(secret, MASK)
    return without_credentials(text)


def summary(error: BaseException, secrets: Iterable[str]) -> str:
    """An exception on one line."""
    text = masked(" ".join(str(error).split()), secrets)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def trace(error: BaseException, secrets: Iterable[str]) -> str:
    """An exception with its traceback, as text: handed to the logger itself it would take the secrets along."""
    return masked("".join(traceback.format_exception(error)), secrets)
