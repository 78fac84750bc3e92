"""The endpoints of the passwordless recipe: input, flow, output."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from supertokens_django import conf
from supertokens_django.http.endpoint import JsonObject, endpoint
from supertokens_django.http.responses import json_response
from supertokens_django.recipes.multitenancy.service import require_tenant
from supertokens_django.recipes.passwordless import flows, inputs, outputs
from supertokens_django.recipes.passwordless.service import passwordless
from supertokens_django.users import phone
from supertokens_django.users.addresses import is_email


@endpoint("passwordless:code", "POST")
def code(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Send a code, a link, or both."""
    info = inputs.contact(data, tenant_id)
    return json_response(outputs.code_sent(flows.send_code(request, data, tenant_id, info)))


@endpoint("passwordless:resend", "POST")
def resend(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Send a new code to where the last one was sent."""
    _, device_id = inputs.device(data)
    flows.resend_code(request, data, tenant_id, device_id)
    return json_response({"status": "OK"})


@endpoint("passwordless:consume", "POST")
def consume(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Sign in or up by a code or a link."""
    method, is_new = flows.consume_code(request, data, tenant_id, inputs.credentials(data))
    return json_response(outputs.signed_in(request, method, is_new=is_new))


@endpoint("passwordless:email_exists", "GET")
def email_exists(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Tell whether somebody signs in by codes sent to an e-mail; a malformed one is nobody's."""
    email = inputs.exists_email(data)
    if conf.app().hide_account_existence:
        return _nobody(tenant_id)
    exists = is_email(email) and passwordless.email_exists(tenant_id, email)
    return json_response({"status": "OK", "exists": exists})


@endpoint("passwordless:phone_number_exists", "GET")
def phone_number_exists(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Tell whether somebody has a phone number; a malformed one is nobody's."""
    number = inputs.exists_phone_number(data)
    if conf.app().hide_account_existence:
        return _nobody(tenant_id)
    exists = phone.is_storable(number) and passwordless.phone_number_exists(tenant_id, number)
    return json_response({"status": "OK", "exists": exists})


def _nobody(tenant_id: str) -> HttpResponse:
    """What everybody is told about everybody where the project hides who has an account."""
    require_tenant(tenant_id)
    return json_response({"status": "OK", "exists": False})
