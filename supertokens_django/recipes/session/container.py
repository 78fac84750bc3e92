"""The session of a request, as views see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeVar

from asgiref.sync import sync_to_async
from django.http import HttpRequest

from supertokens_django import clock
from supertokens_django.exceptions import UnauthorisedError
from supertokens_django.recipes.session import mint, revocations, tokens, transport
from supertokens_django.recipes.session.claims import SessionClaim, SessionClaimValidator
from supertokens_django.recipes.session.information import SessionInformation
from supertokens_django.recipes.session.rows import SessionState
from supertokens_django.recipes.session.verify import AccessToken

if TYPE_CHECKING:
    from supertokens_django.recipes.session.by_handle import HandleVerbs

T = TypeVar("T")


class SessionContainer:
    """A verified session.  Bound to a request, what it changes in the tokens reaches the response by itself."""

    def __init__(
        self,
        service: HandleVerbs,
        access_token: AccessToken,
        *,
        refresh_token: tuple[str, int] | None = None,
        anti_csrf_token: str | None = None,
        access_token_updated: bool = False,
    ) -> None:
        self._service = service
        self._token = access_token
        self._refresh_token = refresh_token
        self._anti_csrf_token = anti_csrf_token
        self._access_token_updated = access_token_updated
        self._payload = dict(access_token.payload)
        self._request: HttpRequest | None = None
        self._transfer_method: str | None = None

    def __repr__(self) -> str:
        return f"<SessionContainer {self.get_handle()}>"

    # What the access token says: no query

    def get_user_id(self) -> str:
        """The (primary) user's id."""
        return self._token.user_id

    def get_recipe_user_id(self) -> str:
        """The id of the login method that was used."""
        return self._token.recipe_user_id

    def get_tenant_id(self) -> str:
        return self._token.tenant_id

    def get_handle(self) -> str:
        return self._token.session_handle

    def is_anonymous(self) -> bool:
        """Tell whether the session is nobody's: made by ``create_anonymous_session``."""
        return tokens.ANONYMOUS in self._payload

    def get_actor(self) -> str | None:
        """Who acts as the session's user, by the ``sub`` of the claim ``act``; None in the user's own sessions."""
        actor = self._payload.get(tokens.ACTOR)
        return actor.get("sub") if isinstance(actor, Mapping) else None

    def get_access_token(self) -> str:
        return self._token.raw

    def get_access_token_payload(self) -> dict[str, Any]:
        """The whole payload of the access token: a copy, for a verified token is remembered and shared by requests."""
        return deepcopy(self._payload)

    def get_all_session_tokens_dangerously(self) -> dict[str, Any]:
        """Every token, for frameworks that deliver them themselves; keys as in SuperTokens' SDKs."""
        return {
            "accessToken": self._token.raw,
            "accessAndFrontTokenUpdated": self._access_token_updated,
            "refreshToken": self._refresh_token[0] if self._refresh_token else None,
            "frontToken": tokens.front_token(self._payload),
            "antiCsrfToken": self._anti_csrf_token,
        }

    def __getitem__(self, name: str) -> Any:
        """``session["user_id"]``: under the names that the attributes have in SuperTokens' Python SDK."""
        return _ITEMS[name](self) if name in _ITEMS else getattr(self, name)

    # What the database says

    def get_time_created(self) -> int:
        """When the session was created, in milliseconds since the epoch.

        Raises:
            UnauthorisedError: the session is gone.
        """
        return self._information().time_created

    async def aget_time_created(self) -> int:
        """See :meth:`get_time_created`."""
        return await sync_to_async(self.get_time_created)()

    def get_expiry(self) -> int:
        """When the session ends unless it is refreshed, in milliseconds since the epoch.

        Raises:
            UnauthorisedError: the session is gone.
        """
        return self._information().expiry

    async def aget_expiry(self) -> int:
        """See :meth:`get_expiry`."""
        return await sync_to_async(self.get_expiry)()

    def get_session_data_from_database(self) -> dict[str, Any]:
        """The data that only the server sees.

        Raises:
            UnauthorisedError: the session is gone.
        """
        return self._information().session_data_in_database

    async def aget_session_data_from_database(self) -> dict[str, Any]:
        """See :meth:`get_session_data_from_database`."""
        return await sync_to_async(self.get_session_data_from_database)()

    def update_session_data_in_database(self, new_session_data: Mapping[str, Any]) -> None:
        """Replace (not merge) the data that only the server sees.

        Raises:
            UnauthorisedError: the session is gone.
        """
        if not self._service.update_session_data_in_database(self.get_handle(), new_session_data):
            raise _gone()

    async def aupdate_session_data_in_database(self, new_session_data: Mapping[str, Any]) -> None:
        """See :meth:`update_session_data_in_database`."""
        await sync_to_async(self.update_session_data_in_database)(new_session_data)

    def revoke_session(self) -> None:
        """End the session; the client's tokens are cleared even when it was gone already."""
        self._service.revoke_session(self.get_handle())
        if self._request is not None and self._transfer_method is not None:
            transport.queue(self._request, transport.clear_tokens(self._request, self._transfer_method))

    async def arevoke_session(self) -> None:
        """See :meth:`revoke_session`."""
        await sync_to_async(self.revoke_session)()

    def merge_into_access_token_payload(self, access_token_payload_update: Mapping[str, Any]) -> None:
        """Merge at the top level of the payload, in the database and in a new access token; None deletes a key.

        Raises:
            BadInputError: the update names a key that belongs to us.
            UnauthorisedError: the session is gone.
        """
        token = self._service.regenerate_access_token(self._token, access_token_payload_update)
        if token is None:
            raise _gone()
        self._take_over(token)

    async def amerge_into_access_token_payload(self, access_token_payload_update: Mapping[str, Any]) -> None:
        """See :meth:`merge_into_access_token_payload`."""
        await sync_to_async(self.merge_into_access_token_payload)(access_token_payload_update)

    # Claims

    def assert_claims(self, claim_validators: Sequence[SessionClaimValidator]) -> None:
        """Fetch the claims that are due and validate.

        Raises:
            InvalidClaimsError: a validator refuses; claims fetched on the way still reach the client.
            UnauthorisedError: the session is gone.
        """
        self._service.assert_claims(self, claim_validators)

    async def aassert_claims(self, claim_validators: Sequence[SessionClaimValidator]) -> None:
        """See :meth:`assert_claims`."""
        await sync_to_async(self.assert_claims)(claim_validators)

    def fetch_and_set_claim(self, claim: SessionClaim[Any]) -> None:
        """Fetch a claim's value and put it into the access token.

        Raises:
            UnauthorisedError: the session is gone.
        """
        self.merge_into_access_token_payload(
            claim.build(
                self.get_user_id(),
                self.get_recipe_user_id(),
                self.get_tenant_id(),
                self.get_access_token_payload(),
            )
        )

    async def afetch_and_set_claim(self, claim: SessionClaim[Any]) -> None:
        """See :meth:`fetch_and_set_claim`."""
        await sync_to_async(self.fetch_and_set_claim)(claim)

    def set_claim_value(self, claim: SessionClaim[T], value: T) -> None:
        """Put a claim's value into the access token.

        Raises:
            UnauthorisedError: the session is gone.
        """
        self.merge_into_access_token_payload(claim.add_to_payload({}, value))

    async def aset_claim_value(self, claim: SessionClaim[T], value: T) -> None:
        """See :meth:`set_claim_value`."""
        await sync_to_async(self.set_claim_value)(claim, value)

    def get_claim_value(self, claim: SessionClaim[T]) -> T | None:
        """The claim's value in the access token."""
        return deepcopy(claim.get_value_from_payload(self._payload))

    async def aget_claim_value(self, claim: SessionClaim[T]) -> T | None:
        """See :meth:`get_claim_value`."""
        return self.get_claim_value(claim)

    def remove_claim(self, claim: SessionClaim[Any]) -> None:
        """Take a claim out of the access token.

        Raises:
            UnauthorisedError: the session is gone.
        """
        self.merge_into_access_token_payload(claim.remove_from_payload_by_merge({}))

    async def aremove_claim(self, claim: SessionClaim[Any]) -> None:
        """See :meth:`remove_claim`."""
        await sync_to_async(self.remove_claim)(claim)

    # The request

    def attach_to_request_response(self, request: HttpRequest, transfer_method: str) -> None:
        """Make this the session of ``request`` and send what is new in its tokens by ``transfer_method``."""
        self._request = transport.django_request(request)
        self._transfer_method = transfer_method
        self._request.supertokens = self  # type: ignore[attr-defined]
        if self._access_token_updated:
            self._queue_tokens(with_refresh_token=True)

    async def aattach_to_request_response(self, request: HttpRequest, transfer_method: str) -> None:
        """See :meth:`attach_to_request_response`."""
        self.attach_to_request_response(request, transfer_method)

    def _queue_tokens(self, *, with_refresh_token: bool) -> None:
        if self._request is None or self._transfer_method is None:
            return
        mutation = transport.set_tokens(
            self._request,
            self._transfer_method,
            access_token=self._token.raw,
            front_token=tokens.front_token(self._payload),
            refresh_token=self._refresh_token if with_refresh_token else None,
            anti_csrf_token=self._anti_csrf_token if with_refresh_token else None,
        )
        transport.queue(self._request, mutation)

    def _take_over(self, token: AccessToken) -> None:
        """Continue with a new access token; one that came out expired changes the payload only."""
        self._payload = dict(token.payload)
        if token.raw == self._token.raw:
            return
        self._token = token
        self._access_token_updated = True
        self._queue_tokens(with_refresh_token=False)

    def _information(self) -> SessionInformation:
        information = self._service.get_session_information(self.get_handle())
        if information is None:
            raise _gone()
        return information


def _token(name: str) -> Callable[[SessionContainer], Any]:
    return lambda session: session.get_all_session_tokens_dangerously()[name]


_ITEMS: dict[str, Callable[[SessionContainer], Any]] = {
    "access_token": SessionContainer.get_access_token,
    "access_token_updated": _token("accessAndFrontTokenUpdated"),
    "anti_csrf_token": _token("antiCsrfToken"),
    "front_token": _token("frontToken"),
    "recipe_user_id": SessionContainer.get_recipe_user_id,
    "refresh_token": _token("refreshToken"),
    "session_handle": SessionContainer.get_handle,
    "tenant_id": SessionContainer.get_tenant_id,
    "user_data_in_access_token": SessionContainer.get_access_token_payload,
    "user_id": SessionContainer.get_user_id,
}


def new_container(
    service: HandleVerbs, state: SessionState, *, with_anti_csrf_token: bool
) -> SessionContainer:
    """The container of a session that was just made or refreshed: every token is new and to be sent."""
    revocations.begin()
    revocations.see_alive(state.row.handle)
    return SessionContainer(
        service,
        mint.access_token(state, with_anti_csrf_token=with_anti_csrf_token),
        refresh_token=(state.key.refresh_token, clock.milliseconds(state.row.expires_at)),
        anti_csrf_token=state.anti_csrf_token if with_anti_csrf_token else None,
        access_token_updated=True,
    )


def _gone() -> UnauthorisedError:
    return UnauthorisedError("Session does not exist anymore.", clear_tokens=True)
