"""Test clients that are signed in: Django's ``Client`` and ``AsyncClient``, REST framework's ``APIClient``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol, cast
from urllib.parse import quote, unquote

from asgiref.sync import sync_to_async
from django.http.request import HttpHeaders
from django.test import AsyncClient, AsyncRequestFactory, Client
from django.urls import reverse

from supertokens_django.recipes.session import transport, verify
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.service import session
from supertokens_django.testing.environment import require_test_run
from supertokens_django.testing.people import Someone
from supertokens_django.testing.sessions import Claims, Mode, create_session

AUTHORIZATION, SENT_BY_EVERY_FRONTEND = "authorization", "anti-csrf"
HEADERS = (AUTHORIZATION, transport.RECIPE_ID, transport.AUTH_MODE, transport.ANTI_CSRF)
COOKIES = (transport.ACCESS_COOKIE, transport.REFRESH_COOKIE)


class Carrier(Protocol):
    """A test client or request factory: it has cookies, and headers for every request."""

    cookies: Any
    defaults: Any


def force_login(
    client: Carrier,
    user: Someone,
    *,
    claims: Claims | None = None,
    tenant_id: str = "public",
    session_data: Mapping[str, Any] | None = None,
    mode: Mode = "cookie",
    expires_in: float | timedelta | None = None,
) -> SessionContainer:
    """Make a session and let the test client carry it, as a browser does after a sign-in: no password, no request.

    Args:
        client: Django's ``Client`` or ``AsyncClient``, REST framework's ``APIClient``, or a request factory.
        user: A Django user, a user of ours, or an id.  A Django user who never signed up becomes one of ours.
        claims: What the access token carries: keys of its payload, or claim objects with their values.
        tenant_id: Where the user signed in.
        session_data: What only the server sees.
        mode: Tokens in cookies, or in headers.
        expires_in: Seconds until the access token expires, instead of ``ACCESS_TOKEN_LIFETIME``; 0 or less if it has
            expired already.  A refresh is good all the same.

    Raises:
        UnknownTenantError: there is no such tenant.
        BadInputError: ``claims`` names a key that belongs to us.
        RuntimeError: this is no test run.
    """
    made = create_session(
        user,
        claims=claims,
        tenant_id=tenant_id,
        session_data=session_data,
        mode=mode,
        expires_in=expires_in,
    )
    _drop(client)
    held = made.get_all_session_tokens_dangerously()
    _carry(client, mode, held["accessToken"], held["refreshToken"], held["antiCsrfToken"])
    return made


async def aforce_login(
    client: Carrier,
    user: Someone,
    *,
    claims: Claims | None = None,
    tenant_id: str = "public",
    session_data: Mapping[str, Any] | None = None,
    mode: Mode = "cookie",
    expires_in: float | timedelta | None = None,
) -> SessionContainer:
    """See :func:`force_login`."""
    return await sync_to_async(force_login)(
        client,
        user,
        claims=claims,
        tenant_id=tenant_id,
        session_data=session_data,
        mode=mode,
        expires_in=expires_in,
    )


def logout(client: Carrier) -> None:
    """End the session that a test client carries, however it came by it, and take its tokens away."""
    require_test_run()
    token = verify.read(_access_token(client))
    if token is not None:
        session.revoke_session(token.session_handle)
    _drop(client)


async def alogout(client: Carrier) -> None:
    """See :func:`logout`."""
    await sync_to_async(logout)(client)


def refresh(client: Any) -> Any:
    """Have a test client refresh its session over the API, as a frontend does; gives the answer."""
    return _keep(client, client.post(reverse("session:refresh"), **_headers_of_refresh(client)))


async def arefresh(client: Any) -> Any:
    """See :func:`refresh`; for Django's ``AsyncClient``."""
    return _keep(client, await client.post(reverse("session:refresh"), **_headers_of_refresh(client)))


class SuperTokensClientMixin:
    """For a test client: ``force_login`` starts a session of ours instead of one of Django's.

    ``class Client(SuperTokensClientMixin, APIClient)`` makes one for REST framework.
    """

    def force_login(self, user: Someone, backend: str | None = None, **options: Any) -> SessionContainer:
        """See :func:`force_login`, which takes the ``options``; ``backend`` is there for Django's sake."""
        return force_login(cast(Carrier, self), user, **options)

    async def aforce_login(
        self, user: Someone, backend: str | None = None, **options: Any
    ) -> SessionContainer:
        """See :meth:`force_login`."""
        return await sync_to_async(self.force_login)(user, backend, **options)

    def logout(self) -> None:
        """End the session of ours, and whatever the client's own log-out ends."""
        logout(cast(Carrier, self))
        super().logout()  # type: ignore[misc]

    async def alogout(self) -> None:
        """See :meth:`logout`."""
        await sync_to_async(self.logout)()


class SuperTokensClient(SuperTokensClientMixin, Client):  # type: ignore[misc]
    """Django's ``Client``; put it into ``client_class`` of a ``TestCase``."""


class SuperTokensAsyncClient(SuperTokensClientMixin, AsyncClient):  # type: ignore[misc]
    """Django's ``AsyncClient``; put it into ``async_client_class`` of a ``TestCase``."""


def _carry(client: Carrier, mode: Mode, access: str, refresh: str, anti_csrf: str | None) -> None:
    headers = {transport.RECIPE_ID: SENT_BY_EVERY_FRONTEND, transport.AUTH_MODE: mode}
    if mode == transport.COOKIE:
        client.cookies[transport.ACCESS_COOKIE] = quote(access)
        client.cookies[transport.REFRESH_COOKIE] = quote(refresh)
        if anti_csrf is not None:
            headers[transport.ANTI_CSRF] = anti_csrf
    else:
        headers[AUTHORIZATION] = f"Bearer {access}"
        client.supertokens_refresh_token = refresh  # type: ignore[attr-defined]
    client.defaults.update(_named(client, headers))


def _drop(client: Carrier) -> None:
    for name in COOKIES:
        client.cookies.pop(name, None)
    for name in _named(client, dict.fromkeys(HEADERS, "")):
        client.defaults.pop(name, None)
    client.__dict__.pop("supertokens_refresh_token", None)


def _named(client: Carrier, headers: Mapping[str, str]) -> dict[str, str]:
    """Headers under the names that this kind of client has for those it always sends."""
    is_async = isinstance(client, AsyncRequestFactory)
    names = HttpHeaders.to_asgi_names if is_async else HttpHeaders.to_wsgi_names
    return dict(names(headers))


def _access_token(client: Carrier) -> str:
    if transport.ACCESS_COOKIE in client.cookies:
        return unquote(client.cookies[transport.ACCESS_COOKIE].value)
    (name,) = _named(client, {AUTHORIZATION: ""})
    return str(client.defaults.get(name, "")).removeprefix("Bearer ")


def _headers_of_refresh(client: Carrier) -> dict[str, str]:
    refresh: str | None = getattr(client, "supertokens_refresh_token", None)
    return {} if refresh is None else _named(client, {AUTHORIZATION: f"Bearer {refresh}"})


def _keep(client: Carrier, response: Any) -> Any:
    """Take over the tokens of an answer as far as the client does not do so by itself."""
    headers = response.headers
    kept = {}
    if transport.ACCESS_HEADER in headers and hasattr(client, "supertokens_refresh_token"):
        if not headers[transport.ACCESS_HEADER]:
            _drop(client)
            return response
        kept[AUTHORIZATION] = f"Bearer {headers[transport.ACCESS_HEADER]}"
        client.supertokens_refresh_token = headers[transport.REFRESH_HEADER]
    if transport.ANTI_CSRF in headers:
        kept[transport.ANTI_CSRF] = headers[transport.ANTI_CSRF]
    client.defaults.update(_named(client, kept))
    return response
