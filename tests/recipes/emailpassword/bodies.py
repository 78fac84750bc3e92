"""Bodies of FDI, whole, made from the few things that vary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_OPTIONAL = "Field is not optional"
BAD_EMAIL = "Email is not valid"
EMAIL_TAKEN = "This email already exists. Please sign in instead."
TOO_SHORT = "Password must contain at least 8 characters, including a number"
TOO_LONG = "Password's length must be lesser than 100 characters"
NO_LETTER = "Password must contain at least one alphabet"
NO_NUMBER = "Password must contain at least one number"

OK = {"status": "OK"}
WRONG_CREDENTIALS = {"status": "WRONG_CREDENTIALS_ERROR"}
INVALID_RESET_TOKEN = {"status": "RESET_PASSWORD_INVALID_TOKEN_ERROR"}


def form(fields: Mapping[str, Any] | None = None, /, **more: Any) -> dict[str, Any]:
    """``{"formFields": […]}`` with one element per field, in the order given."""
    every = {**(fields or {}), **more}
    return {"formFields": [{"id": field_id, "value": value} for field_id, value in every.items()]}


def field_error(*errors: tuple[str, str]) -> dict[str, Any]:
    return {"status": "FIELD_ERROR", "formFields": [{"id": name, "error": text} for name, text in errors]}


def message(text: str) -> dict[str, Any]:
    """The body of a 400: ``message`` and nothing else."""
    return {"message": text}


def user_with_login_methods(
    user_id: str, email: str, time_joined: int, tenant: str = "public"
) -> dict[str, Any]:
    """``user`` as FDI 1.18, 1.19 and from 3.0 on has it, for an e-mail and password user of one tenant."""
    return {
        "id": user_id,
        "isPrimaryUser": False,
        "tenantIds": [tenant],
        "timeJoined": time_joined,
        "emails": [email],
        "phoneNumbers": [],
        "thirdParty": [],
        "webauthn": {"credentialIds": []},
        "loginMethods": [
            {
                "recipeId": "emailpassword",
                "recipeUserId": user_id,
                "tenantIds": [tenant],
                "timeJoined": time_joined,
                "verified": False,
                "email": email,
            }
        ],
    }


def flat_user(user_id: str, email: str, time_joined: int) -> dict[str, Any]:
    """``user`` as FDI before 1.18 and 2.x has it."""
    return {"id": user_id, "timeJoined": time_joined, "email": email}
