"""Keys that an operator rotates and retires, before their time; nobody is signed out by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection

from supertokens_django import clock as app_clock
from supertokens_django.recipes.jwt.exceptions import UnknownSigningKeyError
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.recipes.jwt.models import SigningKey
from supertokens_django.services import jwt as jwts
from supertokens_django.services import session as sessions
from tests.assertions import assert_try_refresh_token
from tests.base import NOON, Clock, sql_statements, supertokens_settings
from tests.client import FrontendClient, Stack, decode_jwt, json_of

A, O = 3600, 60  # noqa: E741 - as in test_key_rotation
A_WEEK = 168 * 3600
STATIC_SESSIONS: dict[str, Any] = {"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": False}


def published(prefix: str) -> list[str]:
    keys = json_of(FrontendClient().get("/auth/jwt/jwks.json"))["keys"]
    return [key["kid"] for key in keys if key["kid"].startswith(prefix)]


def signer(user_id: str) -> str:
    """The kid that a sign-in at this moment is signed with."""
    browser = FrontendClient("header")
    browser.post("/test/login", {"userId": user_id})
    return str(browser.access_token_header["kid"])


def states() -> dict[str, str]:
    return {key.kid: key.state for key in jwts.list_signing_keys()}


@pytest.fixture(params=["dynamic", "static"])
def static(request: pytest.FixtureRequest, clock: Clock, acme: None, db: None) -> Any:
    """Every test that asks for it runs once with sessions of each kind of key; tells which."""
    is_static = request.param == "static"
    with supertokens_settings(SESSION=STATIC_SESSIONS if is_static else {}):
        yield is_static


@pytest.fixture
def first(static: bool, frontend: FrontendClient) -> str:
    """The key that has signed Alice's session."""
    kid: str = frontend.access_token_header["kid"]
    return kid


@pytest.fixture
def prefix(static: bool) -> str:
    return "s-" if static else "d-"


class TestARotation:
    def test_the_new_key_is_published_first_and_signs_after_the_overlap(
        self, clock: Clock, static: bool, first: str, prefix: str, alice: str
    ) -> None:
        clock.advance(600)
        second = jwts.rotate_signing_key(static=static).kid

        assert published(prefix) == [second, first]
        for elapsed in (0, O - 1):
            clock.move_to_offset(600 + elapsed)
            assert signer(alice) == first
        clock.move_to_offset(600 + O)
        assert signer(alice) == second
        assert published(prefix) == [second, first]

    def test_nobody_is_signed_out(
        self, clock: Clock, static: bool, first: str, frontend: FrontendClient
    ) -> None:
        for _ in range(3):
            clock.advance(600)
            jwts.rotate_signing_key(static=static)
            assert frontend.get("/test/sync").status_code == 200
            clock.advance(O)
            assert frontend.get("/test/sync").status_code == 200
            frontend.refresh()
            assert frontend.get("/test/checked").status_code == 200

        assert frontend.access_token_header["kid"] not in (first, None)

    def test_a_second_one_within_the_overlap_gives_the_same_key(
        self, clock: Clock, static: bool, first: str, prefix: str
    ) -> None:
        """Two hosts whose clockwork rotates at the same hour mean one rotation."""
        clock.advance(600)
        second = jwts.rotate_signing_key(static=static)
        clock.advance(O - 1)

        assert jwts.rotate_signing_key(static=static) == second
        assert published(prefix) == [second.kid, first]
        clock.advance(1)
        assert jwts.rotate_signing_key(static=static).kid != second.kid

    def test_the_other_kind_is_left_alone(self, clock: Clock, static: bool, first: str, prefix: str) -> None:
        other = "d-" if static else "s-"
        before = published(other)
        clock.advance(600)
        jwts.rotate_signing_key(static=static)

        assert published(other) == before

    def test_the_first_key_of_a_project_signs_at_once(self, static: bool, prefix: str, alice: str) -> None:
        made = jwts.rotate_signing_key(static=static)

        assert (made.state, made.signs_from) == ("signing", None)
        assert signer(alice) == made.kid

    def test_the_week_of_a_dynamic_key_begins_anew(self, clock: Clock, acme: None, alice: str) -> None:
        signer(alice)
        clock.advance(A_WEEK / 2)
        second = jwts.rotate_signing_key().kid
        clock.move_to_offset(A_WEEK + 1)

        assert signer(alice) == second
        assert published("d-") == [second, f"d-{int(NOON.timestamp() * 1000)}"]

    def test_a_jwt_of_before_is_still_verified(
        self, clock: Clock, static: bool, first: str, prefix: str
    ) -> None:
        old = jwts.create_jwt({}, 60, static)
        clock.advance(600)
        jwts.rotate_signing_key(static=static)
        clock.advance(O)

        assert decode_jwt(old)[0]["kid"] in published(prefix)
        assert decode_jwt(jwts.create_jwt({}, 60, static))[0]["kid"] == published(prefix)[0]


class TestARetirement:
    def test_the_key_signs_no_more_at_once_and_verifies_on(
        self, static: bool, first: str, prefix: str, alice: str, frontend: FrontendClient
    ) -> None:
        assert jwts.retire_signing_key(first).state == "retired"

        assert signer(alice) != first
        assert published(prefix) == [signer(alice), first]
        assert frontend.get("/test/sync").status_code == 200

    def test_a_dynamic_key_ends_when_its_session_tokens_have(
        self, clock: Clock, alice: str, browser: FrontendClient
    ) -> None:
        browser.post("/test/login", {"userId": alice})
        first = browser.access_token_header["kid"]
        jwts.retire_signing_key(first)

        clock.move_to_offset(A * 0.9)
        assert browser.get("/test/sync").status_code == 200
        clock.move_to_offset(O + 2 * A - 1)
        assert first in published("d-")
        clock.move_to_offset(O + 2 * A)
        assert first not in published("d-")
        assert states()[first] == "ended"
        assert browser.refresh().status_code == 200

    def test_a_static_key_verifies_until_it_is_ended(self, clock: Clock, acme: None, db: None) -> None:
        """It may have signed a JWT that is good for a hundred years."""
        kid = decode_jwt(jwts.create_jwt({}))[0]["kid"]
        assert jwts.retire_signing_key(kid).accepted_until is None
        clock.advance(50 * 365 * 86400)

        assert kid in published("s-")
        assert jwts.retire_signing_key(kid, now=True).state == "ended"
        assert kid not in published("s-")

    def test_of_the_next_key_leaves_the_one_that_signs(
        self, clock: Clock, static: bool, first: str, alice: str
    ) -> None:
        clock.advance(600)
        second = jwts.rotate_signing_key(static=static).kid
        jwts.retire_signing_key(second)
        clock.advance(O)

        assert signer(alice) == first

    def test_after_a_rotation_it_is_silent(self, clock: Clock, static: bool, first: str, alice: str) -> None:
        """Rotate, wait for the overlap, retire: no verifier ever meets a key that it has not had time to fetch."""
        clock.advance(600)
        second = jwts.rotate_signing_key(static=static).kid
        clock.advance(O)
        jwts.retire_signing_key(first)

        assert states()[second] == "signing"
        assert signer(alice) == second

    def test_a_second_one_changes_nothing(self, clock: Clock, static: bool, first: str) -> None:
        before = jwts.retire_signing_key(first)
        clock.advance(600)

        assert jwts.retire_signing_key(first) == before

    def test_of_an_unknown_key_is_an_error(self, static: bool) -> None:
        with pytest.raises(UnknownSigningKeyError, match="There is no signing key 's-none'"):
            jwts.retire_signing_key("s-none")

    def test_a_retired_key_is_rotated_away_at_any_time(self, static: bool, first: str, alice: str) -> None:
        jwts.retire_signing_key(first)
        second = signer(alice)
        jwts.retire_signing_key(second)

        assert jwts.rotate_signing_key(static=static).kid not in (first, second)


class TestALeakedKey:
    def test_its_tokens_ask_for_a_refresh_and_the_refresh_works(
        self, clock: Clock, static: bool, first: str, prefix: str, frontend: FrontendClient
    ) -> None:
        assert frontend.get("/test/sync").status_code == 200  # remembered by this process
        assert jwts.retire_signing_key(first, now=True).state == "ended"

        for path in ("/test/sync", "/test/checked", "/test/optional"):
            assert_try_refresh_token(frontend.get(path))
        assert published(prefix) != [first]
        assert first not in published(prefix)
        assert frontend.refresh().status_code == 200
        assert frontend.access_token_header["kid"] != first
        assert frontend.get("/test/checked").status_code == 200

    def test_a_forgery_made_with_it_is_refused(
        self, static: bool, first: str, alice: str, frontend: FrontendClient
    ) -> None:
        stolen = {key.kid: key for key in ring.all()}[first].private_key
        jwts.retire_signing_key(first, now=True)

        from supertokens_django.crypto import jwt

        forged = jwt.sign(frontend.access_token_payload, stolen, first, version="5")
        frontend.hold_access_token(forged)

        assert_try_refresh_token(frontend.get("/test/sync"))

    def test_a_key_that_was_retired_before_can_be_ended(self, clock: Clock, static: bool, first: str) -> None:
        retired = jwts.retire_signing_key(first)
        clock.advance(10)
        ended = jwts.retire_signing_key(first, now=True)

        assert (ended.state, ended.retired_at) == ("ended", retired.retired_at)
        assert ended.accepted_until is not None
        assert ended.accepted_until.timestamp() == clock.now

    def test_ended_is_ended(self, clock: Clock, static: bool, first: str) -> None:
        ended = jwts.retire_signing_key(first, now=True)
        clock.advance(10)

        assert jwts.retire_signing_key(first, now=True) == ended
        assert jwts.retire_signing_key(first) == ended

    def test_tokens_of_old_without_a_kid_are_not_verified_by_it(self, static: bool, first: str) -> None:
        before = len(ring.public_keys())
        jwts.retire_signing_key(first, now=True)
        SigningKey.objects.exclude(pk=first).delete()
        ring.forget()

        assert before >= 1
        assert ring.public_keys() == []


class TestWhatAProcessRemembers:
    """After 60 seconds the first use of a key reads the table; in between nothing does."""

    @pytest.fixture
    def wait(self) -> Any:
        """Let so many seconds pass for what is held in memory; the clock of the tokens stands still."""
        passed = [app_clock.monotonic()]
        with patch.object(app_clock, "monotonic", lambda: passed[0]):
            ring.forget()

            def advance(seconds: float) -> None:
                passed[0] += seconds

            yield advance

    def elsewhere(self, **changes: Any) -> None:
        """What another process does is there in the table."""
        SigningKey.objects.update(**changes)

    def test_a_key_that_was_ended_elsewhere_is_refused_within_a_minute(
        self, clock: Clock, wait: Callable[[float], None], frontend: FrontendClient
    ) -> None:
        assert frontend.get("/test/sync").status_code == 200
        self.elsewhere(retired_at=NOON, accepted_until=NOON)

        wait(59)
        with sql_statements() as before:
            assert frontend.get("/test/sync").status_code == 200
        wait(2)
        with sql_statements() as after:
            assert_try_refresh_token(frontend.get("/test/sync"))

        assert (len(before), len(after)) == (0, 1)

    def test_it_signs_no_more_within_a_minute(
        self, clock: Clock, wait: Callable[[float], None], alice: str
    ) -> None:
        first = signer(alice)
        self.elsewhere(retired_at=NOON)
        wait(61)

        assert signer(alice) != first

    @pytest.mark.parametrize("path", ["/test/sync", "/test/async"])
    def test_one_request_a_minute_reads_the_table_and_no_other_one_does(
        self, clock: Clock, wait: Callable[[float], None], frontend: FrontendClient, path: str
    ) -> None:
        stacks: tuple[Stack, ...] = ("wsgi", "asgi")
        for stack in stacks:
            browser = frontend.clone(stack=stack)
            browser.get(path)
            wait(61)
            with sql_statements() as first:
                assert browser.get(path).status_code == 200
            with sql_statements() as others:
                for _ in range(5):
                    assert browser.get(path).status_code == 200

            assert (len(first), len(others)) == (1, 0)

    def test_without_a_database_sessions_go_on(
        self,
        clock: Clock,
        wait: Callable[[float], None],
        frontend: FrontendClient,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def is_away(*_: Any) -> Any:
            raise OperationalError("the server has gone away")

        assert frontend.get("/test/sync").status_code == 200
        wait(61)
        with connection.execute_wrapper(is_away):
            for _ in range(3):
                assert frontend.get("/test/sync").status_code == 200

        assert [record.getMessage() for record in caplog.records if record.name == "supertokens_django"] == [
            "The signing keys cannot be read; those in memory go on."
        ]
        self.elsewhere(retired_at=NOON, accepted_until=NOON)
        wait(61)
        assert_try_refresh_token(frontend.get("/test/sync"))

    def test_a_verification_inside_an_event_loop_does_not_need_the_table(
        self, clock: Clock, wait: Callable[[float], None], frontend: FrontendClient
    ) -> None:
        """The sync verb, called by async code, works as long as nothing has to be read."""
        token = frontend.access_token or ""
        wait(61)

        async def story() -> Any:
            return sessions.get_session_without_request_response(token)

        assert async_to_sync(story)().get_user_id() == frontend.user_id


def test_the_async_twins_do_the_same(clock: Clock, acme: None, db: None) -> None:
    async def story() -> None:
        kid = await jwts.aget_signing_kid(static=True)
        assert (await jwts.aget_public_jwk(kid))["kid"] == kid
        assert "BEGIN PUBLIC KEY" in await jwts.aget_public_key_pem(kid)
        made = await jwts.arotate_signing_key()
        assert (await jwts.aretire_signing_key(made.kid, now=True)).state == "ended"
        assert {key.kid for key in await jwts.alist_signing_keys()} >= {kid, made.kid}

    async_to_sync(story)()
