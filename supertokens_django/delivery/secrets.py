"""Keeping what signs somebody in out of the logs, however a gateway complains."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from supertokens_django.parsers import without_credentials

MASK = "********"
SHORTEST, LENGTH = 4, 8
"""Of what is a secret at all, and of the parts of one that are not told either."""
WORD = re.compile(rf"[\w-]{{{LENGTH},}}", re.ASCII)
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
    known = list(secrets)
    for secret in known:
        text = text.replace(secret, MASK)
    parts = {part for secret in known if not set(":=&") & set(secret) for part in _parts(secret)}
    return without_credentials(WORD.sub(lambda word: _word(word[0], parts), text))


def _parts(secret: str) -> Iterator[str]:
    return (secret[start : start + LENGTH] for start in range(len(secret) - LENGTH + 1))


def _word(word: str, parts: set[str]) -> str:
    """A word, masked where it has a part of a secret: of long ones a line holds half."""
    return MASK if any(part in parts for part in _parts(word)) else word


def summary(error: BaseException, secrets: Iterable[str]) -> str:
    """An exception on one line."""
    text = masked(" ".join(str(error).split()), secrets)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def trace(error: BaseException, secrets: Iterable[str]) -> str:
    """An exception with its traceback, as text: handed to the logger itself it would take the secrets along."""
    return masked("".join(traceback.format_exception(error)), secrets)
