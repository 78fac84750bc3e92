"""What the endpoints are sent."""

from __future__ import annotations

from typing import Any

from supertokens_django.exceptions import BadInputError


def token(data: dict[str, Any]) -> str:
    """Read ``token``.

    Raises:
        BadInputError: it is missing or no string.
    """
    if (found := data.get("token")) is None:
        raise BadInputError("Please provide the email verification token")
    if not isinstance(found, str):
        raise BadInputError("The email verification token must be a string")
    return found
