"""The endpoints of e-mail verification.  No claims are asked: who is not verified comes here to become so (FDI)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from supertokens_django.exceptions import UnauthorisedError
from supertokens_django.http.endpoint import JsonObject, endpoint
from supertokens_django.http.responses import json_response
from supertokens_django.recipes.emailverification import flows, inputs
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.service import session

NO_JSON_OBJECT = "Please pass JSON input body"


@endpoint("emailverification:token", "POST", reads_body=False)
def token(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Mail a link to the user of the session, in the session's tenant."""
    flows.send_link(request, _session(request))
    return json_response({"status": "OK"})


@endpoint("emailverification:is_verified", "GET")
def is_verified(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Tell whether the e-mail of the session's user is verified."""
    return json_response({"status": "OK", "isVerified": flows.is_verified(request, _session(request))})


@endpoint("emailverification:verify", "POST", no_object=NO_JSON_OBJECT)
def verify(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Use the token of a link up."""
    found = inputs.token(data)
    flows.verify(request, _optional_session(request), tenant_id, found)
    return json_response({"status": "OK"})


def _session(request: HttpRequest) -> SessionContainer:
    found = session.get_session(request, override_global_claim_validators=lambda validators, _: [])
    if found is None or found.is_anonymous():
        raise UnauthorisedError("There is no user", clear_tokens=False)
    return found


def _optional_session(request: HttpRequest) -> SessionContainer | None:
    return session.get_session(
        request, session_required=False, override_global_claim_validators=lambda validators, _: []
    )
