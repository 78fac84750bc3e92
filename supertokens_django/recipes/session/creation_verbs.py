"""Making sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.utils.translation import gettext as _

from supertokens_django import registry
from supertokens_django.recipes.multitenancy.service import require_tenant
from supertokens_django.recipes.session import claims, identity, policy, rows, signals, transport
from supertokens_django.recipes.session import payload as payloads
from supertokens_django.recipes.session.by_handle import HandleVerbs
from supertokens_django.recipes.session.conf import VIA_TOKEN, anti_csrf_mode, session_conf
from supertokens_django.recipes.session.container import SessionContainer, new_container
from supertokens_django.recipes.session.exceptions import ImpersonationForbidden
from supertokens_django.recipes.session.signals import announce
from supertokens_django.users import accounts


class CreationVerbs(HandleVerbs):
    """The part of :class:`SessionService` that makes sessions."""

    def create_new_session(
        self,
        request: HttpRequest,
        tenant_id: str,
        recipe_user_id: str,
        access_token_payload: Mapping[str, Any] | None = None,
        session_data_in_database: Mapping[str, Any] | None = None,
    ) -> SessionContainer:
        """Make a session and send its tokens with the response to ``request``.

        ``recipe_user_id`` may be any id; one of ours (or mapped to one of ours) ties the session to its user.

        Raises:
            ImpersonationForbidden: somebody acts as this user in the request's session; it would last without them.
            InsecureCookieError: a cross-site cookie session without https.
            UnknownTenantError: there is no such tenant.
        """
        request = transport.django_request(request)
        who = identity.recall(request, recipe_user_id) or accounts.resolve(recipe_user_id)
        _refuse_to_outlast(request, who)
        return self._create_and_send(request, tenant_id, who, access_token_payload, session_data_in_database)

    async def acreate_new_session(
        self,
        request: HttpRequest,
        tenant_id: str,
        recipe_user_id: str,
        access_token_payload: Mapping[str, Any] | None = None,
        session_data_in_database: Mapping[str, Any] | None = None,
    ) -> SessionContainer:
        """See :meth:`create_new_session`."""
        return await sync_to_async(self.create_new_session)(
            request, tenant_id, recipe_user_id, access_token_payload, session_data_in_database
        )

    def create_new_session_without_request_response(
        self,
        tenant_id: str,
        recipe_user_id: str,
        access_token_payload: Mapping[str, Any] | None = None,
        session_data_in_database: Mapping[str, Any] | None = None,
        disable_anti_csrf: bool = False,
    ) -> SessionContainer:
        """Make a session whose tokens the caller delivers.

        Raises:
            UnknownTenantError: there is no such tenant.
        """
        return self._create(
            tenant_id,
            accounts.resolve(recipe_user_id),
            access_token_payload,
            session_data_in_database,
            with_anti_csrf_token=not disable_anti_csrf and session_conf().anti_csrf == VIA_TOKEN,
            request=None,
        )

    async def acreate_new_session_without_request_response(
        self,
        tenant_id: str,
        recipe_user_id: str,
        access_token_payload: Mapping[str, Any] | None = None,
        session_data_in_database: Mapping[str, Any] | None = None,
        disable_anti_csrf: bool = False,
    ) -> SessionContainer:
        """See :meth:`create_new_session_without_request_response`."""
        return await sync_to_async(self.create_new_session_without_request_response)(
            tenant_id, recipe_user_id, access_token_payload, session_data_in_database, disable_anti_csrf
        )

    def _create_and_send(
        self,
        request: HttpRequest,
        tenant_id: str,
        who: accounts.WireIdentity,
        payload: Mapping[str, Any] | None,
        session_data: Mapping[str, Any] | None,
        nature: rows.Nature = rows.ORDINARY,
    ) -> SessionContainer:
        method = transport.output_method(request)
        if method == transport.COOKIE:
            policy.require_usable_cookies(request)
        container = self._create(
            tenant_id,
            who,
            payload,
            session_data,
            with_anti_csrf_token=method == transport.COOKIE and anti_csrf_mode(request) == VIA_TOKEN,
            request=request,
            nature=nature,
        )
        for other in transport.METHODS:
            if other != method and transport.access_token(request, other):
                transport.queue(request, transport.clear_tokens(request, other))
        container.attach_to_request_response(request, method)
        return container

    def _create(
        self,
        tenant_id: str,
        who: accounts.WireIdentity,
        payload: Mapping[str, Any] | None,
        session_data: Mapping[str, Any] | None,
        *,
        with_anti_csrf_token: bool,
        request: HttpRequest | None,
        nature: rows.Nature = rows.ORDINARY,
    ) -> SessionContainer:
        tenant_id = require_tenant(tenant_id)
        given = payloads.of_new_session(payload or {}, who, tenant_id)
        built = claims.build_all(
            self.claims_of_new_sessions(),
            given,
            who.user_id,
            who.recipe_user_id,
            tenant_id,
            who.login_method,
        )
        state = rows.create(
            tenant_id,
            who,
            payloads.storable(built),
            session_data or {},
            with_anti_csrf_token=with_anti_csrf_token,
            device=policy.device_of(request),
            nature=nature,
        )
        announce(signals.session_created, type(self), request, state)
        return new_container(self, state, with_anti_csrf_token=with_anti_csrf_token)

    def claims_of_new_sessions(self) -> list[Any]:
        """The claims that every new session is built with: those of the enabled recipes."""
        return [claim for recipe in registry.enabled() for claim in recipe.claims()]


def _refuse_to_outlast(request: HttpRequest, who: accounts.WireIdentity) -> None:
    """Make no ordinary session of a user out of one in which somebody else acts as them."""
    found: SessionContainer | None = getattr(request, "supertokens", None)
    if found is not None and found.get_actor() is not None and found.get_user_id() == who.user_id:
        raise ImpersonationForbidden(_("Not while somebody else acts as the user."))
