"""Sessions: making, verifying, refreshing and ending them.  Subclass point of the session recipe."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import sync_to_async
from django.http import HttpRequest

from supertokens_django.exceptions import SessionError, UnauthorisedError
from supertokens_django.recipes.session import (
    authentication,
    claims,
    liveness,
    policy,
    transport,
)
from supertokens_django.recipes.session.anonymous_verbs import AnonymousVerbs
from supertokens_django.recipes.session.claims import SessionClaimValidator, Validators
from supertokens_django.recipes.session.conf import VIA_TOKEN, SessionConf, session_conf
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.coroutines import finished
from supertokens_django.recipes.session.impersonation_verbs import ImpersonationVerbs
from supertokens_django.recipes.session.jwt_verbs import JwtVerbs
from supertokens_django.recipes.session.refresh_verbs import RefreshVerbs
from supertokens_django.recipes.session.verify import AccessToken
from supertokens_django.registry import lazy_service

ValidatorOverride = Callable[
    [list[SessionClaimValidator], SessionContainer], Validators | Awaitable[Validators]
]
"""``(validators, session) -> validators``: a function or a coroutine function."""


class SessionService(RefreshVerbs, AnonymousVerbs, ImpersonationVerbs, JwtVerbs):
    """The verbs of the session recipe; subclass it and name it in ``SUPERTOKENS["SESSION"]["SERVICE_CLASS"]``."""

    # Verifying one

    def get_session(
        self,
        request: HttpRequest,
        session_required: bool = True,
        anti_csrf_check: bool | None = None,
        check_database: bool = False,
        override_global_claim_validators: ValidatorOverride | None = None,
    ) -> SessionContainer | None:
        """Verify the session of a request; None when there is none and it is not required.

        ``anti_csrf_check`` None checks every method but GET.  ``check_database`` costs one query and notices a revoked
        session and a changed payload at once.

        Raises:
            UnauthorisedError: there is no session.
            TryRefreshTokenError: the access token has to be refreshed first.
            InvalidClaimsError: a claim validator refuses.
        """
        request = transport.django_request(request)
        transport.mark_read(request)
        presented = authentication.present(request)
        if presented is None:
            return self._without_session(request, session_required)
        checks = authentication.checks_anti_csrf(request, presented, anti_csrf_check)
        container = self._verify(
            presented.token,
            anti_csrf_token=transport.header(request, transport.ANTI_CSRF),
            checks_anti_csrf=checks,
            check_database=check_database,
            request=request,
        )
        container.attach_to_request_response(request, presented.method)
        self._check_global_claims(container, override_global_claim_validators)
        return container

    def verify_session(
        self,
        request: HttpRequest,
        session_required: bool = True,
        anti_csrf_check: bool | None = None,
        check_database: bool = False,
        override_global_claim_validators: ValidatorOverride | None = None,
    ) -> SessionContainer | None:
        """What ``@verify_session()`` does: :meth:`get_session`, and at ``POST`` to the refresh path a refresh (FDI).

        ``OPTIONS`` and ``TRACE`` carry no session: they pass as None where it is optional.

        Raises:
            UnauthorisedError, TryRefreshTokenError, InvalidClaimsError: see :meth:`get_session`.
            TokenTheftError: see :meth:`refresh_session`.
        """
        if request.method in ("OPTIONS", "TRACE"):
            return self._without_session(request, session_required)
        if policy.is_refresh(request):
            return self.refresh_session(request)
        return self.get_session(
            request, session_required, anti_csrf_check, check_database, override_global_claim_validators
        )

    async def averify_session(
        self,
        request: HttpRequest,
        session_required: bool = True,
        anti_csrf_check: bool | None = None,
        check_database: bool = False,
        override_global_claim_validators: ValidatorOverride | None = None,
    ) -> SessionContainer | None:
        """See :meth:`verify_session`."""
        return await sync_to_async(self.verify_session)(
            request, session_required, anti_csrf_check, check_database, override_global_claim_validators
        )

    async def aget_session(
        self,
        request: HttpRequest,
        session_required: bool = True,
        anti_csrf_check: bool | None = None,
        check_database: bool = False,
        override_global_claim_validators: ValidatorOverride | None = None,
    ) -> SessionContainer | None:
        """See :meth:`get_session`."""
        return await sync_to_async(self.get_session)(
            request, session_required, anti_csrf_check, check_database, override_global_claim_validators
        )

    def get_session_without_request_response(
        self,
        access_token: str,
        anti_csrf_token: str | None = None,
        anti_csrf_check: bool | None = None,
        session_required: bool = True,
        check_database: bool = False,
        override_global_claim_validators: ValidatorOverride | None = None,
    ) -> SessionContainer | None:
        """Verify an access token; see :meth:`get_session`.  The anti-CSRF token is compared unless told otherwise.

        Raises:
            ImproperlyConfigured: ``ANTI_CSRF`` is ``VIA_CUSTOM_HEADER``, which needs a request to look at.
        """
        checks = anti_csrf_check is not False
        policy.require_comparable_anti_csrf(checks)
        token = authentication.read(access_token)
        if token is None:
            return self._without_session(None, session_required)
        container = self._verify(
            token,
            anti_csrf_token=anti_csrf_token,
            checks_anti_csrf=checks and session_conf().anti_csrf == VIA_TOKEN,
            check_database=check_database,
        )
        self._check_global_claims(container, override_global_claim_validators)
        return container

    async def aget_session_without_request_response(
        self,
        access_token: str,
        anti_csrf_token: str | None = None,
        anti_csrf_check: bool | None = None,
        session_required: bool = True,
        check_database: bool = False,
        override_global_claim_validators: ValidatorOverride | None = None,
    ) -> SessionContainer | None:
        """See :meth:`get_session_without_request_response`."""
        return await sync_to_async(self.get_session_without_request_response)(
            access_token,
            anti_csrf_token,
            anti_csrf_check,
            session_required,
            check_database,
            override_global_claim_validators,
        )

    def verifies_locally(
        self,
        request: HttpRequest,
        check_database: bool = False,
        override_global_claim_validators: ValidatorOverride | None = None,
    ) -> bool:
        """Tell whether :meth:`verify_session` will need no database, so that an async caller needs no thread for it."""
        if check_database or override_global_claim_validators is not None or policy.is_refresh(request):
            return False
        own = type(self)
        if (own.get_session, own.verify_session, own.get_global_claim_validators) != (
            SessionService.get_session,
            SessionService.verify_session,
            SessionService.get_global_claim_validators,
        ):
            return False
        try:
            presented = authentication.present(transport.django_request(request))
            if presented is None:
                return True
            token = presented.token
            if not authentication.is_local(token):
                return False
            # First, for validators may trust what they are shown.
            authentication.verify_token(token, anti_csrf_token=None, checks_anti_csrf=False)
        except SessionError:
            return True
        validators = self._global_claim_validators(token.tenant_id, token.user_id, token.recipe_user_id)
        return all(claims.decides_by_payload(validator, token.payload) for validator in validators)

    def peek_session(self, request: HttpRequest) -> SessionContainer | None:
        """The session that a request proves, for ``request.user``: no claims, no error, nothing sent or set.

        A cookie counts for an unsafe method only with proof against cross-site requests: our anti-CSRF check, or
        Django's, where that has let the request pass.
        """
        request = transport.django_request(request)
        transport.mark_read(request)
        try:
            presented = authentication.present(request)
            if presented is None:
                return None
            is_proven = policy.is_proven(request)
            checks = authentication.checks_anti_csrf(request, presented, False if is_proven else None)
            return self._verify(
                presented.token,
                anti_csrf_token=transport.header(request, transport.ANTI_CSRF),
                checks_anti_csrf=checks,
                check_database=False,
                request=request,
            )
        except SessionError:
            return None

    def _verify(
        self,
        token: AccessToken,
        *,
        anti_csrf_token: str | None,
        checks_anti_csrf: bool,
        check_database: bool,
        request: HttpRequest | None = None,
    ) -> SessionContainer:
        authentication.verify_token(token, anti_csrf_token=anti_csrf_token, checks_anti_csrf=checks_anti_csrf)
        if not check_database:
            liveness.require_in_cache(token, request)
            return SessionContainer(self, token)
        current = liveness.checked_against_database(token)
        # A token that is renewed here goes out with the anti-CSRF token that the client has already.
        is_renewed = current is not token
        return SessionContainer(
            self,
            current,
            anti_csrf_token=anti_csrf_token if is_renewed else None,
            access_token_updated=is_renewed,
        )

    @staticmethod
    def _without_session(request: HttpRequest | None, session_required: bool | None) -> None:
        if session_required is not False:  # SuperTokens' SDKs take None for True
            raise UnauthorisedError(
                "Session does not exist. Are you sending the session tokens?", clear_tokens=False
            )
        if request is not None:
            request.supertokens = None  # type: ignore[attr-defined]

    def _check_global_claims(self, container: SessionContainer, override: ValidatorOverride | None) -> None:
        if override is None and not self._has_global_claim_validators():
            return
        validators = self._global_claim_validators(
            container.get_tenant_id(), container.get_user_id(), container.get_recipe_user_id()
        )
        if override is not None:
            validators = list(finished(override(validators, container)))
        if validators:
            self.assert_claims(container, validators)


session: SessionService = lazy_service(SessionService, SessionConf)
