"""``POST /session/refresh`` and ``POST /signout``."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from supertokens_django.http.endpoint import JsonObject, endpoint
from supertokens_django.http.responses import json_response
from supertokens_django.recipes.session import flows
from supertokens_django.recipes.session.service import session


@endpoint("session:refresh", "POST", reads_body=False)
def refresh(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Exchange the refresh token; the new tokens travel beside an empty object."""
    session.refresh_session(request)
    return json_response({})


@endpoint("session:signout", "POST", reads_body=False)
def signout(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """End the request's session; good also when it was gone already."""
    flows.sign_out(request)
    return json_response({"status": "OK"})
