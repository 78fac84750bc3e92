"""The frontend SDK's session: protected calls, silent refresh, several tabs, sign-out and theft."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from supertokens_django.services import session
from tests.base import ALICE, Clock
from tests.browser.conftest import OpenFrontend
from tests.browser.frontend import Frontend

if TYPE_CHECKING:
    from playwright.sync_api import Route

BEYOND_ACCESS_TOKEN = timedelta(hours=1, seconds=1)
BEYOND_GRACE = timedelta(seconds=31)
REFRESHED = ["GET /api/me 401", "POST /auth/session/refresh 200", "GET /api/me 200"]


@pytest.fixture
def member(visitor: Frontend) -> Frontend:
    """Alice's browser, just signed up."""
    assert visitor.sign_up(ALICE)["status"] == "OK"
    visitor.forget_traffic()
    return visitor


def handles_of(frontend: Frontend) -> list[str]:
    return session.get_all_session_handles_for_user(frontend.call("getUserId"))


# ---------------------------------------------------------------------- protected calls


def test_a_protected_view_knows_who_calls(member: Frontend) -> None:
    user_id = member.call("getUserId")

    answer = member.fetch("/api/me")

    assert answer["status"] == 200
    assert (answer["body"]["userId"], answer["body"]["method"]) == (user_id, "GET")
    assert member.fetch("/api/me-async") == {"status": 200, "body": {"userId": user_id}}
    assert member.fetch("/api/me-checked") == {"status": 200, "body": {"userId": user_id}}
    assert member.call("xhr", "/api/me") == answer


def test_django_csrf_check_does_not_stop_the_frontend(member: Frontend) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = member.fetch("/api/me", method, {"like": "comment"})
        assert (answer["status"], answer["body"]["method"]) == (200, method)


def test_a_protected_view_refuses_a_stranger(visitor: Frontend) -> None:
    assert visitor.fetch("/api/public") == {"status": 200, "body": {"status": "OK"}}
    visitor.forget_traffic()

    assert visitor.fetch("/api/me") == {"status": 401, "body": {"message": "unauthorised"}}
    assert visitor.traffic == ["GET /api/me 401"]
    assert not visitor.is_signed_in()


def test_a_fresh_visitor_asks_once_whether_there_is_a_session(visitor: Frontend) -> None:
    visitor.fetch("/api/public")
    visitor.fetch("/api/public")

    assert visitor.traffic == [
        "POST /auth/session/refresh 401",
        "GET /api/public 200",
        "GET /api/public 200",
    ]


def test_the_tokens_are_kept_where_the_mode_says(member: Frontend) -> None:
    api, website = set(member.cookies_of_api()), set(member.cookies_of_website())

    assert {"sFrontToken", "st-last-access-token-update"} <= website
    assert {"sAccessToken", "sRefreshToken"} <= api if member.mode == "cookie" else api == set()
    assert ({"st-access-token", "st-refresh-token"} <= website) == (member.mode == "header")


def test_no_script_can_read_the_tokens_in_cookie_mode(open_frontend: OpenFrontend) -> None:
    member = open_frontend()
    member.sign_up(ALICE)

    tokens = [
        cookie for cookie in member.context.cookies() if cookie["name"] in ("sAccessToken", "sRefreshToken")
    ]

    assert [cookie["httpOnly"] for cookie in tokens] == ([True, True] if member.mode == "cookie" else [])


def test_a_reloaded_page_is_still_signed_in(member: Frontend) -> None:
    member.page.reload()

    assert member.is_signed_in()
    assert member.fetch("/api/me")["status"] == 200


# ---------------------------------------------------------------------- refresh


def test_an_expired_access_token_is_refreshed_silently(member: Frontend, server_clock: Clock) -> None:
    (handle,) = handles_of(member)
    before = member.refresh_token()
    server_clock.advance(BEYOND_ACCESS_TOKEN)

    assert member.fetch("/api/me")["status"] == 200
    assert member.traffic == REFRESHED
    assert member.refresh_token() not in (before, None)
    assert member.events() == ["SESSION_CREATED", "ACCESS_TOKEN_PAYLOAD_UPDATED", "REFRESH_SESSION"]
    assert handles_of(member) == [handle]


def test_an_expired_access_token_is_refreshed_under_an_old_style_request(
    member: Frontend, server_clock: Clock
) -> None:
    server_clock.advance(BEYOND_ACCESS_TOKEN)

    assert member.call("xhr", "/api/me")["status"] == 200
    assert member.traffic == REFRESHED


def test_the_body_of_a_refused_post_is_sent_again(member: Frontend, server_clock: Clock) -> None:
    server_clock.advance(BEYOND_ACCESS_TOKEN)

    assert member.fetch("/api/nickname", "POST", {"nickname": "White Rabbit"})["status"] == 200
    assert member.call("getAccessTokenPayloadSecurely")["nickname"] == "White Rabbit"


def test_the_frontend_refreshes_by_itself_when_its_clock_says_so(
    member: Frontend, server_clock: Clock
) -> None:
    server_clock.advance(BEYOND_ACCESS_TOKEN)
    member.page.clock.install()
    member.page.clock.fast_forward(int(BEYOND_ACCESS_TOKEN.total_seconds() * 1000))

    assert member.is_signed_in()
    assert member.traffic == ["POST /auth/session/refresh 200"]


def test_it_goes_on_for_ever(member: Frontend, server_clock: Clock) -> None:
    seen = {member.refresh_token()}
    for _ in range(5):
        server_clock.advance(BEYOND_ACCESS_TOKEN)
        assert member.fetch("/api/me")["status"] == 200
        seen.add(member.refresh_token())

    assert len(seen) == 6
    assert member.traffic == REFRESHED * 5
    assert len(handles_of(member)) == 1


def test_the_session_ends_when_nobody_comes_for_too_long(member: Frontend, server_clock: Clock) -> None:
    server_clock.advance(timedelta(days=101))

    assert member.fetch("/api/me")["status"] == 401
    assert member.traffic == ["GET /api/me 401", "POST /auth/session/refresh 401"]
    assert not member.is_signed_in()
    assert member.events() == ["SESSION_CREATED", "UNAUTHORISED"]


# ---------------------------------------------------------------------- payload


def test_the_frontend_sees_a_changed_payload(member: Frontend) -> None:
    refresh_token = member.refresh_token()
    member.fetch("/api/nickname", "POST", {"nickname": "White Rabbit — 白兔"})

    payload = member.call("getAccessTokenPayloadSecurely")

    assert payload["nickname"] == "White Rabbit — 白兔"
    assert payload["sub"] == member.call("getUserId")
    assert member.traffic == ["POST /api/nickname 200"]
    assert member.events() == ["SESSION_CREATED", "ACCESS_TOKEN_PAYLOAD_UPDATED"]
    assert member.refresh_token() == refresh_token


def test_a_changed_payload_survives_a_refresh(member: Frontend, server_clock: Clock) -> None:
    member.fetch("/api/nickname", "POST", {"nickname": "White Rabbit"})
    server_clock.advance(BEYOND_ACCESS_TOKEN)
    member.fetch("/api/me")

    assert member.call("getAccessTokenPayloadSecurely")["nickname"] == "White Rabbit"


def test_a_value_taken_out_of_the_payload_is_gone_in_the_frontend(member: Frontend) -> None:
    member.fetch("/api/nickname", "POST", {"nickname": "White Rabbit"})
    member.fetch("/api/nickname", "POST", {"nickname": None})

    assert "nickname" not in member.call("getAccessTokenPayloadSecurely")


# ---------------------------------------------------------------------- several tabs


def test_tabs_that_share_a_lock_refresh_once(member: Frontend, server_clock: Clock) -> None:
    tabs = [member, member.new_tab(), member.new_tab()]
    server_clock.advance(BEYOND_ACCESS_TOKEN)

    for tab in tabs:
        tab.start("fetch", {"path": "/api/me", "method": "GET", "body": None})

    assert [tab.finish()["status"] for tab in tabs] == [200, 200, 200]
    assert member.traffic.count("POST /auth/session/refresh 200") == 1
    assert len(handles_of(member)) == 1


def test_tabs_that_refresh_at_the_same_moment_converge_on_one_lineage(
    open_frontend: OpenFrontend, server_clock: Clock
) -> None:
    first = open_frontend(tabsLock=False)
    first.sign_up(ALICE)
    second = first.new_tab()
    (handle,) = handles_of(first)
    first.forget_traffic()
    server_clock.advance(BEYOND_ACCESS_TOKEN)

    _refresh_at_the_same_moment(first, second)

    assert first.traffic.count("POST /auth/session/refresh 200") == 2
    assert len(_refresh_tokens_answered(first)) == 1
    assert _refresh_tokens_answered(first) == {first.refresh_token()}
    assert handles_of(first) == handles_of(second) == [handle]
    for _ in range(2):
        server_clock.advance(BEYOND_ACCESS_TOKEN)
        assert first.fetch("/api/me")["status"] == second.fetch("/api/me")["status"] == 200


def _refresh_at_the_same_moment(first: Frontend, second: Frontend) -> None:
    """Both tabs' refresh requests are held back until both have been asked for."""
    waiting: list[Route] = []
    first.context.route("**/auth/session/refresh", lambda route: waiting.append(route))
    for tab in (first, second):
        tab.start("attemptRefreshingSession")
    while len(waiting) < 2:
        first.page.wait_for_timeout(10)
    for route in waiting:
        route.continue_()
    assert first.finish() is True
    assert second.finish() is True
    first.context.unroute("**/auth/session/refresh")


def _refresh_tokens_answered(frontend: Frontend) -> set[str]:
    answers = [
        answer.headers_array() for answer in frontend.answers if answer.url.endswith("/session/refresh")
    ]
    found = {"cookie": set[str](), "header": set[str]()}
    for headers in answers:
        for header in headers:
            name, value = header["name"].lower(), header["value"]
            if name == "set-cookie" and value.startswith("sRefreshToken="):
                found["cookie"].add(value.removeprefix("sRefreshToken=").split(";")[0])
            if name == "st-refresh-token":
                found["header"].add(value)
    return found[frontend.mode]


# ---------------------------------------------------------------------- the end of a session


def test_sign_out_ends_the_session_everywhere(member: Frontend) -> None:
    user_id = member.call("getUserId")

    member.sign_out()

    assert member.traffic == ["POST /auth/signout 200"]
    assert member.events() == ["SESSION_CREATED", "SIGN_OUT"]
    assert not member.is_signed_in()
    assert member.refresh_token() is None
    assert member.fetch("/api/me") == {"status": 401, "body": {"message": "unauthorised"}}
    assert session.get_all_session_handles_for_user(user_id) == []


def test_sign_out_works_with_an_expired_access_token(member: Frontend, server_clock: Clock) -> None:
    user_id = member.call("getUserId")
    server_clock.advance(BEYOND_ACCESS_TOKEN)

    member.sign_out()

    assert not member.is_signed_in()
    assert session.get_all_session_handles_for_user(user_id) == []


def test_sign_out_in_one_tab_is_seen_by_the_other(member: Frontend) -> None:
    other = member.new_tab()
    assert other.is_signed_in()

    member.sign_out()

    assert not other.is_signed_in()


def test_a_visitor_signs_in_again_after_signing_out(member: Frontend) -> None:
    member.sign_out()

    assert member.sign_in(ALICE)["status"] == "OK"
    assert member.fetch("/api/me")["status"] == 200


def test_a_session_revoked_by_the_server_ends_in_the_browser(member: Frontend) -> None:
    session.revoke_all_sessions_for_user(member.call("getUserId"))

    assert member.fetch("/api/me-checked")["status"] == 401
    assert not member.is_signed_in()
    assert member.refresh_token() is None


def test_a_stolen_old_refresh_token_throws_thief_and_victim_out(
    member: Frontend, open_frontend: OpenFrontend, server_clock: Clock
) -> None:
    user_id = member.call("getUserId")
    mallory = open_frontend(profile=member.context.storage_state())
    server_clock.advance(BEYOND_ACCESS_TOKEN)
    assert member.fetch("/api/me")["status"] == 200
    assert mallory.refresh_token() not in (None, member.refresh_token())
    member.forget_traffic()
    server_clock.advance(BEYOND_GRACE)

    assert mallory.fetch("/api/me")["status"] == 401
    assert mallory.traffic == ["GET /api/me 401", "POST /auth/session/refresh 401"]
    assert mallory.answers[-1].headers["front-token"] == "remove"
    assert not mallory.is_signed_in()

    server_clock.advance(BEYOND_ACCESS_TOKEN)
    assert member.fetch("/api/me")["status"] == 401
    assert member.traffic == ["GET /api/me 401", "POST /auth/session/refresh 401"]
    assert not member.is_signed_in()
    assert session.get_all_session_handles_for_user(user_id) == []


def test_an_old_refresh_token_within_the_grace_throws_nobody_out(
    member: Frontend, open_frontend: OpenFrontend, server_clock: Clock
) -> None:
    restored = open_frontend(profile=member.context.storage_state())
    server_clock.advance(BEYOND_ACCESS_TOKEN)

    assert member.fetch("/api/me")["status"] == 200
    assert restored.fetch("/api/me")["status"] == 200
    assert restored.refresh_token() == member.refresh_token()
    assert len(handles_of(member)) == 1


def test_signing_in_while_signed_in_replaces_the_session_in_the_browser(member: Frontend) -> None:
    before = member.refresh_token()

    assert member.sign_in(ALICE)["status"] == "OK"
    assert member.refresh_token() not in (before, None)
    assert member.fetch("/api/me")["status"] == 200
