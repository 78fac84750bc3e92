"""Sessions of WebSocket connections: plain ASGI, for Channels and for everything else that speaks it.

A browser cannot set headers on a WebSocket.  Its session travels in cookies, which count only where the ``Origin`` is
the website's or the API's own, or in a subprotocol; that of other clients in ``Authorization``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import suppress
from io import BytesIO
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from supertokens_django import clock, conf
from supertokens_django.exceptions import InvalidClaimsError, SessionError
from supertokens_django.recipes.session import liveness, transport
from supertokens_django.recipes.session.conf import session_conf
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.outputs import error_response
from supertokens_django.recipes.session.service import ValidatorOverride, session
from supertokens_django.users import django_user

T = TypeVar("T")
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SUBPROTOCOL = "supertokens"
"""The subprotocol that a browser offers beside ``supertokens.<access token>``, and that is accepted."""
UNAUTHORISED, INVALID_CLAIM = 4401, 4403
"""The codes a connection is closed with: HTTP's, in the range that applications may use (RFC 6455 §7.4.2)."""

logger = logging.getLogger("supertokens_django")


class SuperTokensAuthMiddleware:
    """Verifies the session of each WebSocket before the connection is accepted; other scopes pass unchanged.

    ``scope["supertokens"]`` is the :class:`SessionContainer`, or None where a session is optional and absent, and
    ``scope["user"]`` the Django user, loaded when it is looked at (``await aget_user(scope)`` in async code).
    A connection without a usable session is closed with 4401, one whose claims are refused with 4403; by a response
    401 or 403 where the server can send one before the handshake.

    While the connection lasts, it is asked again whether the session is there, and closed with 4401 when it is not.

    Args:
        app: The ASGI application behind it: a consumer, a router.
        session_required: False lets connections without a session through.
        check_database: Ask the database whether the session is still there; one query.
        override_global_claim_validators: ``(validators, session) -> validators`` to check in place of the global ones.
        recheck_seconds: How often it is asked again.  None: when the access token expires, and then as often as one
            lives.
    """

    def __init__(
        self,
        app: App,
        session_required: bool = True,
        check_database: bool = False,
        override_global_claim_validators: ValidatorOverride | None = None,
        recheck_seconds: float | None = None,
    ) -> None:
        self.app = app
        self._session_required = session_required
        self._options = (check_database, override_global_claim_validators)
        self._recheck_seconds = recheck_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            return await self.app(scope, receive, send)
        request = _request_of(scope)
        try:
            found = await self._verify(request)
        except SessionError as error:
            return await _refuse(scope, receive, send, request, error)
        connection = _Connection(receive, send, offers_ours=SUBPROTOCOL in scope.get("subprotocols", ()))
        inner = {**_without_token(scope), "supertokens": found, "user": _lazy_user(scope, found)}
        if found is None:
            return await self.app(inner, connection.receive, connection.send)
        watcher = asyncio.create_task(self._watch(found, connection))
        try:
            await self.app(inner, connection.receive, connection.send)
        finally:
            watcher.cancel()
            with suppress(asyncio.CancelledError):
                await watcher

    async def _verify(self, request: HttpRequest) -> SessionContainer | None:
        """Without a thread where no database is needed."""
        arguments = (request, self._session_required, False, *self._options)
        if session.verifies_locally(request, *self._options) and await liveness.is_known(request):
            return session.get_session(*arguments)
        return await _in_thread(lambda: session.get_session(*arguments))

    async def _watch(self, found: SessionContainer, connection: _Connection) -> None:
        for pause in self._pauses(found):
            await asyncio.sleep(pause)
            try:
                if not await _in_thread(lambda: liveness.is_alive(found)):
                    return connection.end()
            except Exception:  # whatever a database has; the next time may be better
                logger.exception("Whether a WebSocket's session is still there could not be asked.")

    def _pauses(self, found: SessionContainer) -> Iterator[float]:
        if self._recheck_seconds is None:
            left = found.get_access_token_payload()["exp"] - clock.now_in_milliseconds() / 1000
            yield max(left, 0)
        while True:
            yield self._recheck_seconds or session_conf().access_token_lifetime.total_seconds()


class _Connection:
    """Hands messages on; once the session has ended, the client is told to go and the application that it has gone."""

    def __init__(self, receive: Receive, send: Send, *, offers_ours: bool) -> None:
        self._receive = receive
        self._send = send
        self._offers_ours = offers_ours
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._is_closed = False

    def end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    async def receive(self) -> Message:
        next_message = asyncio.ensure_future(self._receive())
        either: set[asyncio.Future[Any]] = {next_message, self._ended}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            next_message.cancel()
            raise
        if next_message.done():
            return next_message.result()
        next_message.cancel()
        if not self._is_closed:
            await self.send({"type": "websocket.close", "code": UNAUTHORISED})
        return {"type": "websocket.disconnect", "code": UNAUTHORISED}

    async def send(self, message: Message) -> None:
        if self._is_closed:
            return  # what was still to be said to a client that is gone
        if message["type"] == "websocket.close":
            self._is_closed = True
        if message["type"] == "websocket.accept" and not message.get("subprotocol") and self._offers_ours:
            message = {**message, "subprotocol": SUBPROTOCOL}
        await self._send(message)


# Who is connected


def get_user(scope: Scope) -> Any:
    """The Django user of a connection, loaded; :class:`AnonymousUser` without one."""
    user = scope["user"]
    bool(user)
    return user


async def aget_user(scope: Scope) -> Any:
    """See :func:`get_user`."""
    return await sync_to_async(get_user)(scope)


def is_session_alive(scope: Scope) -> bool:
    """Ask now whether the session of a connection is still there, before something that matters."""
    found: SessionContainer | None = scope.get("supertokens")
    return found is not None and _with_fresh_connections(lambda: liveness.is_alive(found))


async def ais_session_alive(scope: Scope) -> bool:
    """See :func:`is_session_alive`."""
    return await sync_to_async(is_session_alive)(scope)


def _lazy_user(scope: Scope, found: SessionContainer | None) -> Any:
    """The user of the session; without one who was there before, for Django's own sessions."""
    before = scope.get("user")
    if found is None or found.is_anonymous():
        return AnonymousUser() if before is None else before
    user_id = found.get_user_id()

    def load() -> Any:
        user = _with_fresh_connections(lambda: django_user.for_user_id(user_id))
        if user is not None and user.is_active:
            return user
        return AnonymousUser() if before is None else before

    return SimpleLazyObject(load)


async def _in_thread(call: Callable[[], T]) -> T:
    return await sync_to_async(_with_fresh_connections)(call)


def _with_fresh_connections(call: Callable[[], T]) -> T:
    """What Django does around a request: a connection may have been lost while the WebSocket was idle."""
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()


# The handshake


def _request_of(scope: Scope) -> HttpRequest:
    """The handshake as the request that it is (RFC 6455 §4.1), with what may count as its session and nothing else."""
    headers = list(scope["headers"])
    token = next(_tokens(scope), None)
    if token is not None and not any(_is_bearer(*header) for header in headers):
        headers = [header for header in headers if header[0] != b"authorization"]  # that of a proxy, say
        headers.append((b"authorization", f"Bearer {token}".encode()))
    request = ASGIRequest({**scope, "type": "http", "method": "GET", "headers": headers}, BytesIO())
    if not _is_from_our_site(request):
        request.META.pop("HTTP_COOKIE", None)
        request.COOKIES = {}
    return request


def _is_bearer(name: bytes, value: bytes) -> bool:
    return name == b"authorization" and value.startswith(b"Bearer ")


def _is_from_our_site(request: HttpRequest) -> bool:
    """Browsers let every site open a WebSocket, send cookies along, and name the origin.  None names nobody's."""
    origin = (transport.header(request, "Origin") or "").lower()
    return origin in (conf.app().api_domain, conf.app().website_origin(request))


def _tokens(scope: Scope) -> Iterator[str]:
    prefix = f"{SUBPROTOCOL}."
    return (name.removeprefix(prefix) for name in scope.get("subprotocols", ()) if name.startswith(prefix))


def _without_token(scope: Scope) -> Scope:
    """The scope as the application may see and log it."""
    given = scope.get("subprotocols", ())
    kept = [name for name in given if not name.startswith(f"{SUBPROTOCOL}.")]
    if len(kept) == len(given):
        return scope
    headers = [pair for pair in scope["headers"] if pair[0] != b"sec-websocket-protocol"]
    headers += [(b"sec-websocket-protocol", ", ".join(kept).encode())] if kept else []
    return {**scope, "subprotocols": kept, "headers": headers}


async def _refuse(
    scope: Scope, receive: Receive, send: Send, request: HttpRequest, error: SessionError
) -> None:
    await receive()  # websocket.connect: nothing may be answered before
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        code = INVALID_CLAIM if isinstance(error, InvalidClaimsError) else UNAUTHORISED
        return await send({"type": "websocket.close", "code": code})
    response = await _in_thread(lambda: _response(request, error))
    response["Content-Length"] = str(len(response.content))
    headers = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    cookies = [(b"set-cookie", cookie.OutputString().encode()) for cookie in response.cookies.values()]
    status = {"status": response.status_code, "headers": [*headers, *cookies]}
    await send({"type": "websocket.http.response.start", **status})
    await send({"type": "websocket.http.response.body", "body": response.content})


def _response(request: HttpRequest, error: SessionError) -> HttpResponse:
    response = error_response(request, error)
    transport.write(request, response)
    return response
