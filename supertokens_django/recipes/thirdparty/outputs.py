"""Outcomes of the third-party recipe in the JSON of the wire."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from supertokens_django.http.fdi import fdi_version, uses_new_user_shape
from supertokens_django.recipes.thirdparty.providers.base import AuthorisationUrl
from supertokens_django.users.models import LoginMethod
from supertokens_django.users.outputs import user_for_client


def authorisation_url(found: AuthorisationUrl) -> dict[str, Any]:
    """The answer with which a frontend begins; the verifier is null without PKCE (FDI)."""
    return {"status": "OK", "urlWithQueryParams": found.url, "pkceCodeVerifier": found.pkce_code_verifier}


def signed_in(request: HttpRequest, method: LoginMethod, *, is_new: bool) -> dict[str, Any]:
    """The answer to a sign-in; whether the user is new has another name for old clients (FDI)."""
    version = fdi_version(request)
    flag = "createdNewRecipeUser" if uses_new_user_shape(version) else "createdNewUser"
    return {"status": "OK", flag: is_new, "user": user_for_client(method.user, method.id, version)}


def redirect_by_get(target: str) -> HttpResponse:
    """A form post goes on as a GET: 303 (RFC 9110 §15.4.4), with an empty page."""
    response = HttpResponse(b"", content_type="text/html; charset=utf-8", status=303)
    response["Location"] = target
    return response
