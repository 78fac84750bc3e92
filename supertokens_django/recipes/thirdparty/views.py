"""The endpoints of third-party login: input, service and flow, output."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from supertokens_django import conf
from supertokens_django.exceptions import BadInputError
from supertokens_django.http.endpoint import JsonObject, endpoint
from supertokens_django.http.responses import json_response
from supertokens_django.recipes.thirdparty import flows, inputs, outputs


@endpoint("thirdparty:authorisationurl", "GET")
def authorisationurl(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Tell where at the provider a sign-in begins."""
    wanted = inputs.url_query(data)
    provider = flows.provider_of(tenant_id, wanted.third_party_id, wanted.client_type)
    return json_response(outputs.authorisation_url(flows.authorisation_url(provider, wanted.redirect_uri)))


@endpoint("thirdparty:signinup", "POST", no_object="Please provide a JSON input")
def signinup(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Sign in with a provider; the first time it creates the account."""
    given = inputs.sign_in_up(data)
    provider = flows.provider_of(tenant_id, given.third_party_id, given.client_type)
    method, is_new = flows.by_input(request, data, tenant_id, provider, given)
    return json_response(outputs.signed_in(request, method, is_new=is_new))


@endpoint("thirdparty:callback_apple", "POST", reads_body=False)
def callback_apple(request: HttpRequest, data: JsonObject, tenant_id: str) -> HttpResponse:
    """Send a browser that comes with Apple's form on to the website, with the fields in the query."""
    try:
        fields = {name: str(value) for name, value in request.POST.items()}
    except (
        TooManyFieldsSent,
        RequestDataTooBig,
        UnreadablePostError,
        MultiPartParserError,
        SuspiciousOperation,
    ):
        raise BadInputError("The form cannot be read") from None
    app = conf.app()
    callback = f"{app.website_base_path}/callback"
    return outputs.redirect_by_get(inputs.callback_target(fields, app.website_origin(request), callback))
