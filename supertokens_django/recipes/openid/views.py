"""``GET /.well-known/openid-configuration``."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from supertokens_django.http.endpoint import JsonObject, endpoint
from supertokens_django.http.responses import json_response
from supertokens_django.recipes.openid.inputs import issuer_asked_about
from supertokens_django.recipes.openid.outputs import document_to_json
from supertokens_django.recipes.openid.service import openid


@endpoint("openid:configuration", "GET", cacheable=True)
def configuration(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """The discovery document, for anyone, from any origin."""
    document = openid.get_open_id_discovery_configuration()
    response = json_response(document_to_json(document, issuer_asked_about(request)))
    response["Access-Control-Allow-Origin"] = "*"
    return response
