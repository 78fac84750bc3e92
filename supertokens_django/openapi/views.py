"""``GET /openapi.json``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from supertokens_django import conf
from supertokens_django.http.endpoint import JsonObject, endpoint
from supertokens_django.http.responses import json_response
from supertokens_django.openapi.document import openapi_document

_known: tuple[object, dict[str, Any]] = (None, {})
"""The document of the settings in force; making one takes a few milliseconds."""


@endpoint("openapi:document", "GET", cacheable=True)
def document(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """The OpenAPI document of these endpoints, for anyone, from any origin."""
    global _known
    if _known[0] is not conf.state_key():
        _known = (conf.state_key(), openapi_document())
    response = json_response(_known[1])
    response["Access-Control-Allow-Origin"] = "*"
    return response
