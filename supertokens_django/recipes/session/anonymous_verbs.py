"""Sessions of visitors who have no account, until they sign in or up."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest

from supertokens_django import clock, db
from supertokens_django.exceptions import SessionError
from supertokens_django.recipes.multitenancy.service import normalise_tenant_id
from supertokens_django.recipes.session import authentication, policy, rows, tokens, transport
from supertokens_django.recipes.session import payload as payloads
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.creation_verbs import CreationVerbs
from supertokens_django.recipes.session.information import AnonymousSession
from supertokens_django.recipes.session.verify import AccessToken
from supertokens_django.users.accounts import WireIdentity


class AnonymousVerbs(CreationVerbs):
    """The part of :class:`SessionService` about anonymous sessions."""

    def create_anonymous_session(
        self,
        request: HttpRequest,
        tenant_id: str = "public",
        access_token_payload: Mapping[str, Any] | None = None,
        session_data_in_database: Mapping[str, Any] | None = None,
    ) -> SessionContainer:
        """Make a session of a user id that is new and nobody's, and send its tokens with the response to ``request``.

        The access token says so (claim ``st-anonymous``), ``request.user`` stays anonymous, and a sign-in or sign-up
        in the same browser takes over what it holds.  Everybody can cause such a row to be written: limit the rate.

        Raises:
            InsecureCookieError: a cross-site cookie session without https.
            UnknownTenantError: there is no such tenant.
        """
        request, user_id = transport.django_request(request), str(uuid.uuid4())
        return self._create_and_send(
            request,
            tenant_id,
            WireIdentity(user_id, user_id, None),
            access_token_payload,
            session_data_in_database,
            rows.Nature(is_anonymous=True),
        )

    async def acreate_anonymous_session(
        self,
        request: HttpRequest,
        tenant_id: str = "public",
        access_token_payload: Mapping[str, Any] | None = None,
        session_data_in_database: Mapping[str, Any] | None = None,
    ) -> SessionContainer:
        """See :meth:`create_anonymous_session`."""
        return await sync_to_async(self.create_anonymous_session)(
            request, tenant_id, access_token_payload, session_data_in_database
        )

    def leave_anonymous_session(
        self, request: HttpRequest, tenant_id: str = "public"
    ) -> AnonymousSession | None:
        """End the anonymous session of a request and give what it held; None without one in this tenant.

        Every sign-in and sign-up calls it in its transaction, and hands payload and data on to the new session.
        Override it to hand on something else.  Its access token may have expired; what other sites send does not count.
        """
        request = transport.django_request(request)
        token = _presented(request)
        if token is None or token.tenant_id != normalise_tenant_id(tenant_id):
            return None
        return _leave(token)

    async def aleave_anonymous_session(
        self, request: HttpRequest, tenant_id: str = "public"
    ) -> AnonymousSession | None:
        """See :meth:`leave_anonymous_session`."""
        return await sync_to_async(self.leave_anonymous_session)(request, tenant_id)


def _presented(request: HttpRequest) -> AccessToken | None:
    """The signed access token of an anonymous session that the sender of a request proves to be their own."""
    try:
        presented = authentication.present(request)
        if presented is None or tokens.ANONYMOUS not in presented.token.payload:
            return None
        checks = authentication.checks_anti_csrf(
            request, presented, False if policy.is_proven(request) else None
        )
        token = authentication.signed_token(request)
    except SessionError:
        return None
    given = transport.header(request, transport.ANTI_CSRF)
    if token is None or (checks and (given is None or token.anti_csrf_token != given)):
        return None
    return token


@db.transactional
def _leave(token: AccessToken) -> AnonymousSession | None:
    row = rows.hold(token.session_handle)
    if row is None or not row.is_anonymous or row.expires_at <= clock.now():
        return None
    if not policy.is_of_current_lineage(token, rows.state_of(row)):
        return None  # of tokens that have been replaced, somebody else may have a copy
    rows.revoke([row.handle])
    return AnonymousSession(
        row.recipe_user_id, payloads.without_claims(row.access_token_payload), row.session_data
    )
