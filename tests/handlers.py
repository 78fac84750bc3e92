"""Django's own test clients, as the frontend client needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from asgiref.sync import async_to_sync
from django.http import HttpResponseBase
from django.test import AsyncClient, Client

Stack = Literal["wsgi", "asgi"]


class Handler:
    """Django's test client without a cookie jar of its own, for WSGI or ASGI, called synchronously.

    The ASGI half runs database work in the caller's thread, so a test's transaction and query counts hold.
    """

    def __init__(self, stack: Stack, options: Mapping[str, Any]) -> None:
        self._wsgi = Client(**options) if stack == "wsgi" else None
        self._asgi = _OneOfEachHeaderClient(**options)

    def send(
        self, method: str, path: str, body: bytes, content_type: str, secure: bool, headers: dict[str, str]
    ) -> HttpResponseBase:
        response: HttpResponseBase
        if self._wsgi is not None:
            response = self._wsgi.generic(method, path, body, content_type, secure, headers=headers)
            self._wsgi.cookies.clear()
        else:
            response = async_to_sync(self._send_async)(method, path, body, content_type, secure, headers)
            self._asgi.cookies.clear()
        return response

    async def _send_async(
        self, method: str, path: str, body: bytes, content_type: str, secure: bool, headers: dict[str, str]
    ) -> HttpResponseBase:
        response: HttpResponseBase = await self._asgi.generic(
            method, path, body, content_type, secure, headers=headers
        )
        return response


class _OneOfEachHeaderClient(AsyncClient):
    """Django's client adds its own ``Host`` and an empty ``Cookie`` to the scope, beside the given ones."""

    def _base_scope(self, **request: Any) -> dict[str, Any]:
        scope: dict[str, Any] = super()._base_scope(**request)  # type: ignore[misc]
        given = [(name, value) for name, value in scope["headers"] if (name, value) != (b"cookie", b"")]
        scope["headers"] = list(dict(given).items())
        return scope
