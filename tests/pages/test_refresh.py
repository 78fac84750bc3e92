"""An expired access token on the way to a page: the browser refreshes, and nobody is thrown out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.http import HttpResponseBase
from django.test import override_settings

from supertokens_django.exceptions import GeneralError
from supertokens_django.recipes.session.outputs import ErrorHandlers
from supertokens_django.services import session
from tests.base import ALICE, ONE_SITE, Clock, sql_budget, supertokens_settings
from tests.client import FrontendClient
from tests.cookies import SetCookie, set_cookies
from tests.pages.test_sign_in import sign_in
from tests.pages.visiting import NAVIGATION, ORIGIN, Page, Visitor

pytestmark = pytest.mark.django_db

AN_HOUR = 3601
REFRESH = "/auth/session/refresh/page"
TRY_REFRESH = b'{"message":"try refresh token"}'


@pytest.fixture
def browser(clock: Clock, alice: str) -> Visitor:
    """Alice's browser, whose access token has expired."""
    visitor = Visitor(headers=NAVIGATION)
    sign_in(visitor)
    clock.advance(AN_HOUR)
    return visitor


class TestGoingToAPage:
    def test_it_is_refreshed_on_the_way(self, browser: Visitor, alice: str) -> None:
        before = browser.jar.get("sRefreshToken")
        page = browser.open("/test/sync?page=2&sort=-date")
        assert page.status == 302
        assert page.response["Location"] == f"{REFRESH}?{urlencode({'next': '/test/sync?page=2&sort=-date'})}"
        assert "no-store" in page.response["Cache-Control"]
        assert "Cookie" in page.response["Vary"]
        page = browser.follow(page)
        assert (page.status, page.response["Location"]) == (302, "/test/sync?page=2&sort=-date")
        assert "no-store" in page.response["Cache-Control"]
        assert set_cookies(page.response)["sPageRefresh"] == SetCookie(
            "sPageRefresh",
            "1",
            path="/",
            expires="Thu, 15 Jan 2026 13:00:11 GMT",
            max_age="10",
            secure=True,
            http_only=True,
            same_site="Lax",
        )
        page = browser.follow(page)
        assert page.status == 200
        assert browser.jar.get("sRefreshToken") != before
        assert len(session.get_all_session_handles_for_user(alice)) == 1

    @pytest.mark.parametrize(
        "path",
        ["/test/sync", "/test/async", "/test/whoami", "/test/optional", "/test/checked", "/test/drf/view"],
    )
    def test_every_kind_of_view_knows_the_user(self, path: str, browser: Visitor) -> None:
        page = browser.arrive(path)
        assert page.status == 200
        assert browser.is_signed_in

    def test_a_login_required_page_is_reached(self, browser: Visitor) -> None:
        with override_settings(ROOT_URLCONF="example_project.urls"):
            page = browser.arrive("/protected/")
        assert (page.path, page.status) == ("/protected/", 200)
        assert ALICE.email in page.response.content.decode()

    def test_our_own_pages_know_the_visitor(self, browser: Visitor) -> None:
        assert browser.arrive("/auth/").heading == "You are signed in"

    @pytest.mark.parametrize("path", ["/test/members", "/test/sync"])
    def test_a_retired_key_throws_nobody_out(self, path: str, clock: Clock, alice: str) -> None:
        visitor = Visitor(headers=NAVIGATION)
        sign_in(visitor)
        with supertokens_settings(SESSION={"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": False}):
            page = visitor.arrive(path)
            assert (page.path, page.status) == (path, 200)
            assert visitor.open(path).status == 200

    def test_it_costs_nothing_while_the_token_is_good(self, alice: str) -> None:
        visitor = Visitor(headers=NAVIGATION)
        sign_in(visitor)
        with sql_budget(0):
            assert visitor.open("/test/sync").status == 200

    def test_a_refresh_costs_no_more_than_at_the_api(self, browser: Visitor) -> None:
        with sql_budget(0):
            page = browser.open("/test/sync")
        with sql_budget(3):
            browser.follow(page)

    @pytest.fixture
    def with_older_cookies(self, browser: Visitor) -> Visitor:
        """Alice's browser, which has the cookies of a wider domain, too, from before COOKIE_DOMAIN was changed."""
        for cookie in browser.jar:
            if cookie.name in ("sAccessToken", "sRefreshToken"):
                browser.jar.store(replace(cookie, domain="com", host_only=False))
        return browser

    @pytest.mark.parametrize("path", ["/test/members", "/test/sync"])
    def test_cookies_of_an_older_domain_throw_nobody_out(
        self, path: str, with_older_cookies: Visitor
    ) -> None:
        with supertokens_settings(SESSION={"OLDER_COOKIE_DOMAIN": "com"}):
            page = with_older_cookies.arrive(path)
        assert (page.path, page.status) == (path, 200)
        assert [cookie.domain for cookie in with_older_cookies.jar if cookie.name == "sAccessToken"] == [
            "acme.com"
        ]

    def test_cookies_of_two_domains_go_in_no_circle(self, with_older_cookies: Visitor) -> None:
        page = with_older_cookies.arrive("/test/sync", limit=6)
        assert (page.status, page.heading) == (200, "Sign in")

    def test_the_next_page_needs_no_refresh(self, browser: Visitor) -> None:
        browser.arrive("/test/sync")
        assert browser.open("/test/sync").status == 200

    def test_a_browser_that_does_not_say_what_it_fetches_is_helped_too(self, browser: Visitor) -> None:
        del browser.headers["sec-fetch-mode"]
        assert browser.arrive("/test/sync").status == 200

    def test_two_tabs_that_wake_up_together_stay_signed_in(self, browser: Visitor) -> None:
        first, second = browser.open("/test/sync"), browser.open("/test/whoami")
        late = Visitor(headers=NAVIGATION)
        late.jar = browser.jar.copy()
        assert browser.follow(browser.follow(first)).status == 200
        assert late.follow(late.follow(second)).status == 200
        assert browser.open("/test/checked").status == 200

    def test_tokens_of_seconds_are_refreshed_as_often_as_need_be(
        self, browser: Visitor, clock: Clock
    ) -> None:
        with supertokens_settings(SESSION={"ACCESS_TOKEN_LIFETIME": 2}):
            for _ in range(4):
                assert browser.arrive("/test/sync").path == "/test/sync"
                clock.advance(3)

    def test_the_token_transfer_is_never_by_header(self, browser: Visitor) -> None:
        page = browser.follow(browser.open("/test/sync"))
        assert "st-access-token" not in page.response
        assert "st-refresh-token" not in page.response


class TestEverythingElse:
    """Not a page on its way: the answer is the one that frontends know."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"accept": "*/*", "sec-fetch-mode": "cors"},
            {"accept": "text/html", "sec-fetch-mode": "cors"},
            {"accept": "text/html", "sec-fetch-mode": "same-origin"},
            {"accept": "application/json", "sec-fetch-mode": "navigate"},
            {"accept": "application/json"},
            {"accept": "text/html, */*", "x-requested-with": "XMLHttpRequest"},
            {"accept": "text/html", "rid": "anti-csrf"},
            {"accept": "text/html", "st-auth-mode": "cookie"},
            {},
        ],
    )
    @pytest.mark.parametrize("path", ["/test/sync", "/test/async"])
    def test_a_call_gets_its_401(self, headers: dict[str, str], path: str, browser: Visitor) -> None:
        browser.headers = headers
        page = browser.open(path)
        assert (page.status, page.response.content) == (401, TRY_REFRESH)
        assert page.response["Content-Type"] == "application/json; charset=utf-8"

    def test_where_no_pages_are_served_everybody_gets_it(self, browser: Visitor) -> None:
        with supertokens_settings(**ONE_SITE):
            page = browser.open("/test/sync")
            assert (page.status, page.response.content) == (401, TRY_REFRESH)
            assert browser.open(f"{REFRESH}?next=/test/sync").status == 404

    def test_another_method_gets_it(self, browser: Visitor) -> None:
        page = browser._send("PUT", "/test/sync", headers={"origin": ORIGIN})
        assert (page.status, page.response.content) == (401, TRY_REFRESH)

    def test_an_endpoint_of_the_api_answers_as_ever(self, browser: Visitor) -> None:
        page = browser.post("/auth/signout", {})
        assert (page.status, page.response.content) == (401, TRY_REFRESH)
        assert browser.open("/auth/jwt/jwks.json").status == 200

    def test_a_frontend_that_keeps_an_anti_csrf_token_refreshes_itself(
        self, clock: Clock, alice: str
    ) -> None:
        visitor = Visitor(headers=NAVIGATION)
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
            sign_in(visitor)
            clock.advance(AN_HOUR)
            page = visitor.open("/test/sync")
            assert (page.status, page.response.content) == (401, TRY_REFRESH)
            assert visitor.open(f"{REFRESH}?next=/test/sync").response["Location"] == "/test/sync"
            assert visitor.is_signed_in

    def test_where_a_header_would_be_asked_for_a_page_is_let_through(self, clock: Clock, alice: str) -> None:
        visitor = Visitor(headers=NAVIGATION)
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_CUSTOM_HEADER"}):
            sign_in(visitor)
            clock.advance(AN_HOUR)
            assert visitor.arrive("/test/sync").status == 200

    def test_a_path_that_is_nobodys_is_not_found(self, browser: Visitor) -> None:
        assert browser.open("/nothing/").status == 404

    def test_a_path_that_browsers_take_for_another_site_is_not_returned_to(self, browser: Visitor) -> None:
        assert browser.open("//test/sync").status == 404


class TestRefused:
    """A refresh that does not succeed ends at the sign-in page, and never in a circle."""

    def assert_signed_out(self, page: Page, visitor: Visitor, path: str) -> None:
        assert (page.status, page.heading) == (200, "Sign in")
        assert page.path == f"/auth/?{urlencode({'next': path})}"
        assert not visitor.is_signed_in
        assert visitor.jar.get("sRefreshToken") is None

    @pytest.mark.parametrize("path", ["/test/sync", "/test/async", "/test/checked"])
    def test_of_a_session_that_was_revoked(self, path: str, browser: Visitor, alice: str) -> None:
        session.revoke_all_sessions_for_user(alice)
        self.assert_signed_out(browser.arrive(path), browser, path)

    def test_of_a_session_that_has_expired(self, clock: Clock, browser: Visitor) -> None:
        clock.advance(101 * 24 * 3600)
        self.assert_signed_out(browser.arrive("/test/sync"), browser, "/test/sync")

    def test_a_stolen_token_ends_the_session(self, clock: Clock, browser: Visitor, alice: str) -> None:
        thief = Visitor(headers=NAVIGATION)
        thief.jar = browser.jar.copy()
        browser.arrive("/test/sync")
        clock.advance(60)
        self.assert_signed_out(thief.arrive("/test/sync"), thief, "/test/sync")
        assert session.get_all_session_handles_for_user(alice) == []

    def test_a_public_page_is_shown_to_a_visitor_who_is_not_signed_in_any_more(
        self, browser: Visitor, alice: str
    ) -> None:
        session.revoke_all_sessions_for_user(alice)
        with override_settings(ROOT_URLCONF="example_project.urls"):
            page = browser.arrive("/")
        assert (page.path, page.status) == ("/", 200)
        assert not browser.is_signed_in

    def test_a_browser_that_keeps_no_cookie_goes_in_no_circle(self, browser: Visitor) -> None:
        kept = [cookie for cookie in browser.jar if cookie.name.startswith("s")]
        page = browser.open("/test/sync")
        for _ in range(8):
            if page.status != 302:
                break
            page = browser.follow(page)
            for cookie in kept:
                browser.jar.store(cookie)
        assert (page.status, page.heading) == (200, "Sign in")

    def test_without_a_refresh_token_it_is_over_at_once(self, browser: Visitor) -> None:
        for cookie in browser.jar:
            if cookie.name == "sRefreshToken":
                browser.jar.store(replace(cookie, expires=0))
        self.assert_signed_out(browser.arrive("/test/sync"), browser, "/test/sync")

    @pytest.mark.parametrize("value", ["nonsense", "a.b.c", "%00", "é", "x" * 4000])
    def test_nonsense_is_no_session(self, value: str, browser: Visitor) -> None:
        for cookie in browser.jar:
            if cookie.name == "sRefreshToken":
                browser.jar.store(replace(cookie, value=quote(value)))
        self.assert_signed_out(browser.arrive("/test/sync"), browser, "/test/sync")

    def test_a_guard_that_refuses_is_heard(self, browser: Visitor, alice: str) -> None:
        class Closed:
            def check(self, endpoint: str, request: Any, data: Any) -> None:
                if endpoint == "session:refresh":
                    raise GeneralError("Come back tomorrow")

        before = browser.jar.get("sRefreshToken")
        with supertokens_settings(GUARDS=[Closed]):
            page = browser.arrive("/test/sync", limit=6)
        assert (page.path, page.heading) == ("/auth/?next=%2Ftest%2Fsync", "Sign in")
        assert browser.jar.get("sRefreshToken") == before
        assert len(session.get_all_session_handles_for_user(alice)) == 1

    def test_where_the_project_has_switched_refreshing_off_nothing_is_refreshed(
        self, browser: Visitor
    ) -> None:
        before = browser.jar.get("sRefreshToken")
        with supertokens_settings(DISABLED_ENDPOINTS=["session:refresh"]):
            page = browser.open("/test/sync")
            assert (page.status, page.response.content) == (401, TRY_REFRESH)
            assert browser.open(f"{REFRESH}?next=/test/sync").response["Location"] == "/test/sync"
        assert browser.jar.get("sRefreshToken") == before


class TestWithoutASession:
    def test_a_page_leads_to_sign_in_and_back(self, alice: str) -> None:
        visitor = Visitor(headers=NAVIGATION)
        page = visitor.arrive("/test/sync?a=b")
        assert page.path == f"/auth/?{urlencode({'next': '/test/sync?a=b'})}"
        page = visitor.submit(page, email=ALICE.email, password=ALICE.password)
        assert page.response["Location"] == "/test/sync?a=b"
        assert visitor.follow(page).status == 200

    def test_a_call_gets_its_401(self, visitor: Visitor) -> None:
        page = visitor.open("/test/sync")
        assert (page.status, page.response.content) == (401, b'{"message":"unauthorised"}')

    def test_what_the_project_answers_itself_is_left_alone(self, alice: str) -> None:
        class Handlers(ErrorHandlers):
            def on_unauthorised(self, request: Any, message: str, response: Any) -> Any:
                return type(response)(b"own page", status=401)

        with supertokens_settings(SESSION={"ERROR_HANDLERS": Handlers}):
            page = Visitor(headers=NAVIGATION).open("/test/sync")
        assert (page.status, page.response.content) == (401, b"own page")


class TestWhereItLeads:
    @pytest.mark.parametrize(
        "target",
        ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "", "\x00"],
    )
    def test_never_to_another_site(self, target: str, browser: Visitor) -> None:
        for _ in range(2):
            page = browser.open(f"{REFRESH}?{urlencode({'next': target})}")
            assert (page.status, page.response["Location"]) == (302, "/protected/")

    def test_a_link_of_another_site_does_no_harm(self, browser: Visitor) -> None:
        browser.headers = {**NAVIGATION, "sec-fetch-site": "cross-site"}
        page = browser.open(f"{REFRESH}?next=/test/sync")
        assert page.response["Location"] == "/test/sync"
        assert browser.follow(page).status == 200


class TestUnderAsgi:
    """The other half of the middleware, with Django's asynchronous handler."""

    @pytest.fixture
    def frontend(self, clock: Clock, alice: str) -> FrontendClient:
        """Alice's browser as its cookies are; the access token has expired."""
        frontend = FrontendClient("cookie", host="acme.com", stack="asgi")
        frontend.sign_in(ALICE.email, ALICE.password)
        clock.advance(AN_HOUR)
        return frontend

    def navigate(self, frontend: FrontendClient, path: str) -> HttpResponseBase:
        headers = {**NAVIGATION, "cookie": frontend.jar.header_for("acme.com", path, secure=True)}
        response = frontend._send("GET", path, b"", "", headers)
        frontend.jar.take(response, host="acme.com", path=path, secure=True)
        return response

    @pytest.mark.parametrize("path", ["/test/async", "/test/sync", "/test/whoami-async"])
    def test_a_page_is_reached(self, path: str, frontend: FrontendClient) -> None:
        there = self.navigate(frontend, path)
        assert (there.status_code, there["Location"]) == (302, f"{REFRESH}?{urlencode({'next': path})}")
        back = self.navigate(frontend, there["Location"])
        assert (back.status_code, back["Location"]) == (302, path)
        assert self.navigate(frontend, path).status_code == 200

    def test_a_session_that_is_gone_leads_to_sign_in(self, frontend: FrontendClient, alice: str) -> None:
        session.revoke_all_sessions_for_user(alice)
        there = self.navigate(frontend, "/test/async")
        self.navigate(frontend, there["Location"])
        response = self.navigate(frontend, "/test/async")
        assert (response.status_code, response["Location"]) == (302, "/auth/?next=%2Ftest%2Fasync")
