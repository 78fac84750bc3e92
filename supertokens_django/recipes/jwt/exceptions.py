"""Errors of the JWT recipe."""

from __future__ import annotations

from supertokens_django.exceptions import BadInputError


class UnknownSigningKeyError(BadInputError):
    """There is no signing key of this name."""

    def __init__(self, kid: str) -> None:
        super().__init__(f"There is no signing key {kid!r}.")
