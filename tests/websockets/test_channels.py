"""The middleware in front of consumers of Channels."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any, TypeVar

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db import connection as database

from supertokens_django.contrib.channels import App, SuperTokensAuthMiddleware
from supertokens_django.services import session as sessions
from tests.accounts import django_user_of
from tests.base import TWO_SITES, Clock, sql_statements, supertokens_settings
from tests.caches import revocation_cache
from tests.client import FrontendClient
from tests.views import AlwaysInvalid
from tests.websockets.communicator import WebsocketCommunicator
from tests.websockets.consumers import Chat, SyncChat, bare

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")
Headers = Sequence[tuple[bytes, bytes]]
WEBSITE, API, EVIL = "https://acme.com", "https://api.acme.com", "https://evil.example"
PATIENCE = 10
SOON = 0.01


@pytest.fixture(autouse=True)
def _stage(acme: None, clock: Clock) -> None:
    Chat.left.clear()


@pytest.fixture
def phone(alice: str) -> FrontendClient:
    """Alice's phone, which carries its tokens in headers."""
    client = FrontendClient("header")
    client.post("/test/login", {"userId": alice})
    return client


@pytest.fixture
def tab(alice: str) -> FrontendClient:
    """Alice's browser, which carries them in cookies."""
    client = FrontendClient("cookie")
    client.post("/test/login", {"userId": alice})
    return client


def bearer(client: FrontendClient) -> Headers:
    return [(b"authorization", f"Bearer {client.access_token}".encode())]


def cookies(client: FrontendClient, origin: str | None = WEBSITE) -> Headers:
    header = client.jar.header_for(client.host, "/ws", secure=True)
    named = [] if origin is None else [(b"origin", origin.encode())]
    return [(b"cookie", header.encode()), *named]


def subprotocols(client: FrontendClient, *more: str) -> list[str]:
    return [*more, f"supertokens.{client.access_token}"]


def app(consumer: Any = Chat, **options: Any) -> App:
    return SuperTokensAuthMiddleware(consumer if consumer is bare else consumer.as_asgi(), **options)


@asynccontextmanager
async def connection(
    application: App, headers: Headers = (), protocols: list[str] | None = None, **scope: Any
) -> AsyncIterator[Any]:
    """A client that has asked to be connected; ``client.answer`` is (accepted, subprotocol or close code)."""
    client = WebsocketCommunicator(application, "/ws", list(headers), protocols)
    client.scope.update(scope)
    client.answer = await client.connect(timeout=PATIENCE)
    try:
        yield client
    finally:
        await client.disconnect(timeout=PATIENCE)


@asynccontextmanager
async def in_the_thread(manager: Callable[[], AbstractContextManager[T]]) -> AsyncIterator[T]:
    """Enter where the database is asked: an event loop has no connection of its own."""
    made = await sync_to_async(manager)()
    yield await sync_to_async(made.__enter__)()
    await sync_to_async(made.__exit__)(None, None, None)


async def ask(client: Any, **what: Any) -> Any:
    await client.send_json_to(what)
    return await client.receive_json_from(timeout=PATIENCE)


class TestWhoIsConnected:
    @pytest.mark.parametrize("consumer", [Chat, SyncChat])
    async def test_a_phone_by_its_header(self, phone: FrontendClient, alice: str, consumer: Any) -> None:
        pk = str((await sync_to_async(django_user_of)(alice)).pk)
        async with connection(app(consumer), bearer(phone)) as client:
            assert client.answer == (True, None)
            answer = await ask(client, do="who")

        assert (answer["userId"], answer["pk"]) == (alice, pk)

    @pytest.mark.parametrize("origin", [WEBSITE, API, "HTTPS://ACME.COM"])
    async def test_a_browser_by_its_cookies(self, tab: FrontendClient, alice: str, origin: str) -> None:
        async with connection(app(), cookies(tab, origin)) as client:
            assert client.answer == (True, None)
            assert (await ask(client, do="who"))["userId"] == alice

    async def test_a_browser_that_keeps_tokens_itself_by_a_subprotocol(
        self, phone: FrontendClient, alice: str
    ) -> None:
        offered = subprotocols(phone, "supertokens")
        async with connection(app(), [(b"origin", WEBSITE.encode())], offered) as client:
            assert client.answer == (True, "supertokens")
            answer = await ask(client, do="who")

        assert answer["userId"] == alice

    async def test_a_password_for_a_proxy_is_not_in_the_way(self, phone: FrontendClient, alice: str) -> None:
        basic = [(b"authorization", b"Basic YWxpY2U6c2VjcmV0")]
        async with connection(app(), basic, subprotocols(phone, "supertokens")) as client:
            assert (await ask(client, do="who"))["userId"] == alice

    async def test_the_token_is_hidden_from_the_application(self, phone: FrontendClient) -> None:
        offered = subprotocols(phone, "supertokens", "chat")
        header = (b"sec-websocket-protocol", ", ".join(offered).encode())
        async with connection(app(), [header], offered) as client:
            answer = await ask(client, do="who")

        assert answer["subprotocols"] == ["supertokens", "chat"]
        assert answer["headers"] == ["sec-websocket-protocol"]

    async def test_a_subprotocol_of_the_applications_own_is_its_choice(self, phone: FrontendClient) -> None:
        async with connection(app(bare), [], subprotocols(phone, "chat", "supertokens")) as client:
            assert client.answer == (True, "chat")
            await client.send_to(text_data="hello")
            assert await client.receive_from(timeout=PATIENCE) == "hello"

    async def test_the_header_counts_before_the_cookie(
        self, phone: FrontendClient, tab: FrontendClient, bob: str
    ) -> None:
        await sync_to_async(tab.post)("/test/login", {"userId": bob})
        async with connection(app(), [*bearer(phone), *cookies(tab)]) as client:
            assert (await ask(client, do="who"))["userId"] == phone.user_id

    async def test_nobody_where_a_session_is_optional(self, db: None) -> None:
        async with connection(app(session_required=False)) as client:
            assert client.answer == (True, None)
            answer = await ask(client, do="who")

        assert (answer["userId"], answer["pk"]) == (None, None)

    async def test_then_the_user_of_django_stays(self, alice: str) -> None:
        row = await sync_to_async(django_user_of)(alice)
        async with connection(app(session_required=False), user=row) as client:
            answer = await ask(client, do="who")

        assert (answer["userId"], answer["pk"]) == (None, str(row.pk))

    async def test_a_user_who_was_switched_off_is_nobody(self, phone: FrontendClient) -> None:
        await sync_to_async(get_user_model()._default_manager.update)(**{"is_active": False})
        async with connection(app(), bearer(phone)) as client:
            assert (await ask(client, do="who"))["pk"] is None

    async def test_an_anonymous_session_is_one(self) -> None:
        visitor = FrontendClient("header")
        await sync_to_async(visitor.post)("/test/visit", {})
        async with connection(app(), bearer(visitor)) as client:
            answer = await ask(client, do="who")

        assert (answer["userId"], answer["pk"]) == (visitor.user_id, None)

    async def test_other_scopes_pass_unchanged(self) -> None:
        scopes = []

        async def inner(scope: Any, receive: Any, send: Any) -> None:
            scopes.append(scope)

        for scope in ({"type": "http"}, {"type": "lifespan"}):
            await SuperTokensAuthMiddleware(inner)(scope, None, None)  # type: ignore[arg-type]
            assert scopes.pop() is scope


class TestWhatItCosts:
    async def test_a_verified_connection_costs_no_query_until_the_user_is_looked_at(
        self, phone: FrontendClient
    ) -> None:
        await sync_to_async(phone.get)("/test/sync")
        async with in_the_thread(sql_statements) as statements, connection(app(), bearer(phone)) as client:
            await ask(client, do="nothing")
        assert statements == []

        async with in_the_thread(sql_statements) as statements, connection(app(), bearer(phone)) as client:
            await ask(client, do="who")
            await ask(client, do="who")
        assert len(statements) == 1

    async def test_asking_the_database_costs_one(self, phone: FrontendClient) -> None:
        application = app(check_database=True)
        async with in_the_thread(sql_statements) as statements, connection(application, bearer(phone)):
            pass
        assert len(statements) == 1


async def refusal(application: App, headers: Headers = (), protocols: list[str] | None = None) -> int:
    """The code that the handshake was closed with."""
    client = WebsocketCommunicator(application, "/ws", list(headers), protocols)
    accepted, code = await client.connect(timeout=PATIENCE)
    assert accepted is False
    await client.wait(timeout=PATIENCE)
    return int(code)


class TestRefusals:
    async def test_nobody(self, db: None) -> None:
        assert await refusal(app()) == 4401

    async def test_an_expired_token_even_where_a_session_is_optional(
        self, clock: Clock, phone: FrontendClient
    ) -> None:
        """The frontend is to refresh and to connect again."""
        clock.advance(3601)
        assert await refusal(app(), bearer(phone)) == 4401
        assert await refusal(app(session_required=False), bearer(phone)) == 4401

    async def test_a_forged_token(self, phone: FrontendClient) -> None:
        phone.hold_access_token((phone.access_token or "")[:-10] + "A" * 10)
        assert await refusal(app(), bearer(phone)) == 4401

    @pytest.mark.parametrize(
        "protocols", [["supertokens."], ["supertokens.x.y"], ["supertokens"], ["\u00e9"]]
    )
    async def test_a_subprotocol_that_is_no_token(self, db: None, protocols: list[str]) -> None:
        assert await refusal(app(), [], protocols) == 4401

    async def test_a_revoked_session_where_the_database_is_asked(self, phone: FrontendClient) -> None:
        await sessions.arevoke_session(phone.session_handle)
        assert await refusal(app(check_database=True), bearer(phone)) == 4401

    async def test_a_revoked_session_where_a_cache_knows(self, phone: FrontendClient) -> None:
        with revocation_cache():
            await sync_to_async(phone.refresh)()
            await sessions.arevoke_session(phone.session_handle)
            assert await refusal(app(), bearer(phone)) == 4401

    async def test_refused_claims(self, phone: FrontendClient) -> None:
        application = app(override_global_claim_validators=lambda *_: [AlwaysInvalid("x-grown-up")])
        assert await refusal(application, bearer(phone)) == 4403

    async def test_a_cookie_twice(self, tab: FrontendClient) -> None:
        (cookie, origin) = cookies(tab)
        assert await refusal(app(), [(cookie[0], cookie[1] + b"; sAccessToken=x"), origin]) == 4401


class TestAnotherSite:
    """Cross-site WebSocket hijacking: evil.example opens a connection, and the browser sends Alice's cookies along."""

    @pytest.mark.parametrize(
        "origin", [EVIL, "null", "https://acme.com.evil.example", "http://acme.com", None]
    )
    async def test_cookies_do_not_count(self, tab: FrontendClient, origin: str | None) -> None:
        assert await refusal(app(), cookies(tab, origin)) == 4401

    async def test_they_are_as_if_not_there_where_a_session_is_optional(self, tab: FrontendClient) -> None:
        async with connection(app(session_required=False), cookies(tab, EVIL)) as client:
            assert (await ask(client, do="who"))["userId"] is None

    async def test_not_with_samesite_none_either(self, alice: str) -> None:
        with supertokens_settings(**TWO_SITES):
            tab = FrontendClient("cookie")
            await sync_to_async(tab.post)("/test/login", {"userId": alice})
            assert await refusal(app(), cookies(tab, EVIL)) == 4401
            async with connection(app(), cookies(tab, TWO_SITES["WEBSITE_DOMAIN"])) as client:
                assert client.answer == (True, None)

    async def test_origin_may_decide_by_the_request(self, tab: FrontendClient) -> None:
        def origin(request: Any) -> str:
            asked = request.headers.get("Origin") if request else None
            return asked if asked in ("https://one.example", "https://two.example") else "https://one.example"

        with supertokens_settings(ORIGIN=origin):
            async with connection(app(), cookies(tab, "https://two.example")) as client:
                assert client.answer == (True, None)
            assert await refusal(app(), cookies(tab, EVIL)) == 4401

    async def test_a_token_counts_from_anywhere(self, phone: FrontendClient) -> None:
        """Another site does not have it."""
        async with connection(app(), [*bearer(phone), (b"origin", EVIL.encode())]) as client:
            assert client.answer == (True, None)


async def denial(application: App, headers: Headers = ()) -> tuple[int, dict[str, list[str]], bytes]:
    """What a server is told to answer that can refuse a handshake by a response of its own."""
    client = WebsocketCommunicator(application, "/ws", list(headers))
    client.scope["extensions"] = {"websocket.http.response": {}}
    await client.send_input({"type": "websocket.connect"})
    start = await client.receive_output(timeout=PATIENCE)
    body = await client.receive_output(timeout=PATIENCE)
    await client.wait(timeout=PATIENCE)
    assert (start["type"], body["type"]) == ("websocket.http.response.start", "websocket.http.response.body")
    found: dict[str, list[str]] = {}
    for name, value in start["headers"]:
        found.setdefault(name.decode(), []).append(value.decode())
    return start["status"], found, body["body"]


class TestDenialResponses:
    async def test_nobody(self, db: None) -> None:
        status, headers, body = await denial(app())

        assert (status, body) == (401, b'{"message":"unauthorised"}')
        assert headers["content-type"] == ["application/json; charset=utf-8"]
        assert headers["content-length"] == [str(len(body))]
        assert "set-cookie" not in headers

    async def test_an_expired_token(self, clock: Clock, phone: FrontendClient) -> None:
        clock.advance(3601)
        status, _, body = await denial(app(), bearer(phone))

        assert (status, body) == (401, b'{"message":"try refresh token"}')

    async def test_a_revoked_session_takes_its_cookies_away(self, tab: FrontendClient) -> None:
        await sessions.arevoke_session(tab.session_handle)
        status, headers, _ = await denial(app(check_database=True), cookies(tab))

        assert status == 401
        assert [cookie.partition("=")[0] for cookie in headers["set-cookie"]] == [
            "sAccessToken",
            "sRefreshToken",
        ]
        assert headers["front-token"] == ["remove"]

    async def test_refused_claims(self, phone: FrontendClient) -> None:
        application = app(override_global_claim_validators=lambda *_: [AlwaysInvalid("x-grown-up")])
        status, _, body = await denial(application, bearer(phone))

        failing = [{"id": "x-grown-up", "reason": {"message": "too young"}}]
        assert status == 403
        assert json.loads(body) == {"message": "invalid claim", "claimValidationErrors": failing}

    async def test_the_settings_decide_on_the_status(self, db: None) -> None:
        with supertokens_settings(SESSION={"SESSION_EXPIRED_STATUS_CODE": 440}):
            assert (await denial(app()))[0] == 440


class TestALongConnection:
    async def test_it_is_closed_when_the_session_has_been_revoked(self, phone: FrontendClient) -> None:
        async with connection(app(recheck_seconds=SOON), bearer(phone)) as client:
            assert await ask(client, do="nothing") == {"do": "nothing"}
            await sessions.arevoke_session(phone.session_handle)

            closed = await client.receive_output(timeout=PATIENCE)

        assert (closed["type"], closed["code"]) == ("websocket.close", 4401)
        assert Chat.left == [4401]

    async def test_the_application_is_told_and_what_it_says_then_is_dropped(
        self, phone: FrontendClient
    ) -> None:
        async with connection(app(bare, recheck_seconds=SOON), bearer(phone)) as client:
            await sessions.arevoke_session(phone.session_handle)
            assert (await client.receive_output(timeout=PATIENCE))["type"] == "websocket.close"
            await client.wait(timeout=PATIENCE)
            assert await client.receive_nothing()

    async def test_a_refresh_elsewhere_lets_it_live_on(self, clock: Clock, phone: FrontendClient) -> None:
        async with connection(app(recheck_seconds=SOON), bearer(phone)) as client:
            clock.advance(3600)
            await sync_to_async(phone.refresh)()
            clock.advance(3600)

            assert await client.receive_nothing(timeout=20 * SOON)
            assert await ask(client, do="alive") == {"alive": True}

    async def test_it_ends_with_the_session(self, clock: Clock, phone: FrontendClient) -> None:
        async with connection(app(recheck_seconds=SOON), bearer(phone)) as client:
            clock.advance(101 * 24 * 3600)
            assert (await client.receive_output(timeout=PATIENCE))["code"] == 4401

    async def test_without_a_number_it_is_asked_when_the_token_expires(
        self, clock: Clock, phone: FrontendClient
    ) -> None:
        await sessions.arevoke_session(phone.session_handle)
        clock.advance(phone.access_token_payload["exp"] - clock.now)  # the last moment in which it is good
        async with connection(app(), bearer(phone)) as client:
            assert (await client.receive_output(timeout=PATIENCE))["code"] == 4401

    async def test_not_before(self, phone: FrontendClient) -> None:
        async with connection(app(), bearer(phone)) as client:
            await sessions.arevoke_session(phone.session_handle)
            assert await client.receive_nothing(timeout=10 * SOON)
            assert await ask(client, do="alive") == {"alive": False}

    async def test_the_cache_is_asked_in_place_of_the_database(self, phone: FrontendClient) -> None:
        with revocation_cache() as watched:
            await sync_to_async(phone.refresh)()
            application = app(recheck_seconds=SOON)
            async with (
                in_the_thread(sql_statements) as statements,
                connection(application, bearer(phone)) as client,
            ):
                watched.calls.clear()
                assert await client.receive_nothing(timeout=20 * SOON)
            assert statements == []
            assert {operation for operation, _ in watched.calls} == {"get_many"}

            async with connection(app(recheck_seconds=SOON), bearer(phone)) as client:
                await sessions.arevoke_session(phone.session_handle)
                assert (await client.receive_output(timeout=PATIENCE))["code"] == 4401

    async def test_a_visitors_is_not_watched(self, db: None) -> None:
        application = app(session_required=False, recheck_seconds=SOON)
        async with in_the_thread(sql_statements) as statements, connection(application) as client:
            assert await client.receive_nothing(timeout=10 * SOON)
            assert await ask(client, do="alive") == {"alive": False}
        assert statements == []

    async def test_a_database_that_does_not_answer_closes_nothing(
        self, phone: FrontendClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with connection(app(recheck_seconds=SOON), bearer(phone)) as client:
            async with in_the_thread(lambda: database.execute_wrapper(unreachable)):
                assert await client.receive_nothing(timeout=20 * SOON)
            assert await ask(client, do="nothing") == {"do": "nothing"}

        assert {record.getMessage() for record in caplog.records} == {
            "Whether a WebSocket's session is still there could not be asked."
        }


def unreachable(*args: Any) -> Any:
    raise ConnectionError("nobody there")
