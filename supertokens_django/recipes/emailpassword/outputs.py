"""Outcomes of e-mail and password in the JSON of the wire."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from supertokens_django.exceptions import FieldError
from supertokens_django.http.fdi import fdi_version
from supertokens_django.users.models import LoginMethod
from supertokens_django.users.outputs import user_for_client


def email_taken() -> FieldError:
    """A sign-up by an e-mail that somebody has, as forms show it (FDI)."""
    return FieldError([("email", "This email already exists. Please sign in instead.")])


def signed_in(request: HttpRequest, method: LoginMethod) -> dict[str, Any]:
    """The answer to sign-up and sign-in; tokens travel beside it."""
    return {"status": "OK", "user": user_for_client(method.user, method.id, fdi_version(request))}
