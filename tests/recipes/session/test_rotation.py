"""The rotation rule: every refresh replaces the refresh token; inside the grace window the replaced one gives its
successor again; anything older is theft and ends the session."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from supertokens_django.exceptions import TokenTheftError, UnauthorisedError
from supertokens_django.services import session as sessions
from supertokens_django.signals import session_refreshed, session_revoked, token_theft_detected
from tests.assertions import (
    TOKEN_THEFT,
    assert_everything_is_cleared,
    assert_json,
    assert_session_is_set,
    assert_unauthorised_and_cleared,
)
from tests.base import Clock, sql_statements, supertokens_settings
from tests.client import FrontendClient

GRACE = 30


def assert_theft(response: Any) -> None:
    assert_json(response, 401, TOKEN_THEFT)
    assert_everything_is_cleared(response)


class TestInsideTheGraceWindow:
    def test_the_replaced_token_gives_the_same_successor_and_a_fresh_access_token(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        other_tab = frontend.clone()
        expires = clock.now + 100 * 86400
        frontend.refresh()
        clock.advance(1)

        response = other_tab.refresh()

        assert_json(response, 200, {})
        assert_session_is_set(response, frontend.mode, refresh_expires=expires)
        assert other_tab.refresh_token == frontend.refresh_token
        assert other_tab.access_token != frontend.access_token
        assert other_tab.access_token_payload["iat"] == frontend.access_token_payload["iat"] + 1
        claims = ("sessionHandle", "refreshTokenHash1", "parentRefreshTokenHash1", "sub")
        assert [other_tab.access_token_payload[claim] for claim in claims] == [
            frontend.access_token_payload[claim] for claim in claims
        ]

    def test_any_number_of_tabs_converge(self, clock: Clock, frontend: FrontendClient) -> None:
        tabs = [frontend.clone() for _ in range(10)]

        for tab in tabs:
            assert tab.refresh().status_code == 200

        assert len({tab.refresh_token for tab in tabs}) == 1
        for tab in tabs:
            assert tab.get("/test/checked").status_code == 200
        clock.advance(3600)
        assert tabs[3].refresh().status_code == 200

    def test_the_anti_csrf_token_is_the_same_too(self, clock: Clock, alice: str) -> None:
        browser = FrontendClient("cookie")
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
            browser.post("/test/login", {"userId": alice})
            other_tab = browser.clone()
            browser.refresh()
            clock.advance(1)
            response = other_tab.refresh()

        assert_json(response, 200, {})
        assert other_tab.anti_csrf == browser.anti_csrf
        assert other_tab.access_token_payload["antiCsrfToken"] == browser.anti_csrf

    def test_a_lost_answer_is_repeated(self, clock: Clock, frontend: FrontendClient) -> None:
        """The server has rotated, the client never heard of it, and tries again."""
        frontend.clone().refresh()
        clock.advance(GRACE)

        assert_json(frontend.refresh(), 200, {})
        clock.advance(3600)
        assert_json(frontend.refresh(), 200, {})

    def test_it_ends_with_the_grace_period(self, clock: Clock, frontend: FrontendClient) -> None:
        thief = frontend.clone()
        frontend.refresh()
        clock.advance(GRACE + 1)

        assert_theft(thief.refresh())

    def test_using_it_does_not_prolong_it(self, clock: Clock, frontend: FrontendClient) -> None:
        thief = frontend.clone()
        frontend.refresh()
        clock.advance(GRACE - 1)
        assert_json(thief.clone().refresh(), 200, {})
        clock.advance(2)

        assert_theft(thief.refresh())

    def test_it_does_not_move_the_end_of_the_session(self, clock: Clock, frontend: FrontendClient) -> None:
        other_tab = frontend.clone()
        frontend.refresh()
        information = sessions.get_session_information(frontend.session_handle)
        clock.advance(10)
        other_tab.refresh()

        assert sessions.get_session_information(frontend.session_handle) == information

    @pytest.mark.parametrize("grace", [0, 5, 300])
    def test_its_length_is_a_setting(self, clock: Clock, frontend: FrontendClient, grace: int) -> None:
        with supertokens_settings(SESSION={"REFRESH_TOKEN_ROTATION_GRACE_PERIOD": grace}):
            thief = frontend.clone()
            frontend.refresh()
            clock.advance(grace)
            if grace:
                assert_json(thief.clone().refresh(), 200, {})
            clock.advance(1)
            assert_theft(thief.refresh())


class TestTheft:
    def test_it_ends_the_session_for_thief_and_owner(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        thief = frontend.clone()
        frontend.refresh()
        clock.advance(GRACE + 1)

        response = thief.refresh()

        assert_theft(response)
        assert not thief.is_signed_in
        assert sessions.get_all_session_handles_for_user(alice) == []
        assert frontend.get("/test/sync").status_code == 200
        assert_unauthorised_and_cleared(frontend.clone().get("/test/checked"))
        assert_unauthorised_and_cleared(frontend.refresh())

    def test_the_owner_who_comes_second_notices(self, clock: Clock, frontend: FrontendClient) -> None:
        thief = frontend.clone()
        thief.refresh()
        clock.advance(GRACE + 1)

        assert_theft(frontend.refresh())
        assert_unauthorised_and_cleared(thief.refresh())

    def test_a_token_older_than_the_replaced_one_is_theft_even_inside_the_grace_window(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        thief = frontend.clone()
        frontend.refresh()
        frontend.refresh()

        assert_theft(thief.refresh())

    def test_other_sessions_of_the_user_go_on(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        phone = FrontendClient("header")
        phone.post("/test/login", {"userId": alice})
        thief = frontend.clone()
        frontend.refresh()
        clock.advance(GRACE + 1)
        thief.refresh()

        assert sessions.get_all_session_handles_for_user(alice) == [phone.session_handle]
        assert_json(phone.refresh(), 200, {})

    def test_it_is_raised_with_who_was_robbed(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        old = frontend.refresh_token or ""
        frontend.refresh()
        clock.advance(GRACE + 1)

        with pytest.raises(TokenTheftError) as theft:
            sessions.refresh_session_without_request_response(old)

        assert theft.value.session_handle == frontend.session_handle
        assert (theft.value.user_id, theft.value.recipe_user_id) == (alice, alice)

    @pytest.mark.django_db(transaction=True)
    def test_its_signal_is_sent_once_the_session_is_gone(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        received: list[dict[str, Any]] = []

        def receiver(**kwargs: Any) -> None:
            handles = sessions.get_all_session_handles_for_user(alice)
            received.append({**kwargs, "handles": handles})

        thief = frontend.clone()
        frontend.refresh()
        clock.advance(GRACE + 1)
        token_theft_detected.connect(receiver)
        try:
            thief.refresh()
        finally:
            token_theft_detected.disconnect(receiver)

        assert [(got["session_handle"], got["user_id"], got["handles"]) for got in received] == [
            (frontend.session_handle, alice, [])
        ]

    @pytest.mark.django_db(transaction=True)
    def test_no_signal_of_success_is_sent_with_it(self, clock: Clock, frontend: FrontendClient) -> None:
        refreshed, revoked = [], []

        def on_refreshed(**kwargs: Any) -> None:
            refreshed.append(kwargs["session_handle"])

        def on_revoked(**kwargs: Any) -> None:
            revoked.extend(kwargs["session_handles"])

        thief = frontend.clone()
        frontend.refresh()
        clock.advance(GRACE + 1)
        session_refreshed.connect(on_refreshed)
        session_revoked.connect(on_revoked)
        try:
            thief.refresh()
        finally:
            session_refreshed.disconnect(on_refreshed)
            session_revoked.disconnect(on_revoked)

        assert refreshed == []
        assert revoked == [frontend.session_handle]


class TestTheRow:
    def test_the_session_lives_on_from_each_rotation(self, clock: Clock, frontend: FrontendClient) -> None:
        for _ in range(3):
            clock.advance(99 * 86400)
            assert_json(frontend.refresh(), 200, {})

            information = sessions.get_session_information(frontend.session_handle)
            assert information is not None
            assert information.expiry == clock.milliseconds + 100 * 86400 * 1000

    def test_the_lifetime_is_a_setting(self, clock: Clock, alice: str, browser: FrontendClient) -> None:
        with supertokens_settings(SESSION={"REFRESH_TOKEN_LIFETIME": 3600}):
            response = browser.post("/test/login", {"userId": alice})
            assert_session_is_set(response, browser.mode, refresh_expires=clock.now + 3600)
            clock.advance(3599)
            response = browser.refresh()
            assert_session_is_set(response, browser.mode, refresh_expires=clock.now + 3600)
            token = browser.refresh_token or ""
            clock.advance(3601)
            browser.hold_refresh_token(token)
            assert_unauthorised_and_cleared(browser.refresh())

    def test_verified_requests_write_nothing(self, clock: Clock, frontend: FrontendClient) -> None:
        before = sessions.get_session_information(frontend.session_handle)
        clock.advance(60)
        frontend.refresh()
        after = sessions.get_session_information(frontend.session_handle)

        for path in ("/test/sync", "/test/async", "/test/checked"):
            response = frontend.get(path)
            assert response.status_code == 200
            assert response.cookies == {}

        assert sessions.get_session_information(frontend.session_handle) == after != before


class TestForgery:
    """A token that is not ours costs no query and ends nothing, however close it comes."""

    def forgeries(self, token: str) -> list[str]:
        handle, generation, mac = token.split(".")
        other = "0" if handle[0] != "0" else "1"
        flipped = ("A" if mac[-10] != "A" else "B").join([mac[:-10], mac[-9:]])
        return [
            f"{other}{handle[1:]}.{generation}.{mac}",
            f"{handle}.{int(generation) + 1}.{mac}",
            f"{handle}.{int(generation) - 1}.{mac}",
            f"{handle}.0{generation}.{mac}",
            f"{handle}.{generation}.{flipped}",
            f"{handle}.{generation}.{mac[:-1]}",
            f"{handle}.{generation}.{mac}=",
            f"{handle}.{generation}.",
            f"{handle}.{generation}.{mac}.{mac}",
            f"{handle.upper()}.{generation}.{mac}",
            f" {token}"[1:] + "\n",
            f"{handle}.٣.{mac}".encode().decode("latin1"),
        ]

    def test_it_is_refused_before_the_database_is_asked(self, clock: Clock, frontend: FrontendClient) -> None:
        frontend.refresh()
        real = frontend.refresh_token or ""

        for forged in self.forgeries(real):
            with sql_statements() as statements, pytest.raises(UnauthorisedError):
                sessions.refresh_session_without_request_response(forged)
            assert statements == [], forged

        assert_json(frontend.refresh(), 200, {})

    def test_it_ends_nothing_over_the_wire(self, clock: Clock, frontend: FrontendClient) -> None:
        frontend.refresh()
        real = frontend.refresh_token or ""

        for forged in self.forgeries(real)[:6]:
            mallory = frontend.clone()
            mallory.hold_refresh_token(forged)
            with sql_statements() as statements:
                response = mallory.refresh()
            assert_unauthorised_and_cleared(response)
            assert statements == []

        clock.advance(3600)
        assert_json(frontend.refresh(), 200, {})

    def test_a_token_for_the_next_generation_cannot_be_made_from_this_one(
        self, frontend: FrontendClient
    ) -> None:
        handle, generation, mac = (frontend.refresh_token or "").split(".")
        frontend.hold_refresh_token(f"{handle}.{int(generation) + 1}.{mac}")

        assert_unauthorised_and_cleared(frontend.refresh())

    @pytest.mark.parametrize("is_removed", [True, False])
    def test_it_depends_on_the_secret_key_and_its_fallbacks(
        self, clock: Clock, frontend: FrontendClient, is_removed: bool
    ) -> None:
        fallbacks = [] if is_removed else [settings.SECRET_KEY]
        with override_settings(
            SECRET_KEY="another secret key of at least fifty characters ####", SECRET_KEY_FALLBACKS=fallbacks
        ):
            response = frontend.refresh()
            if is_removed:
                assert_unauthorised_and_cleared(response)
                return
            assert_json(response, 200, {})
            clock.advance(3600)
            assert_json(frontend.refresh(), 200, {})

    def test_a_grace_answer_survives_the_rotation_of_the_secret_key(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        """The successor is computed again under the new key: it must be one that the session accepts."""
        other_tab = frontend.clone()
        frontend.refresh()
        with override_settings(
            SECRET_KEY="another secret key of at least fifty characters ####",
            SECRET_KEY_FALLBACKS=[settings.SECRET_KEY],
        ):
            assert_json(other_tab.refresh(), 200, {})
            clock.advance(3600)
            assert_json(other_tab.refresh(), 200, {})

    def test_a_database_without_the_secret_key_gives_no_token(self, frontend: FrontendClient) -> None:
        """Neither the token nor its hashes are stored."""
        import hashlib

        from django.db import connection

        token = frontend.refresh_token or ""
        hash_1 = hashlib.sha256(token.encode()).hexdigest()
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM supertokens_django_session")
            stored = str(cursor.fetchall())
        assert frontend.session_handle in stored
        for secret in (token, token.rpartition(".")[2], hash_1, frontend.access_token or ""):
            assert secret not in stored
