"""Errors as responses: the one place for it, of session errors and all others."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from supertokens_django.exceptions import (
    ClearDuplicateSessionCookiesError,
    InvalidClaimsError,
    SessionError,
    SuperTokensError,
    TokenTheftError,
    TryRefreshTokenError,
    UnauthorisedError,
)
from supertokens_django.http.fdi import is_frontend
from supertokens_django.http.responses import add_headers, json_response
from supertokens_django.limits.exceptions import LimitError
from supertokens_django.recipes.session import policy, transport
from supertokens_django.recipes.session.conf import session_conf
from supertokens_django.recipes.session.information import SessionInformation
from supertokens_django.recipes.session.service import session

logger = logging.getLogger("supertokens_django")


class ErrorHandlers:
    """Responses to session errors.  Subclass it and name it in ``SUPERTOKENS["SESSION"]["ERROR_HANDLERS"]``.

    Every method gets the response that would be sent and returns the one to send; clearing tokens is not its business.
    """

    def on_unauthorised(self, request: HttpRequest, message: str, response: HttpResponse) -> HttpResponse:
        return response

    def on_try_refresh_token(
        self, request: HttpRequest, message: str, response: HttpResponse
    ) -> HttpResponse:
        return response

    def on_token_theft_detected(
        self,
        request: HttpRequest,
        session_handle: str,
        user_id: str,
        recipe_user_id: str,
        response: HttpResponse,
    ) -> HttpResponse:
        return response

    def on_invalid_claim(
        self, request: HttpRequest, claim_validation_errors: Sequence[dict[str, Any]], response: HttpResponse
    ) -> HttpResponse:
        return response

    def on_clear_duplicate_session_cookies(
        self, request: HttpRequest, message: str, response: HttpResponse
    ) -> HttpResponse:
        return response


def error_response(request: HttpRequest, error: SuperTokensError) -> HttpResponse:
    """Turn an error into the response that FDI has for it."""
    request = transport.django_request(request)
    if not isinstance(error, SessionError):
        return _refusal(request, error)
    if isinstance(error, TokenTheftError) and session.revoke_session(error.session_handle):
        # A transaction of the caller had undone the revocation, and the signal with it.
        session._announce_theft(request, error)
    if _clears_tokens(request, error):
        for method in transport.METHODS:
            transport.queue(request, transport.clear_tokens(request, method))
    response = _uncached(json_response(error.body(), _status(error)))
    if error.http_status >= 500:
        logger.error("%s %s: %s", request.method, request.path, error.message)
        response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log it a second time
    handled = _handled(request, error, response)
    is_of_the_session = response.status_code == session_conf().session_expired_status_code
    if handled is response and (is_of_the_session or isinstance(error, InvalidClaimsError)):
        response._supertokens_refusal = error  # type: ignore[attr-defined]
    return handled


def _refusal(request: HttpRequest, error: SuperTokensError) -> HttpResponse:
    """Frontends throw away the text of what is not 200 (FDI); every other client is told the HTTP status."""
    is_spared = isinstance(error, LimitError) and is_frontend(request)
    response = json_response(error.body(), 200 if is_spared else error.http_status)
    add_headers(response, error.headers())
    return _uncached(response)


def refusal_of(response: HttpResponseBase) -> SessionError | None:
    """The session error that a response of :func:`error_response` tells of, where a session or better claims help.

    None for what a handler of the project's has answered.
    """
    return getattr(response, "_supertokens_refusal", None)


def _clears_tokens(request: HttpRequest, error: SessionError) -> bool:
    """Tell whether the client is to drop its tokens.  Not for a form of another site: it would sign its visitor out."""
    if isinstance(error, UnauthorisedError):
        return error.clear_tokens and not policy.was_sent_by_another_site(request)
    return isinstance(error, TokenTheftError)


def _uncached(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    return response


def _status(error: SessionError) -> int:
    if isinstance(error, InvalidClaimsError):
        return session_conf().invalid_claim_status_code
    if isinstance(error, UnauthorisedError | TryRefreshTokenError | TokenTheftError):
        return session_conf().session_expired_status_code
    return error.http_status


def _handled(request: HttpRequest, error: SessionError, response: HttpResponse) -> HttpResponse:
    """Ask the project's error handlers, where it has some."""
    handlers: ErrorHandlers | None = session_conf().error_handlers
    if handlers is None:
        return response
    if isinstance(error, UnauthorisedError):
        return handlers.on_unauthorised(request, str(error), response)
    if isinstance(error, TryRefreshTokenError):
        return handlers.on_try_refresh_token(request, str(error), response)
    if isinstance(error, TokenTheftError):
        return handlers.on_token_theft_detected(
            request, error.session_handle, error.user_id, error.recipe_user_id, response
        )
    if isinstance(error, InvalidClaimsError):
        return handlers.on_invalid_claim(request, error.errors, response)
    if isinstance(error, ClearDuplicateSessionCookiesError):
        return handlers.on_clear_duplicate_session_cookies(request, error.message, response)
    return response


def session_information_to_json(information: SessionInformation) -> dict[str, Any]:
    """A stored session under the names of SuperTokens' SDKs."""
    return {
        "sessionHandle": information.session_handle,
        "userId": information.user_id,
        "recipeUserId": information.recipe_user_id,
        "sessionDataInDatabase": information.session_data_in_database,
        "expiry": information.expiry,
        "customClaimsInAccessTokenPayload": information.custom_claims_in_access_token_payload,
        "timeCreated": information.time_created,
        "tenantId": information.tenant_id,
    }
