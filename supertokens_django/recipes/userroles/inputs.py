"""Names of roles and permissions as they are stored."""

from __future__ import annotations

from collections.abc import Iterable

from supertokens_django.exceptions import BadInputError

LONGEST_NAME = 255


def role_name(value: str) -> str:
    """Give the name without surrounding blanks (as the core does).

    Raises:
        BadInputError: it is empty, too long, or has characters that cannot be printed.
    """
    return _name(value, "role")


def permission_names(values: Iterable[str]) -> list[str]:
    """Give the names without surrounding blanks, each once, sorted.

    Raises:
        BadInputError: one is empty, too long, or has characters that cannot be printed.
    """
    if isinstance(values, str):  # its letters would become permissions
        raise BadInputError("The permissions must be a list")
    return sorted({_name(value, "permission") for value in values})


def _name(value: str, kind: str) -> str:
    name = value.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadInputError(f"A {kind} must have 1 to {LONGEST_NAME} printable characters")
    return name
