"""``POST /auth/session/refresh``: which token is taken, what comes back, what is cleared (FDI: refreshSession)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.assertions import (
    TOKEN_THEFT,
    UNAUTHORISED,
    assert_everything_is_cleared,
    assert_front_token_matches,
    assert_json,
    assert_session_is_set,
    assert_unauthorised_and_cleared,
)
from tests.base import Clock, supertokens_settings
from tests.client import (
    ACCESS_COOKIE,
    EXPOSE_HEADERS,
    LEGACY_COOKIE,
    REFRESH_COOKIE,
    REMOVED,
    FrontendClient,
    Stack,
    json_of_view,
    session_headers,
)
from tests.cookies import EPOCH, SetCookie, set_cookies


def allow(method: str) -> Any:
    """Settings under which only ``method`` may carry tokens."""
    return supertokens_settings(
        SESSION={"GET_TOKEN_TRANSFER_METHOD": lambda request, for_create_new_session: method}
    )


def session_cookies(response: Any) -> list[SetCookie]:
    return [cookie for name, cookie in set_cookies(response).items() if name != LEGACY_COOKIE]


def assert_legacy_cookie_is_expired(response: Any) -> None:
    cookie = set_cookies(response)[LEGACY_COOKIE]
    assert (cookie.value, cookie.path, cookie.domain, cookie.expires) == ("", "/", None, EPOCH)


def test_a_refresh_answers_an_empty_object_and_new_tokens(
    clock: Clock, frontend: FrontendClient, stack: Stack
) -> None:
    tab = frontend.clone(stack=stack)
    clock.advance(3600)

    response = tab.refresh()

    assert_json(response, 200, {})
    assert_session_is_set(response, frontend.mode)
    assert tab.refresh_token != frontend.refresh_token
    assert tab.access_token != frontend.access_token
    assert tab.session_handle == frontend.session_handle
    assert tab.get("/test/sync").status_code == 200


def test_the_new_access_token_tells_its_lineage(clock: Clock, frontend: FrontendClient) -> None:
    before = frontend.access_token_payload
    clock.advance(60)

    frontend.refresh()

    after = frontend.access_token_payload
    same = ("sub", "rsub", "tId", "iss", "sessionHandle", "antiCsrfToken")
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert after["iat"] == int(clock.now)
    assert after["refreshTokenHash1"] != before["refreshTokenHash1"]
    assert set(after) == set(before)


def test_every_refresh_makes_a_new_anti_csrf_token(clock: Clock, alice: str) -> None:
    browser = FrontendClient("cookie")
    with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
        browser.post("/test/login", {"userId": alice})
        first = browser.anti_csrf
        clock.advance(60)
        response = browser.refresh()

    assert_session_is_set(response, "cookie", anti_csrf=True)
    assert browser.anti_csrf not in (None, first)
    assert browser.access_token_payload["antiCsrfToken"] == browser.anti_csrf


def test_the_access_token_is_exposed_beside_the_cookie_when_asked(
    clock: Clock, frontend: FrontendClient
) -> None:
    with supertokens_settings(SESSION={"EXPOSE_ACCESS_TOKEN_TO_FRONTEND_IN_COOKIE_BASED_AUTH": True}):
        response = frontend.refresh()

    assert_session_is_set(response, frontend.mode, exposed_access_token=True)


def test_a_fresh_visitor_is_told_to_forget_everything(browser: FrontendClient, stack: Stack) -> None:
    visitor = FrontendClient(browser.mode, stack=stack)

    assert_unauthorised_and_cleared(visitor.refresh())


def test_an_access_cookie_without_refresh_token_is_cleared(frontend: FrontendClient) -> None:
    frontend.header_tokens.pop("st-refresh-token", None)
    for cookie in list(frontend.jar):
        if cookie.name == REFRESH_COOKIE:
            frontend.jar._cookies.pop((cookie.name, cookie.domain, cookie.path))

    assert_unauthorised_and_cleared(frontend.refresh())


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a.b.c",
        "a.b.V2",
        "eyJhbGciOiJub25lIn0.e30.",
        "%00",
        "\xff\xfe",
        "0" * 5000,
        "..",
        "😀".encode().decode("latin1"),
    ],
)
def test_what_is_no_refresh_token_clears_everything(browser: FrontendClient, token: str) -> None:
    if browser.mode == "cookie":
        response = browser.refresh(headers={"cookie": f"sRefreshToken={token}"})
    else:
        response = browser.refresh(headers={"authorization": f"Bearer {token}"})

    assert_unauthorised_and_cleared(response)


def test_an_access_token_is_no_refresh_token(frontend: FrontendClient) -> None:
    frontend.hold_refresh_token(frontend.access_token or "")

    assert_unauthorised_and_cleared(frontend.refresh())


def test_a_session_that_was_revoked_cannot_be_refreshed(frontend: FrontendClient) -> None:
    frontend.clone().sign_out()

    assert_unauthorised_and_cleared(frontend.refresh())


def test_a_session_ends_with_its_refresh_token(clock: Clock, frontend: FrontendClient) -> None:
    token = frontend.refresh_token or ""
    clock.advance(100 * 86400 + 1)
    frontend.hold_refresh_token(token)  # a client that does not care for cookie expiry

    assert_unauthorised_and_cleared(frontend.refresh())


class TestWhichTokenCounts:
    """The refresh matrix: what is set, what is cleared."""

    @pytest.mark.parametrize(
        ("allowed", "has_header", "has_cookie", "expected", "cleared"),
        [
            ("any", False, False, None, None),
            ("header", False, False, None, None),
            ("cookie", False, False, None, None),
            ("any", False, True, "cookie", None),
            ("cookie", False, True, "cookie", None),
            ("header", False, True, None, None),
            ("any", True, False, "header", None),
            ("header", True, False, "header", None),
            ("cookie", True, False, None, None),
            ("any", True, True, "header", "cookie"),
            ("header", True, True, "header", "cookie"),
            ("cookie", True, True, "cookie", "header"),
        ],
    )
    def test_the_refresh_matrix(
        self,
        clock: Clock,
        alice: str,
        allowed: str,
        has_header: bool,
        has_cookie: bool,
        expected: str | None,
        cleared: str | None,
    ) -> None:
        handles, browser, headers = self._browser_with(alice, has_header, has_cookie)
        clock.advance(60)

        with allow(allowed):
            response = browser.refresh(headers=headers)

        if expected is None:
            assert_unauthorised_and_cleared(response)
            return
        assert_json(response, 200, {})
        if cleared is None:
            assert_session_is_set(response, "cookie" if expected == "cookie" else "header")
        else:
            self._assert_cleared_first_and_set_last(response, expected)
        assert browser.session_handle == handles[expected]

    @staticmethod
    def _browser_with(
        alice: str, has_header: bool, has_cookie: bool
    ) -> tuple[dict[str, str], FrontendClient, dict[str, str | None]]:
        cookie, header = FrontendClient("cookie"), FrontendClient("header")
        cookie.post("/test/login", {"userId": alice})
        header.post("/test/login", {"userId": alice})
        handles = {"cookie": cookie.session_handle, "header": header.session_handle}
        browser = cookie if has_cookie else FrontendClient("cookie")
        return handles, browser, {"authorization": f"Bearer {header.refresh_token}" if has_header else None}

    @staticmethod
    def _assert_cleared_first_and_set_last(response: Any, expected: str) -> None:
        headers, cookies = session_headers(response), session_cookies(response)
        assert headers["front-token"] != REMOVED
        assert set(headers[EXPOSE_HEADERS].split(",")) == {
            "front-token",
            "st-access-token",
            "st-refresh-token",
        }
        assert [cookie.name for cookie in cookies] == [ACCESS_COOKIE, REFRESH_COOKIE]
        if expected == "header":
            assert {(cookie.value, cookie.expires) for cookie in cookies} == {("", EPOCH)}
            assert_front_token_matches(headers["front-token"], headers["st-access-token"])
            assert headers["st-refresh-token"]
        else:
            assert (headers["st-access-token"], headers["st-refresh-token"]) == ("", "")
            assert_front_token_matches(headers["front-token"], cookies[0].value)


class TestTheLegacyCookie:
    """``sIdRefreshToken`` is what the frontends of long ago have; a refresh takes it away."""

    def test_it_is_expired_by_a_refresh(self, clock: Clock, frontend: FrontendClient) -> None:
        frontend.hold_cookie(LEGACY_COOKIE, "long-ago")

        response = frontend.refresh()

        assert_json(response, 200, {})
        assert_legacy_cookie_is_expired(response)
        assert len(session_cookies(response)) == (2 if frontend.mode == "cookie" else 0)
        assert frontend.get("/test/sync").status_code == 200

    def test_it_is_expired_where_there_is_nothing_to_refresh(self, browser: FrontendClient) -> None:
        browser.hold_cookie(LEGACY_COOKIE, "long-ago")

        response = browser.refresh()

        assert_json(response, 401, UNAUTHORISED)
        assert_legacy_cookie_is_expired(response)
        assert browser.jar.get(LEGACY_COOKIE) is None

    def test_it_is_expired_with_a_stolen_session(self, clock: Clock, frontend: FrontendClient) -> None:
        thief = frontend.clone()
        frontend.refresh()
        clock.advance(60)
        thief.hold_cookie(LEGACY_COOKIE, "long-ago")

        response = thief.refresh()

        assert_json(response, 401, TOKEN_THEFT)
        assert_legacy_cookie_is_expired(response)
        assert len(session_cookies(response)) == 2

    def test_it_follows_the_cookie_domain(self, frontend: FrontendClient) -> None:
        frontend.hold_cookie(LEGACY_COOKIE, "long-ago", domain="acme.com")

        with supertokens_settings(SESSION={"COOKIE_DOMAIN": ".acme.com"}):
            response = frontend.refresh()

        assert set_cookies(response)[LEGACY_COOKIE].domain == ".acme.com"


class TestAntiCsrf:
    """Header mode needs none; in cookie mode a failure ends in "unauthorised", never in "try refresh token"."""

    def test_the_anti_csrf_token_must_be_that_of_the_session(
        self, frontend: FrontendClient, alice: str
    ) -> None:
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
            for wrong in ("wrong", None, ""):
                browser = FrontendClient("cookie")
                browser.post("/test/login", {"userId": alice})
                response = browser.refresh(headers={"anti-csrf": wrong})
                assert_unauthorised_and_cleared(response)

    def test_the_anti_csrf_token_is_not_asked_for_in_header_mode(self, clock: Clock, alice: str) -> None:
        phone = FrontendClient("header")
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
            phone.post("/test/login", {"userId": alice})
            response = phone.refresh()

        assert_json(response, 200, {})
        assert_session_is_set(response, "header")

    def test_a_custom_header_must_be_there(self, clock: Clock, alice: str) -> None:
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_CUSTOM_HEADER"}):
            browser = FrontendClient("cookie")
            browser.post("/test/login", {"userId": alice})
            assert_json(browser.clone().refresh(headers={"rid": "anything"}), 200, {})
            assert_unauthorised_and_cleared(browser.refresh(headers={"rid": None}))

    def test_a_custom_header_is_not_asked_for_in_header_mode(self, clock: Clock, alice: str) -> None:
        phone = FrontendClient("header")
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_CUSTOM_HEADER"}):
            phone.post("/test/login", {"userId": alice})
            assert_json(phone.refresh(headers={"rid": None}), 200, {})

    def test_nothing_is_asked_for_without_anti_csrf(self, clock: Clock, alice: str) -> None:
        browser = FrontendClient("cookie")
        with supertokens_settings(SESSION={"ANTI_CSRF": "NONE"}):
            browser.post("/test/login", {"userId": alice})
            assert_json(browser.refresh(headers={"rid": None}), 200, {})


class TestTheUrl:
    def test_get_is_not_found(self, frontend: FrontendClient) -> None:
        assert frontend.get("/auth/session/refresh").status_code == 404

    @pytest.mark.parametrize("tenant", ["public", "acme", "no-such-tenant"])
    def test_the_tenant_of_the_path_is_ignored(self, clock: Clock, alice: str, tenant: str) -> None:
        """The token says which tenant. (The cookie's path would not let it come along.)"""
        phone = FrontendClient("header")
        phone.post("/test/login", {"userId": alice})

        response = phone.post(
            f"/auth/{tenant}/session/refresh", headers={"authorization": f"Bearer {phone.refresh_token}"}
        )

        assert_json(response, 200, {})
        assert_session_is_set(response, "header")

    def test_one_trailing_slash_is_accepted(self, frontend: FrontendClient) -> None:
        headers = {"authorization": f"Bearer {frontend.refresh_token}"} if frontend.mode == "header" else {}

        assert frontend.post("/auth/session/refresh/", headers=headers).status_code == 200

    @pytest.mark.parametrize("rid", ["session", "anti-csrf", "emailpassword", "nobody"])
    def test_the_recipe_id_is_only_a_hint(self, frontend: FrontendClient, rid: str) -> None:
        assert_json(frontend.refresh(headers={"rid": rid}), 200, {})

    def test_a_disabled_endpoint_is_not_found(self, frontend: FrontendClient) -> None:
        with supertokens_settings(DISABLED_ENDPOINTS=["session:refresh"]):
            assert frontend.refresh().status_code == 404

        assert frontend.refresh().status_code == 200

    def test_a_view_of_the_project_can_refresh(self, clock: Clock, frontend: FrontendClient) -> None:
        token, headers = frontend.refresh_token or "", {}
        if frontend.mode == "header":
            headers = {"authorization": f"Bearer {token}"}
        else:
            frontend.hold_cookie(REFRESH_COOKIE, quote(token), path="/test/refreshing")

        response = frontend.post("/test/refreshing", headers=headers)

        assert json_of_view(response)["session"] == frontend.session_handle
        assert_session_is_set(response, frontend.mode)

    def test_an_error_in_it_clears_everything_too(self, browser: FrontendClient) -> None:
        response = browser.post("/test/refreshing")

        assert_json(response, 401, UNAUTHORISED)
        assert_everything_is_cleared(response)
