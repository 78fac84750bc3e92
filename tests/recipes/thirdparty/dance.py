"""What a frontend does to sign in with a provider, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseBase

from tests.base import supertokens_settings
from tests.client import FrontendClient, json_of
from tests.idp.provider import IdentityProvider
from tests.idp.records import Account

CALLBACK = "https://acme.com/auth/callback/custom"
LOOPBACK: Mapping[str, Any] = {
    "RECIPES": ["emailpassword", "thirdparty"],
    "OUTGOING": {"ALLOW_PRIVATE_ADDRESSES": ["127.0.0.0/8"], "ALLOW_HTTP": True},
}
"""What lets the app ask a provider on this machine."""


def authorisation_url(
    browser: FrontendClient,
    third_party_id: str = "custom",
    *,
    tenant: str | None = None,
    client_type: str | None = None,
    redirect_uri: str = CALLBACK,
    rid: str = "thirdparty",
) -> HttpResponseBase:
    query = {"thirdPartyId": third_party_id, "redirectURIOnProviderDashboard": redirect_uri}
    if client_type is not None:
        query["clientType"] = client_type
    path = browser.api_path(f"/authorisationurl?{urlencode(query)}", tenant)
    return browser.call_recipe("GET", path, rid=rid)


def code_of(
    browser: FrontendClient, idp: IdentityProvider, account: Account, **options: Any
) -> dict[str, Any]:
    """Go to the provider and come back; gives ``redirectURIInfo`` for the sign-in."""
    begun = json_of(authorisation_url(browser, **options))
    returned = idp.authorize(begun["urlWithQueryParams"] + "&state=of-the-frontend", account)
    return {
        "redirectURIOnProviderDashboard": options.get("redirect_uri", CALLBACK),
        "redirectURIQueryParams": returned.params,
        "pkceCodeVerifier": begun["pkceCodeVerifier"],
    }


def post(
    browser: FrontendClient, body: Any, *, tenant: str | None = None, rid: str = "thirdparty"
) -> HttpResponseBase:
    return browser.call_recipe("POST", browser.api_path("/signinup", tenant), rid=rid, json_body=body)


def sign_in(
    browser: FrontendClient,
    idp: IdentityProvider,
    account: Account,
    *,
    third_party_id: str = "custom",
    **options: Any,
) -> HttpResponseBase:
    """The whole dance."""
    info = code_of(browser, idp, account, third_party_id=third_party_id, **options)
    body = {"thirdPartyId": third_party_id, "redirectURIInfo": info}
    if "client_type" in options:
        body["clientType"] = options["client_type"]
    return post(browser, body, tenant=options.get("tenant"))


def post_form(
    browser: FrontendClient, fields: Mapping[str, str], path: str = "/callback/apple"
) -> HttpResponseBase:
    """What Apple lets the browser send: a form, from another site."""
    return browser.request(
        "POST",
        browser.api_path(path, None),
        body=urlencode(fields).encode(),
        content_type="application/x-www-form-urlencoded",
        headers={"origin": "https://appleid.apple.com"},
    )


def configured(*providers: Mapping[str, Any]) -> supertokens_settings:
    """Settings that have these providers."""
    return supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": list(providers)})
