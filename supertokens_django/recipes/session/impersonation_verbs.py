"""Staff who act as a user: visible in the token, logged, and for a short time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.utils.translation import gettext as _

from supertokens_django import clock, db
from supertokens_django.exceptions import BadInputError
from supertokens_django.recipes.multitenancy.service import PUBLIC_TENANT, normalise_tenant_id
from supertokens_django.recipes.session import impersonation, mint, policy, rows, transport
from supertokens_django.recipes.session.conf import session_conf
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.creation_verbs import CreationVerbs
from supertokens_django.recipes.session.exceptions import ImpersonationForbidden
from supertokens_django.users import accounts, details
from supertokens_django.users.exceptions import UnknownUserId
from supertokens_django.users.models import User
from supertokens_django.users.service import users

REASON_LENGTH = 255


class ImpersonationVerbs(CreationVerbs):
    """The part of :class:`SessionService` about acting as somebody else."""

    if TYPE_CHECKING:

        def peek_session(self, request: HttpRequest) -> SessionContainer | None: ...
        def _check_global_claims(self, container: SessionContainer, override: None) -> None: ...

    def impersonate(
        self, request: HttpRequest, user_id: str, reason: str = "", tenant_id: str | None = None
    ) -> SessionContainer:
        """Make a session of ``user_id`` in which the Django user of the request acts; its tokens go out by cookie,
        unless the request asks for headers.

        It ends after ``IMPERSONATION_LIFETIME``, refreshed or not.  The user's last activity is not touched, and no
        ``user_logged_in`` is sent.  Without ``tenant_id`` it is ``public`` or the first tenant that the user is in.

        Raises:
            ImpersonationForbidden: the rule of :mod:`.impersonation` says no, the actor acts as somebody else already,
                or the method of the request is one that changes nothing.
            InvalidClaimsError: the actor's own session does not pass the usual claim validators.
            UnknownUserId: there is no such user in the tenant.
            BadInputError: the reason is longer than 255 characters, or no text that a database takes.
            InsecureCookieError: a cross-site cookie session without https.
        """
        request = transport.django_request(request)
        actor = self._actor(request)
        _require_storable(reason)
        if session_conf().get_token_transfer_method is None and not transport.header(
            request, transport.AUTH_MODE
        ):
            transport.prefer(request, transport.COOKIE)
        mint.have_signing_key()
        return self._impersonate(request, actor.pk, user_id, reason, tenant_id)

    async def aimpersonate(
        self, request: HttpRequest, user_id: str, reason: str = "", tenant_id: str | None = None
    ) -> SessionContainer:
        """See :meth:`impersonate`."""
        return await sync_to_async(self.impersonate)(request, user_id, reason, tenant_id)

    def stop_impersonating(self, request: HttpRequest) -> bool:
        """End the request's session, where somebody acts as its user in it, and clear its tokens; tells whether."""
        request = transport.django_request(request)
        found = getattr(request, "supertokens", None) or self.peek_session(request)
        if found is None or found.get_actor() is None:
            return False
        self._stop(request, found)
        if getattr(request, "supertokens", None) is not found:
            transport.clear_presented(request)
        return True

    async def astop_impersonating(self, request: HttpRequest) -> bool:
        """See :meth:`stop_impersonating`."""
        return await sync_to_async(self.stop_impersonating)(request)

    def _actor(self, request: HttpRequest) -> Any:
        """The Django user of the request, in person.  Nothing is looked up for those who may not act at all."""
        if request.method in policy.SAFE_METHODS:
            raise ImpersonationForbidden("Impersonation is started by POST.")
        actor: Any = getattr(request, "user", None)
        own = getattr(request, "supertokens", None) or self.peek_session(request)
        if own is not None and actor is not None and own.get_user_id() == impersonation.sub_of(actor):
            if own.get_actor() is not None:
                raise ImpersonationForbidden(_("You act as another user already."))
            self._check_global_claims(own, None)
        impersonation.require_actor(actor)
        return actor

    @db.transactional
    def _stop(self, request: HttpRequest, found: SessionContainer) -> None:
        state = rows.find(found.get_handle())
        found.revoke_session()
        if state is not None:
            impersonation.note_end(type(self), request, state)

    @db.transactional
    def _impersonate(
        self, request: HttpRequest, actor_pk: Any, user_id: str, reason: str, tenant_id: str | None
    ) -> SessionContainer:
        user, who, tenant_id = _target(user_id, tenant_id)
        actor, target = impersonation.held(actor_pk, user)
        impersonation.require_allowed(self, actor, target, tenant_id, who.user_id)
        nature = rows.Nature(
            actor=actor,
            actor_sub=impersonation.sub_of(actor),
            reason=reason,
            ends_at=clock.now() + session_conf().impersonation_lifetime,
        )
        made = self._create_and_send(request, tenant_id, who, None, None, nature)
        impersonation.note_start(type(self), request, made, user, nature)
        return made


def _require_storable(reason: str) -> None:
    if len(reason) > REASON_LENGTH:
        raise BadInputError(f"reason must have at most {REASON_LENGTH} characters")
    try:
        reason.encode()
    except UnicodeEncodeError as error:
        raise BadInputError("reason is not valid Unicode") from error
    if "\x00" in reason:
        raise BadInputError("reason contains a NUL character")


def _target(user_id: str, tenant_id: str | None) -> tuple[User, accounts.WireIdentity, str]:
    """Whom to act as: by the login method that was named, else by the oldest, in a tenant that it is in."""
    wanted = None if tenant_id is None else normalise_tenant_id(tenant_id)
    if (user := users.get_user(user_id)) is None:
        raise UnknownUserId
    found = details.of(user)
    for method in sorted(found.methods, key=lambda method: method.wire_id != user_id):
        tenants = sorted(method.tenant_ids, key=lambda tenant: (tenant != PUBLIC_TENANT, tenant))
        for tenant in tenants:
            if wanted in (None, tenant):
                return user, accounts.WireIdentity(found.wire_id, method.wire_id, method.method), tenant
    raise UnknownUserId
