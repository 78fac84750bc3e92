"""What may be stored as metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from supertokens_django.exceptions import BadInputError


def metadata(value: Any) -> dict[str, Any]:
    """Check that every database can store the value, and give it as JSON has it (tuples as lists, keys as texts).

    Raises:
        BadInputError: it is no dict, no JSON, or has a text that PostgreSQL refuses.
    """
    if not isinstance(value, Mapping):
        raise BadInputError("The metadata must be an object")
    try:
        plain: dict[str, Any] = json.loads(json.dumps(dict(value), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInputError(f"The metadata must be JSON ({error})") from error
    if any(not _is_storable(text) for text in _texts(plain)):
        raise BadInputError("The metadata must not contain NUL characters or lone surrogates")
    return plain


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
