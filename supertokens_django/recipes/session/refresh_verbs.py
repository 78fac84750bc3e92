"""Refreshing sessions."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from supertokens_django import db
from supertokens_django.exceptions import TokenTheftError, UnauthorisedError
from supertokens_django.recipes.session import (
    authentication,
    impersonation,
    policy,
    rows,
    signals,
    tokens,
    transport,
)
from supertokens_django.recipes.session.by_handle import HandleVerbs
from supertokens_django.recipes.session.conf import VIA_CUSTOM_HEADER, VIA_TOKEN, anti_csrf_mode, session_conf
from supertokens_django.recipes.session.container import SessionContainer, new_container
from supertokens_django.recipes.session.signals import announce, announce_theft


class RefreshVerbs(HandleVerbs):
    """The part of :class:`SessionService` that exchanges refresh tokens."""

    def refresh_session(self, request: HttpRequest) -> SessionContainer:
        """Exchange the refresh token of a request for new tokens, by the method it came with.

        Raises:
            UnauthorisedError: there is no refresh token, it is not good, or its session is gone.
            TokenTheftError: the token was replaced longer ago than the grace period; the session has been revoked.
            ClearDuplicateSessionCookiesError, DuplicateSessionCookiesError: cookies of two domains or paths came.
        """
        request = transport.django_request(request)
        policy.refuse_duplicates(request)
        try:
            presented = authentication.present_for_refresh(request)
            is_header = presented.method == transport.HEADER
            mode = anti_csrf_mode(request)
            if not is_header and mode == VIA_CUSTOM_HEADER and not policy.has_custom_header(request):
                raise UnauthorisedError(
                    "anti-csrf check failed. Please pass 'rid: \"session\"' header in the request."
                )
            container = self._refresh(
                presented.raw,
                anti_csrf_token=transport.header(request, transport.ANTI_CSRF),
                uses_anti_csrf=not is_header and mode == VIA_TOKEN,
                request=request,
            )
        except (UnauthorisedError, TokenTheftError):
            policy.clear_legacy_cookie(request)
            raise
        for other in presented.others:
            transport.queue(request, transport.clear_tokens(request, other))
        container.attach_to_request_response(request, presented.method)
        policy.clear_legacy_cookie(request)
        return container

    async def arefresh_session(self, request: HttpRequest) -> SessionContainer:
        """See :meth:`refresh_session`."""
        return await sync_to_async(self.refresh_session)(request)

    def refresh_session_without_request_response(
        self, refresh_token: str, disable_anti_csrf: bool = False, anti_csrf_token: str | None = None
    ) -> SessionContainer:
        """Exchange a refresh token; the caller delivers the new tokens.

        Raises:
            UnauthorisedError: the token is not good, or its session is gone.
            TokenTheftError: the token was replaced longer ago than the grace period.
            ImproperlyConfigured: ``ANTI_CSRF`` is ``VIA_CUSTOM_HEADER``, which needs a request to look at.
        """
        policy.require_comparable_anti_csrf(not disable_anti_csrf)
        return self._refresh(
            refresh_token,
            anti_csrf_token=anti_csrf_token,
            uses_anti_csrf=not disable_anti_csrf and session_conf().anti_csrf == VIA_TOKEN,
            request=None,
        )

    async def arefresh_session_without_request_response(
        self, refresh_token: str, disable_anti_csrf: bool = False, anti_csrf_token: str | None = None
    ) -> SessionContainer:
        """See :meth:`refresh_session_without_request_response`."""
        return await sync_to_async(self.refresh_session_without_request_response)(
            refresh_token, disable_anti_csrf, anti_csrf_token
        )

    @sensitive_variables()
    def _refresh(
        self, raw: str, *, anti_csrf_token: str | None, uses_anti_csrf: bool, request: HttpRequest | None
    ) -> SessionContainer:
        presented = tokens.read_refresh_token(raw)
        if presented is None:
            raise UnauthorisedError("Invalid refresh token")
        verdict, state = rows.refresh(
            presented,
            anti_csrf_token=anti_csrf_token,
            checks_anti_csrf=uses_anti_csrf,
            issues_anti_csrf=uses_anti_csrf,
            device=policy.device_of(request),
        )
        if verdict is rows.Verdict.REUSED:
            theft = TokenTheftError(state.row.handle, state.user_id, state.row.recipe_user_id)
            self._announce_theft(request, theft)
            raise theft
        if state.row.actor_id is not None and not impersonation.is_still_allowed(self, state):
            self._end_impersonation(request, state)
            raise UnauthorisedError("The actor may not act as this user any more")
        announce(signals.session_refreshed, type(self), request, state)
        return new_container(self, state, with_anti_csrf_token=uses_anti_csrf)

    @db.transactional
    def _end_impersonation(self, request: HttpRequest | None, state: rows.SessionState) -> None:
        self.revoke_session(state.row.handle)
        impersonation.note_end(type(self), request, state)

    def _announce_theft(self, request: HttpRequest | None, theft: TokenTheftError) -> None:
        announce_theft(type(self), request, theft)
