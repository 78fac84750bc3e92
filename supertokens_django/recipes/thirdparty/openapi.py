"""Third-party login in the OpenAPI document."""

from __future__ import annotations

from supertokens_django.http.openapi import FLAG, TEXT, Answer, Operation, Schema, header, parameter, record
from supertokens_django.recipes.session import openapi as session
from supertokens_django.recipes.thirdparty import exceptions, inputs
from supertokens_django.recipes.thirdparty.exceptions import NoEmailGivenByProvider, SignInUpNotAllowed
from supertokens_django.users.openapi import ANY_USER

THIRD_PARTY_ID = {**TEXT, "examples": ["google"]}
CLIENT_TYPE = {**TEXT, "description": "Which of several clients of the provider is meant."}
REDIRECT_URI = {**TEXT, "examples": ["https://acme.com/auth/callback/google"]}

PROVIDER_REFUSED = (
    "the provider google could not be found in the configuration",
    "the provider google has several clients; please provide the clientType",
    "the provider google has no client with the clientType ios",
)
REDIRECT_INFO = record(
    {
        "redirectURIOnProviderDashboard": REDIRECT_URI,
        "redirectURIQueryParams": {**record({"code": TEXT}, optional=["code"]), "additionalProperties": True},
        "pkceCodeVerifier": {"type": ["string", "null"]},
    },
    optional=["pkceCodeVerifier"],
)
OAUTH_TOKENS = {
    **record({"access_token": TEXT, "id_token": TEXT}, optional=["access_token", "id_token"]),
    "minProperties": 1,
}

LOCATION = header("Location", "Where the browser goes on.")


def operations() -> list[Operation]:
    return [_authorisation_url(), _sign_in_up(), _callback_apple()]


def _authorisation_url() -> Operation:
    return Operation(
        endpoint="thirdparty:authorisationurl",
        summary="Tell where at a provider a sign-in begins",
        answers=[
            Answer(
                name="AuthorisationUrl",
                description="The frontend appends its `state`, and keeps the verifier until the code is there.",
                status="OK",
                properties={
                    "urlWithQueryParams": {**TEXT, "format": "uri"},
                    "pkceCodeVerifier": {"type": ["string", "null"], "description": "Null without PKCE."},
                },
            )
        ],
        parameters=[
            parameter("thirdPartyId", "query", "The provider.", THIRD_PARTY_ID, as_="ThirdPartyId"),
            parameter(
                "redirectURIOnProviderDashboard",
                "query",
                "Where the provider sends the browser afterwards, as registered there.",
                REDIRECT_URI,
                as_="RedirectUri",
            ),
            session.RECIPE_ID,
        ],
        bad_input=[
            "Please provide the thirdPartyId as a GET param",
            "Please provide the redirectURIOnProviderDashboard as a GET param",
            *PROVIDER_REFUSED,
        ],
    )


def _sign_in_up() -> Operation:
    return Operation(
        endpoint="thirdparty:signinup",
        summary="Sign in with a provider; the first time it creates the account",
        description=(
            "By the code that the provider's redirect has brought, or by tokens that the provider has given to an app "
            "on a device. With both the redirect counts."
        ),
        answers=[
            _signed_in(),
            Answer(
                name="NoEmailGiven",
                description="The provider told no e-mail address, and one is required.",
                status=NoEmailGivenByProvider.status,
            ),
            Answer(
                name="SignInUpNotAllowed",
                description="The user is switched off, or the e-mail address is another user's.",
                status=SignInUpNotAllowed.status,
                properties={"reason": {**TEXT, "examples": [exceptions.SIGN_IN_REFUSED]}},
            ),
            session.unauthorised(),
            session.try_refresh_token(),
            session.insecure_cookie(),
        ],
        parameters=[session.TRANSFER_METHOD, session.FDI_VERSION, session.RECIPE_ID, session.ANTI_CSRF],
        security=session.ACCESS_TOKEN,
        needs_session=False,
        body=_body(),
        bad_input=[
            "Please provide a JSON input",
            "Please provide the thirdPartyId in request body",
            "Please provide the redirectURIOnProviderDashboard in request body",
            "Please provide one of redirectURIInfo or oAuthTokens in the request body",
            inputs.CODE_MISSING,
            *PROVIDER_REFUSED,
        ],
    )


def _callback_apple() -> Operation:
    return Operation(
        endpoint="thirdparty:callback_apple",
        summary="Send a browser that comes with Apple's form on to the website",
        description=(
            "Apple posts a form here, with `state`, `code` and at the first sign-in `user`. The browser goes on to the "
            "`frontendRedirectURI` in the state (Base64 of JSON), if that is the website's callback."
        ),
        answers=[
            Answer(
                name="GoOn",
                description="By GET to the website's callback, with the fields of the form in the query.",
                http_status=303,
                is_empty=True,
                headers={"Location": LOCATION},
            )
        ],
        body={
            **record({"state": TEXT, "code": TEXT, "user": TEXT}, optional=["code", "user"]),
            "additionalProperties": TEXT,
        },
        is_form=True,
        bad_input=[
            "The form cannot be read",
            "The state has no valid frontendRedirectURI",
            "The frontendRedirectURI of the state is not the callback of this website",
        ],
    )


def _signed_in() -> Answer:
    return Answer(
        name="SignedInUp",
        description=(
            "A session has begun; its tokens are in the headers. `createdNewRecipeUser` is for clients of FDI 1.18, "
            "1.19 and from 3.0, `createdNewUser` for those of 1.17 and 2.0."
        ),
        status="OK",
        properties={"createdNewRecipeUser": FLAG, "createdNewUser": FLAG, "user": ANY_USER},
        optional=["createdNewRecipeUser", "createdNewUser"],
        headers=session.SESSION_HEADERS,
    )


def _body() -> Schema:
    known = record(
        {
            "thirdPartyId": THIRD_PARTY_ID,
            "clientType": CLIENT_TYPE,
            "redirectURIInfo": REDIRECT_INFO,
            "oAuthTokens": OAUTH_TOKENS,
            "shouldTryLinkingWithSessionUser": FLAG,
        },
        optional=["clientType", "redirectURIInfo", "oAuthTokens", "shouldTryLinkingWithSessionUser"],
    )
    return {**known, "anyOf": [{"required": ["redirectURIInfo"]}, {"required": ["oAuthTokens"]}]}
