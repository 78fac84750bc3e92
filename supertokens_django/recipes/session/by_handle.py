"""Verbs on sessions by handle or user id; no request, no tokens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from asgiref.sync import sync_to_async

from supertokens_django import registry
from supertokens_django.exceptions import BadInputError, InvalidClaimsError
from supertokens_django.recipes.session import mint, rows, tokens
from supertokens_django.recipes.session.claims import (
    SessionClaim,
    SessionClaimValidator,
    Validators,
    failures,
    fetch_due,
)
from supertokens_django.recipes.session.coroutines import finished
from supertokens_django.recipes.session.exceptions import SessionDoesNotExist
from supertokens_django.recipes.session.information import SessionInformation
from supertokens_django.recipes.session.payload import storable
from supertokens_django.recipes.session.verify import AccessToken

if TYPE_CHECKING:
    from supertokens_django.recipes.session.container import SessionContainer

T = TypeVar("T")
HandleOverride = Callable[
    [list[SessionClaimValidator], SessionInformation], Validators | Awaitable[Validators]
]
"""``(validators, session information) -> validators``: a function or a coroutine function."""


@dataclass(frozen=True)
class ClaimsValidationResult:
    """The failing validators, in the shape of the wire: ``{"id", "reason"?}``; empty when all passed."""

    invalid_claims: list[dict[str, Any]]


class HandleVerbs:
    """The half of :class:`SessionService` that works on stored sessions."""

    def revoke_session(self, session_handle: str) -> bool:
        """End a session; tells whether it was there."""
        return len(self.revoke_multiple_sessions([session_handle])) == 1

    async def arevoke_session(self, session_handle: str) -> bool:
        """See :meth:`revoke_session`."""
        return await sync_to_async(self.revoke_session)(session_handle)

    def revoke_multiple_sessions(self, session_handles: Sequence[str]) -> list[str]:
        """End sessions; gives the handles of those that were there."""
        return rows.revoke(list(session_handles))

    async def arevoke_multiple_sessions(self, session_handles: Sequence[str]) -> list[str]:
        """See :meth:`revoke_multiple_sessions`."""
        return await sync_to_async(self.revoke_multiple_sessions)(session_handles)

    def revoke_all_sessions_for_user(
        self, user_id: str, revoke_sessions_for_linked_accounts: bool = True, tenant_id: str | None = None
    ) -> list[str]:
        """End a user's sessions, in every tenant unless one is named; gives their handles.

        Without ``revoke_sessions_for_linked_accounts`` only those of exactly this login method, with it also the
        sessions of others in which the user acts.
        """
        handles = self.get_all_session_handles_for_user(
            user_id, revoke_sessions_for_linked_accounts, tenant_id
        )
        acting = rows.handles_acting(user_id) if revoke_sessions_for_linked_accounts and not tenant_id else []
        return self.revoke_multiple_sessions([*handles, *acting])

    async def arevoke_all_sessions_for_user(
        self, user_id: str, revoke_sessions_for_linked_accounts: bool = True, tenant_id: str | None = None
    ) -> list[str]:
        """See :meth:`revoke_all_sessions_for_user`."""
        return await sync_to_async(self.revoke_all_sessions_for_user)(
            user_id, revoke_sessions_for_linked_accounts, tenant_id
        )

    def revoke_other_sessions_for_user(self, user_id: str, session_handle: str) -> list[str]:
        """End a user's sessions but for one, those included in which the user acts as others; gives their handles."""
        handles = [*self.get_all_session_handles_for_user(user_id), *rows.handles_acting(user_id)]
        return self.revoke_multiple_sessions([handle for handle in handles if handle != session_handle])

    async def arevoke_other_sessions_for_user(self, user_id: str, session_handle: str) -> list[str]:
        """See :meth:`revoke_other_sessions_for_user`."""
        return await sync_to_async(self.revoke_other_sessions_for_user)(user_id, session_handle)

    def get_sessions_used_last(self, user_id: str, limit: int = 100) -> list[SessionInformation]:
        """A user's unexpired sessions with their devices, in every tenant, those that were used last first."""
        return [SessionInformation.of(state) for state in rows.used_last(user_id, limit)]

    async def aget_sessions_used_last(self, user_id: str, limit: int = 100) -> list[SessionInformation]:
        """See :meth:`get_sessions_used_last`."""
        return await sync_to_async(self.get_sessions_used_last)(user_id, limit)

    def get_all_session_handles_for_user(
        self, user_id: str, fetch_sessions_for_linked_accounts: bool = True, tenant_id: str | None = None
    ) -> list[str]:
        """Handles of a user's unexpired sessions, newest first, in every tenant unless one is named."""
        return rows.handles_of_user(
            user_id, with_linked=fetch_sessions_for_linked_accounts, tenant_id=tenant_id
        )

    async def aget_all_session_handles_for_user(
        self, user_id: str, fetch_sessions_for_linked_accounts: bool = True, tenant_id: str | None = None
    ) -> list[str]:
        """See :meth:`get_all_session_handles_for_user`."""
        return await sync_to_async(self.get_all_session_handles_for_user)(
            user_id, fetch_sessions_for_linked_accounts, tenant_id
        )

    def get_session_information(self, session_handle: str) -> SessionInformation | None:
        """What is stored of a session; None when it is gone."""
        state = rows.find(session_handle)
        return SessionInformation.of(state) if state else None

    async def aget_session_information(self, session_handle: str) -> SessionInformation | None:
        """See :meth:`get_session_information`."""
        return await sync_to_async(self.get_session_information)(session_handle)

    def update_session_data_in_database(
        self, session_handle: str, new_session_data: Mapping[str, Any]
    ) -> bool:
        """Replace (not merge) the data that only the server sees; False when the session is gone."""
        return rows.update_session_data(session_handle, new_session_data)

    async def aupdate_session_data_in_database(
        self, session_handle: str, new_session_data: Mapping[str, Any]
    ) -> bool:
        """See :meth:`update_session_data_in_database`."""
        return await sync_to_async(self.update_session_data_in_database)(session_handle, new_session_data)

    def merge_into_access_token_payload(
        self, session_handle: str, access_token_payload_update: Mapping[str, Any]
    ) -> bool:
        """Merge into the stored payload; tokens follow at the next refresh or database-checked verification.

        Raises:
            BadInputError: the update names a key that belongs to us.
        """
        refuse_protected_props(access_token_payload_update)
        return rows.merge_payload(session_handle, storable(access_token_payload_update)) is not None

    async def amerge_into_access_token_payload(
        self, session_handle: str, access_token_payload_update: Mapping[str, Any]
    ) -> bool:
        """See :meth:`merge_into_access_token_payload`."""
        return await sync_to_async(self.merge_into_access_token_payload)(
            session_handle, access_token_payload_update
        )

    # Claims

    def fetch_and_set_claim(self, session_handle: str, claim: SessionClaim[Any]) -> bool:
        """Fetch a claim's value into the stored payload; False when the session is gone."""
        found = self.get_session_information(session_handle)
        if found is None:
            return False
        payload = found.custom_claims_in_access_token_payload
        update = claim.build(found.user_id, found.recipe_user_id, found.tenant_id, payload)
        return self.merge_into_access_token_payload(session_handle, update)

    async def afetch_and_set_claim(self, session_handle: str, claim: SessionClaim[Any]) -> bool:
        """See :meth:`fetch_and_set_claim`."""
        return await sync_to_async(self.fetch_and_set_claim)(session_handle, claim)

    def set_claim_value(self, session_handle: str, claim: SessionClaim[T], value: T) -> bool:
        """Put a claim's value into the stored payload; False when the session is gone."""
        return self.merge_into_access_token_payload(session_handle, claim.add_to_payload({}, value))

    async def aset_claim_value(self, session_handle: str, claim: SessionClaim[T], value: T) -> bool:
        """See :meth:`set_claim_value`."""
        return await sync_to_async(self.set_claim_value)(session_handle, claim, value)

    def get_claim_value(self, session_handle: str, claim: SessionClaim[T]) -> T | None:
        """The claim's value in the stored payload.

        Raises:
            SessionDoesNotExist: the session is gone.
        """
        found = self.get_session_information(session_handle)
        if found is None:
            raise SessionDoesNotExist
        return claim.get_value_from_payload(found.custom_claims_in_access_token_payload)

    async def aget_claim_value(self, session_handle: str, claim: SessionClaim[T]) -> T | None:
        """See :meth:`get_claim_value`."""
        return await sync_to_async(self.get_claim_value)(session_handle, claim)

    def remove_claim(self, session_handle: str, claim: SessionClaim[Any]) -> bool:
        """Take a claim out of the stored payload; False when the session is gone."""
        return self.merge_into_access_token_payload(session_handle, claim.remove_from_payload_by_merge({}))

    async def aremove_claim(self, session_handle: str, claim: SessionClaim[Any]) -> bool:
        """See :meth:`remove_claim`."""
        return await sync_to_async(self.remove_claim)(session_handle, claim)

    def validate_claims_for_session_handle(
        self, session_handle: str, override_global_claim_validators: HandleOverride | None = None
    ) -> ClaimsValidationResult:
        """Fetch the claims that are due, store them, and validate.

        Raises:
            SessionDoesNotExist: the session is gone.
        """
        found = self.get_session_information(session_handle)
        if found is None:
            raise SessionDoesNotExist
        validators = self._global_claim_validators(found.tenant_id, found.user_id, found.recipe_user_id)
        if override_global_claim_validators is not None:
            validators = list(finished(override_global_claim_validators(validators, found)))
        payload = found.custom_claims_in_access_token_payload
        update = fetch_due(validators, payload, found.user_id, found.recipe_user_id, found.tenant_id)
        if update:
            self.merge_into_access_token_payload(session_handle, update)
        return ClaimsValidationResult(failures(validators, {**payload, **update}))

    async def avalidate_claims_for_session_handle(
        self, session_handle: str, override_global_claim_validators: HandleOverride | None = None
    ) -> ClaimsValidationResult:
        """See :meth:`validate_claims_for_session_handle`."""
        return await sync_to_async(self.validate_claims_for_session_handle)(
            session_handle, override_global_claim_validators
        )

    def assert_claims(
        self, session: SessionContainer, claim_validators: Sequence[SessionClaimValidator]
    ) -> None:
        """Fetch the claims that are due, send them, then validate.

        Raises:
            InvalidClaimsError: a validator refuses.
        """
        payload = session.get_access_token_payload()
        update = fetch_due(
            claim_validators,
            payload,
            session.get_user_id(),
            session.get_recipe_user_id(),
            session.get_tenant_id(),
        )
        if update:
            session.merge_into_access_token_payload(update)
        if errors := failures(claim_validators, session.get_access_token_payload()):
            raise InvalidClaimsError(errors)

    def regenerate_access_token(self, token: AccessToken, update: Mapping[str, Any]) -> AccessToken | None:
        """Merge into the stored payload and give the token that says so; None when the session is gone.

        A token that has expired meanwhile comes back as it is, with the new payload to look at.

        Raises:
            BadInputError: the update names a key that belongs to us.
        """
        refuse_protected_props(update)
        state = rows.merge_payload(token.session_handle, storable(update))
        if state is None:
            return None
        return mint.regenerated(token, state.row) or token.with_custom_payload(state.row.access_token_payload)

    def powers_of(self, tenant_id: str, user_id: str) -> set[str]:
        """What the enabled recipes let a user do (``role:…``, ``permission:…``): nobody acts as a user who has more.

        Override it to leave out what gives no power, a role of every customer for instance.
        """
        return registry.powers(tenant_id, user_id)

    def get_global_claim_validators(
        self,
        tenant_id: str,
        user_id: str,
        recipe_user_id: str,
        claim_validators_added_by_other_recipes: list[SessionClaimValidator],
    ) -> list[SessionClaimValidator]:
        """The validators that every verification runs: those of the enabled recipes.  Override it to change them."""
        return claim_validators_added_by_other_recipes

    def _has_global_claim_validators(self) -> bool:
        """Tell whether there can be any: every verified request asks."""
        is_overridden = type(self).get_global_claim_validators is not HandleVerbs.get_global_claim_validators
        return is_overridden or bool(registry.claim_validators())

    def _global_claim_validators(
        self, tenant_id: str, user_id: str, recipe_user_id: str
    ) -> list[SessionClaimValidator]:
        added = list(registry.claim_validators())
        return self.get_global_claim_validators(tenant_id, user_id, recipe_user_id, added)


def refuse_protected_props(update: Mapping[str, Any]) -> None:
    if any(key in tokens.PROTECTED_PROPS for key in update):
        raise BadInputError("The user payload contains protected field")
