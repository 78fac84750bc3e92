"""Session cookies that come twice to a refresh: another domain or path, and ``OLDER_COOKIE_DOMAIN`` (FDI)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.assertions import (
    assert_json,
)
from tests.base import Clock, supertokens_settings
from tests.client import (
    ACCESS_COOKIE,
    REFRESH_COOKIE,
    FrontendClient,
    session_headers,
)
from tests.cookies import EPOCH, SetCookie, set_cookies

CLEARING_DUPLICATES = {
    "message": "The request contains multiple session cookies. We are clearing the cookie from older_cookie_domain. "
    "Session will be refreshed in the next refresh call."
}


def allow(method: str) -> Any:
    """Settings under which only ``method`` may carry tokens."""
    return supertokens_settings(
        SESSION={"GET_TOKEN_TRANSFER_METHOD": lambda request, for_create_new_session: method}
    )


class TestDuplicateCookies:
    """A cookie that comes twice: the domain setting was changed and the browser still has the old one."""

    @pytest.fixture
    def browser(self, acme: None, alice: str) -> FrontendClient:
        browser = FrontendClient("cookie")
        browser.post("/test/login", {"userId": alice})
        return browser

    def _double(self, browser: FrontendClient, *names: str) -> None:
        values = {ACCESS_COOKIE: browser.access_token, REFRESH_COOKIE: browser.refresh_token}
        for name in names:
            path = "/auth" if name == ACCESS_COOKIE else "/auth/session"
            browser.hold_cookie(name, quote(values[name] or ""), path=path)

    @pytest.mark.parametrize("names", [[ACCESS_COOKIE], [REFRESH_COOKIE], [ACCESS_COOKIE, REFRESH_COOKIE]])
    def test_without_an_older_domain_it_is_a_server_error_that_ends_nothing(
        self, browser: FrontendClient, names: list[str]
    ) -> None:
        self._double(browser, *names)

        response = browser.refresh()

        assert response.status_code == 500
        assert "The request contains multiple session cookies." in str(response.content)  # type: ignore[attr-defined]
        assert set_cookies(response) == {}
        assert session_headers(response) == {}
        assert browser.is_signed_in

    def test_the_server_error_is_logged_once_and_without_a_traceback(
        self, browser: FrontendClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        self._double(browser, REFRESH_COOKIE)

        browser.refresh()

        errors = [record for record in caplog.records if record.levelname == "ERROR"]
        assert len(errors) == 1
        assert errors[0].exc_info is None

    @pytest.mark.parametrize("names", [[ACCESS_COOKIE], [REFRESH_COOKIE], [ACCESS_COOKIE, REFRESH_COOKIE]])
    @pytest.mark.parametrize(
        ("older", "domain"), [("acme.com", "acme.com"), (".acme.com", ".acme.com"), ("", None)]
    )
    def test_with_an_older_domain_its_cookies_are_cleared_and_nothing_else_happens(
        self, browser: FrontendClient, names: list[str], older: str, domain: str | None
    ) -> None:
        self._double(browser, *names)
        paths = {ACCESS_COOKIE: "/", REFRESH_COOKIE: "/auth/session/refresh"}

        with supertokens_settings(SESSION={"OLDER_COOKIE_DOMAIN": older}):
            response = browser.clone().refresh()

        assert_json(response, 200, CLEARING_DUPLICATES)
        assert session_headers(response) == {}
        assert list(set_cookies(response).values()) == [
            SetCookie(name, "", domain, paths[name], EPOCH, None, True, True, "lax") for name in names
        ]

    def test_the_next_refresh_works(self, clock: Clock, alice: str) -> None:
        """The whole story: host-only cookies, then ``COOKIE_DOMAIN`` is set, then the old ones are cleared."""
        browser = FrontendClient("cookie")
        browser.post("/test/login", {"userId": alice})
        with supertokens_settings(SESSION={"COOKIE_DOMAIN": ".acme.com", "OLDER_COOKIE_DOMAIN": ""}):
            clock.advance(3600)
            assert_json(browser.refresh(), 200, {})
            clock.advance(3600)
            assert_json(browser.refresh(), 200, CLEARING_DUPLICATES)
            assert_json(browser.refresh(), 200, {})
            assert browser.get("/test/sync").status_code == 200

        assert {
            cookie.domain for cookie in browser.jar if cookie.name in (ACCESS_COOKIE, REFRESH_COOKIE)
        } == {"acme.com"}

    def test_they_do_not_matter_where_only_headers_are_allowed(
        self, alice: str, browser: FrontendClient
    ) -> None:
        self._double(browser, ACCESS_COOKIE, REFRESH_COOKIE)
        phone = FrontendClient("header")
        phone.post("/test/login", {"userId": alice})

        with allow("header"):
            response = browser.refresh(headers={"authorization": f"Bearer {phone.refresh_token}"})

        assert_json(response, 200, {})

    def test_pairs_without_exactly_one_equals_sign_are_ignored(
        self, clock: Clock, browser: FrontendClient
    ) -> None:
        raw = f"sRefreshToken; sRefreshToken={quote(browser.refresh_token or '')}; sAccessToken=a=b; sAccessToken=c"

        response = browser.refresh(headers={"cookie": raw})

        assert_json(response, 200, {})
