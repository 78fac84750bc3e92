"""Sessions in the OpenAPI document: the endpoints, and what others need who start, read or end a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from supertokens_django.exceptions import (
    ClearDuplicateSessionCookiesError,
    DuplicateSessionCookiesError,
    InsecureCookieError,
    InvalidClaimsError,
    SessionError,
    TokenTheftError,
    TryRefreshTokenError,
    UnauthorisedError,
)
from supertokens_django.http.openapi import (
    TEXT,
    Answer,
    Component,
    Operation,
    array,
    header,
    parameter,
    record,
)
from supertokens_django.recipes.session import transport
from supertokens_django.recipes.session.conf import session_conf

SESSION_HEADERS: Mapping[str, Component] = {
    transport.FRONT_TOKEN: header(
        "FrontToken",
        "Base64 of JSON with `uid`, `ate` (expiry of the access token in milliseconds since the epoch) and `up` (its "
        "payload); `remove` when the client is to forget its session.",
    ),
    transport.ACCESS_HEADER: header(
        "AccessToken", "The access token, where tokens travel in headers. Empty to take it away."
    ),
    transport.REFRESH_HEADER: header(
        "RefreshToken", "The refresh token, where tokens travel in headers. Empty to take it away."
    ),
    transport.ANTI_CSRF: header("AntiCsrfToken", "To be sent back with every request that is no GET."),
    "Set-Cookie": header(
        "SessionCookies",
        "`sAccessToken` and `sRefreshToken`, a header each, where tokens travel in cookies. Expired in 1970 to take "
        "them away.",
    ),
    "Access-Control-Expose-Headers": header("ExposedHeaders", "Names those of the above that are there."),
}
"""How tokens reach the client, or are taken from it."""

TRANSFER_METHOD = parameter(
    transport.AUTH_MODE,
    "header",
    "How the tokens of a new session travel: `cookie`, anything else means `header`.",
    as_="TransferMethod",
)
RECIPE_ID = parameter(
    transport.RECIPE_ID,
    "header",
    "Proof that no other site sends the request, where anti-CSRF is by custom header. Any value will do.",
    as_="RecipeId",
)
ANTI_CSRF = parameter(
    transport.ANTI_CSRF, "header", "The anti-CSRF token, where anti-CSRF is by token.", as_="AntiCsrf"
)
FDI_VERSION = parameter(
    "fdi-version",
    "header",
    "Versions of the Frontend Driver Interface that the client speaks, separated by commas; the highest counts.",
    as_="FdiVersion",
)


def _token(name: str, scheme: Mapping[str, Any]) -> Component:
    return Component("securitySchemes", name, scheme)


ACCESS_COOKIE = _token(
    "accessTokenCookie", {"type": "apiKey", "in": "cookie", "name": transport.ACCESS_COOKIE}
)
ACCESS_BEARER = _token("accessToken", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
REFRESH_COOKIE = _token(
    "refreshTokenCookie", {"type": "apiKey", "in": "cookie", "name": transport.REFRESH_COOKIE}
)
REFRESH_BEARER = _token("refreshToken", {"type": "http", "scheme": "bearer"})
ACCESS_TOKEN = (ACCESS_COOKIE, ACCESS_BEARER)


def _answer(error: type[SessionError], name: str, description: str, **more: Any) -> Answer:
    """The answer to a session error; with the project's own ``ERROR_HANDLERS`` it is theirs."""
    return Answer(
        name=name,
        description=description,
        properties={"message": {"const": error.message}},
        is_free=session_conf().error_handlers is not None,
        **more,
    )


def _refused(error: type[SessionError], name: str, description: str, **more: Any) -> Answer:
    status = session_conf().session_expired_status_code
    return _answer(error, name, description, http_status=status, headers=SESSION_HEADERS, **more)


def unauthorised() -> Answer:
    return _refused(UnauthorisedError, "Unauthorised", "There is no session, or it has ended.")


def try_refresh_token() -> Answer:
    return _refused(
        TryRefreshTokenError,
        "TryRefreshToken",
        "The access token cannot be used: refresh, and send it again.",
    )


def invalid_claim() -> Answer:
    """What a view of the project answers when a claim validator refuses."""
    found = _answer(
        InvalidClaimsError,
        "InvalidClaim",
        "The session is valid, but some of its claims are not good enough.",
        http_status=session_conf().invalid_claim_status_code,
        headers=SESSION_HEADERS,
    )
    errors = array(record({"id": TEXT, "reason": {}}, optional=["reason"]))
    return replace(found, properties={**found.properties, "claimValidationErrors": errors})


def insecure_cookie() -> Answer:
    """What a sign-in answers where no browser would send the cookies back: a mistake in the settings."""
    return _answer(
        InsecureCookieError,
        "InsecureCookie",
        "API and website are different sites, and cookies are not secure.",
        http_status=500,
    )


def operations() -> list[Operation]:
    return [_refresh(), _sign_out()]


def _refresh() -> Operation:
    theft = "A refresh token was used again that had been replaced; its session is revoked."
    duplicates = "Cookies came twice, of two domains."
    return Operation(
        endpoint="session:refresh",
        summary="Exchange the refresh token",
        description="Repeated within the grace period, it gives the same refresh token again.",
        answers=[
            Answer(
                name="Refreshed", description="The new tokens are in the headers.", headers=SESSION_HEADERS
            ),
            _answer(
                ClearDuplicateSessionCookiesError,
                "DuplicateCookiesCleared",
                f"{duplicates} Those of the older domain are cleared.",
                headers=SESSION_HEADERS,
            ),
            unauthorised(),
            _refused(TokenTheftError, "TokenTheftDetected", theft),
            _answer(
                DuplicateSessionCookiesError,
                "DuplicateCookies",
                f"{duplicates} The setting `OLDER_COOKIE_DOMAIN` is missing.",
                http_status=500,
            ),
        ],
        parameters=[RECIPE_ID, ANTI_CSRF],
        security=[REFRESH_COOKIE, REFRESH_BEARER],
    )


def _sign_out() -> Operation:
    return Operation(
        endpoint="session:signout",
        summary="End the session",
        answers=[
            Answer(
                name="SignedOut",
                description="The session is over, and was perhaps already.",
                status="OK",
                headers=SESSION_HEADERS,
            ),
            unauthorised(),
            try_refresh_token(),
        ],
        parameters=[RECIPE_ID, ANTI_CSRF],
        security=ACCESS_TOKEN,
    )
