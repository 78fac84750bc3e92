"""A WebSocket over a real server on loopback, with a client that is no browser."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync import client as websockets_client

from supertokens_django.contrib.channels import SuperTokensAuthMiddleware
from supertokens_django.services import session as sessions
from tests.client import FrontendClient
from tests.websockets.consumers import Chat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

PATIENCE = 20


class Server:
    """uvicorn in a thread of its own, on a port that was free."""

    def __init__(self) -> None:
        application = SuperTokensAuthMiddleware(Chat.as_asgi(), recheck_seconds=0.2)
        config = uvicorn.Config(
            application, host="127.0.0.1", port=0, log_level="error", lifespan="off", ws="websockets-sansio"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()), daemon=True)

    def start(self) -> str:
        self._thread.start()
        ends = time.monotonic() + PATIENCE
        while not self._server.started:
            assert time.monotonic() < ends, "uvicorn does not come up"
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"ws://127.0.0.1:{port}/ws"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture
def url(acme: None) -> Iterator[str]:
    server = Server()
    yield server.start()
    server.stop()


@pytest.fixture
def phone(alice: str) -> FrontendClient:
    client = FrontendClient("header")
    client.post("/test/login", {"userId": alice})
    return client


def connect(url: str, **options: Any) -> Any:
    call: Any = websockets_client.connect
    return call(url, open_timeout=PATIENCE, proxy=None, **options)


def ask(connection: Any, **what: Any) -> Any:
    connection.send(json.dumps(what))
    return json.loads(connection.recv(PATIENCE))


def test_a_phone_connects_by_its_header_until_its_session_ends(url: str, phone: FrontendClient) -> None:
    headers = {"Authorization": f"Bearer {phone.access_token}"}
    with connect(url, additional_headers=headers) as connection:
        assert ask(connection, do="who")["userId"] == phone.user_id

        sessions.revoke_session(phone.session_handle)
        with pytest.raises(ConnectionClosedError) as closed:
            connection.recv(PATIENCE)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_the_subprotocol_is_negotiated(url: str, phone: FrontendClient) -> None:
    offered = ["supertokens", f"supertokens.{phone.access_token}"]
    with connect(url, subprotocols=offered) as connection:
        assert connection.subprotocol == "supertokens"
        assert ask(connection, do="who")["userId"] == phone.user_id


def test_cookies_count_from_the_website_alone(url: str, alice: str) -> None:
    tab = FrontendClient("cookie")
    tab.post("/test/login", {"userId": alice})
    cookie = {"Cookie": tab.jar.header_for(tab.host, "/ws", secure=True)}

    with connect(url, additional_headers=cookie, origin="https://acme.com") as connection:
        assert ask(connection, do="who")["userId"] == alice

    for origin in ("https://evil.example", None):
        with pytest.raises(InvalidStatus) as refused:
            connect(url, additional_headers=cookie, origin=origin)
        assert refused.value.response.status_code == 401
        assert refused.value.response.body == b'{"message":"unauthorised"}'
