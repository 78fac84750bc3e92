"""YAML, as far as a JSON document needs it; texts are quoted as in JSON, which YAML 1.2 reads the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_PLAIN_KEY = re.compile(r"[a-zA-Z][\w-]+", re.ASCII)
_NOT_PLAIN = {"null", "true", "false", "yes", "no", "on", "off"}


def to_yaml(document: dict[str, Any]) -> str:
    """The document in YAML's block style."""
    return "\n".join(_lines(document)) + "\n"


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entry(f"{_key(key)}:", inner)
    else:
        for inner in value:
            yield from _item(inner)


def _entry(lead: str, value: Any) -> Iterator[str]:
    if not _has_lines(value):
        yield f"{lead} {_scalar(value)}"
        return
    yield lead
    yield from (f"  {line}" for line in _lines(value))


def _item(value: Any) -> Iterator[str]:
    if not _has_lines(value):
        yield f"- {_scalar(value)}"
        return
    for number, line in enumerate(_lines(value)):
        yield f"  {line}" if number else f"- {line}"


def _has_lines(value: Any) -> bool:
    return isinstance(value, dict | list) and bool(value)


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) and key.lower() not in _NOT_PLAIN else _scalar(key)


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
