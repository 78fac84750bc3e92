"""``GET /jwt/jwks.json``."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from supertokens_django.http.endpoint import JsonObject, endpoint
from supertokens_django.http.responses import json_response
from supertokens_django.recipes.jwt.service import jwt_service


@endpoint("jwt:jwks", "GET", cacheable=True)
def jwks(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """The public keys, for anyone, from any origin."""
    response = json_response(jwt_service.get_jwks())
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"max-age={jwt_service.get_jwks_validity_in_seconds()}, must-revalidate"
    return response
