"""The endpoints of e-mail and password: input, service and flow, output."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from supertokens_django import conf
from supertokens_django.http.endpoint import JsonObject, endpoint
from supertokens_django.http.responses import json_response
from supertokens_django.recipes.emailpassword import flows, inputs, outputs
from supertokens_django.recipes.emailpassword.service import emailpassword
from supertokens_django.recipes.multitenancy.service import require_tenant
from supertokens_django.users.accounts import normalise_email
from supertokens_django.users.addresses import is_email


@endpoint("emailpassword:signup", "POST")
def signup(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Create an account and sign it in."""
    fields = inputs.clean_form(data, inputs.sign_up_fields(), tenant_id)
    return json_response(outputs.signed_in(request, flows.sign_up(request, data, tenant_id, fields)))


@endpoint("emailpassword:signin", "POST")
def signin(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Sign in."""
    fields = inputs.clean_form(data, inputs.sign_in_fields(), tenant_id)
    return json_response(outputs.signed_in(request, flows.sign_in(request, data, tenant_id, fields)))


@endpoint("emailpassword:email_exists", "GET")
def email_exists(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Tell whether an e-mail has a password login; a malformed one has none."""
    email = normalise_email(inputs.exists_email(data))
    if conf.app().hide_account_existence:
        require_tenant(tenant_id)
        return json_response({"status": "OK", "exists": False})
    return json_response(
        {"status": "OK", "exists": is_email(email) and emailpassword.email_exists(tenant_id, email)}
    )


@endpoint("emailpassword:reset_token", "POST")
def reset_token(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Mail a reset link; the answer is the same for an unknown e-mail."""
    fields = inputs.clean_form(data, inputs.reset_token_fields(), tenant_id)
    emailpassword.request_password_reset(tenant_id, fields[inputs.EMAIL], request)
    return json_response({"status": "OK"})


@endpoint("emailpassword:reset", "POST")
def reset(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Set a new password with the token of a reset link."""
    fields = inputs.clean_form(data, inputs.reset_fields(), tenant_id)
    flows.reset_password(request, tenant_id, inputs.reset_token(data), fields[inputs.PASSWORD])
    return json_response({"status": "OK"})
