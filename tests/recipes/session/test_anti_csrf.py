"""Anti-CSRF of verified requests: ``VIA_TOKEN``, ``VIA_CUSTOM_HEADER``, ``NONE`` and the default per request (FDI)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from supertokens_django.exceptions import TryRefreshTokenError
from supertokens_django.services import session as sessions
from tests.assertions import (
    assert_session_is_set,
    assert_try_refresh_token,
    assert_unauthorised,
    assert_view_json,
)
from tests.base import PUBLIC, TWO_SITES, Clock, supertokens_settings
from tests.client import FrontendClient, Stack
from tests.cookies import set_cookies

VIA_TOKEN = {"ANTI_CSRF": "VIA_TOKEN"}
VIA_CUSTOM_HEADER = {"ANTI_CSRF": "VIA_CUSTOM_HEADER"}
POSTED = ("/test/sync", "/test/async", "/test/dispatch", "/test/drf/view")


def signed_in(user_id: str, mode: Any = "cookie", stack: Stack = "wsgi") -> FrontendClient:
    browser = FrontendClient(mode, stack=stack)
    browser.post("/test/login", {"userId": user_id})
    return browser


class TestViaToken:
    @pytest.fixture(autouse=True)
    def _mode(self, acme: None) -> Any:
        with supertokens_settings(SESSION=VIA_TOKEN):
            yield

    @pytest.mark.parametrize("path", POSTED)
    def test_a_post_needs_the_token_of_the_session(self, alice: str, stack: Stack, path: str) -> None:
        browser = signed_in(alice, stack=stack)

        assert browser.post(path).status_code == 200
        for wrong in (None, "", "wrong", (browser.anti_csrf or "") + "x"):
            assert_try_refresh_token(browser.post(path, headers={"anti-csrf": wrong}))

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD"])
    def test_every_method_but_get_is_checked(self, alice: str, method: str) -> None:
        browser = signed_in(alice)

        response = browser.request(method, "/test/sync", headers={"anti-csrf": None})

        assert response.status_code == 401

    def test_a_get_is_not_checked(self, alice: str) -> None:
        assert signed_in(alice).get("/test/sync", headers={"anti-csrf": None}).status_code == 200

    def test_the_decorator_can_ask_for_it_always_or_never(self, alice: str) -> None:
        browser = signed_in(alice)

        assert browser.get("/test/always-anti-csrf").status_code == 200
        assert_try_refresh_token(browser.get("/test/always-anti-csrf", headers={"anti-csrf": None}))
        assert browser.post("/test/never-anti-csrf", headers={"anti-csrf": None}).status_code == 200

    def test_header_mode_is_never_checked(self, alice: str) -> None:
        phone = signed_in(alice, "header")

        assert phone.anti_csrf is None
        assert phone.post("/test/sync").status_code == 200
        assert phone.get("/test/always-anti-csrf").status_code == 200

    def test_a_header_session_used_by_cookie_has_no_token_to_show(self, alice: str) -> None:
        phone, browser = signed_in(alice, "header"), FrontendClient("cookie")
        browser.hold_access_token(phone.access_token or "")

        assert browser.get("/test/sync").status_code == 200
        for shown in (None, "", "anything", "null", "None"):
            assert_try_refresh_token(browser.post("/test/sync", headers={"anti-csrf": shown}))

    def test_a_session_made_before_the_switch_gets_its_token_with_the_next_refresh(
        self, clock: Clock, alice: str
    ) -> None:
        with supertokens_settings(SESSION={"ANTI_CSRF": "NONE"}):
            browser = signed_in(alice)
        assert_try_refresh_token(browser.post("/test/sync"))

        response = browser.refresh()

        assert_session_is_set(response, "cookie", anti_csrf=True)
        assert browser.post("/test/sync").status_code == 200

    def test_the_token_of_another_session_does_not_count(self, alice: str) -> None:
        browser, other = signed_in(alice), signed_in(alice)

        assert_try_refresh_token(browser.post("/test/sync", headers={"anti-csrf": other.anti_csrf}))

    def test_an_optional_session_without_tokens_is_not_checked(self) -> None:
        assert_view_json(FrontendClient().post("/test/optional"), {"session": None})

    def test_a_required_session_without_tokens_is_unauthorised(self) -> None:
        assert_unauthorised(FrontendClient().post("/test/sync"))

    def test_after_a_refresh_the_token_of_before_no_longer_counts(self, clock: Clock, alice: str) -> None:
        browser = signed_in(alice)
        old = browser.anti_csrf
        browser.refresh()

        assert_try_refresh_token(browser.post("/test/sync", headers={"anti-csrf": old}))
        assert browser.post("/test/sync").status_code == 200

    def test_without_a_request_it_is_checked_unless_told_not_to(self, alice: str) -> None:
        made = sessions.create_new_session_without_request_response(PUBLIC, alice)
        tokens = made.get_all_session_tokens_dangerously()
        access, anti_csrf = tokens["accessToken"], tokens["antiCsrfToken"]

        assert anti_csrf
        assert sessions.get_session_without_request_response(access, anti_csrf) is not None
        assert sessions.get_session_without_request_response(access, anti_csrf_check=False) is not None
        with pytest.raises(TryRefreshTokenError):
            sessions.get_session_without_request_response(access)
        with pytest.raises(TryRefreshTokenError):
            sessions.get_session_without_request_response(access, "wrong", anti_csrf_check=True)

    def test_without_a_request_it_can_be_left_out(self, alice: str) -> None:
        made = sessions.create_new_session_without_request_response(PUBLIC, alice, disable_anti_csrf=True)

        assert made.get_all_session_tokens_dangerously()["antiCsrfToken"] is None
        assert made.get_access_token_payload()["antiCsrfToken"] is None


class TestViaCustomHeader:
    @pytest.fixture(autouse=True)
    def _mode(self, acme: None) -> Any:
        with supertokens_settings(SESSION=VIA_CUSTOM_HEADER):
            yield

    @pytest.mark.parametrize("path", POSTED)
    def test_a_post_needs_a_rid_header_of_any_value(self, alice: str, stack: Stack, path: str) -> None:
        browser = signed_in(alice, stack=stack)

        for rid in ("anti-csrf", "session", "x", ""):
            assert browser.post(path, headers={"rid": rid}).status_code == 200
        assert_try_refresh_token(browser.post(path, headers={"rid": None}))

    def test_a_get_is_not_checked(self, alice: str) -> None:
        assert signed_in(alice).get("/test/sync", headers={"rid": None}).status_code == 200

    def test_the_decorator_can_ask_for_it_always_or_never(self, alice: str) -> None:
        browser = signed_in(alice)

        assert_try_refresh_token(browser.get("/test/always-anti-csrf", headers={"rid": None}))
        assert browser.post("/test/never-anti-csrf", headers={"rid": None}).status_code == 200

    def test_header_mode_is_never_checked(self, alice: str) -> None:
        assert signed_in(alice, "header").post("/test/sync", headers={"rid": None}).status_code == 200

    def test_no_anti_csrf_token_is_made(self, clock: Clock, alice: str) -> None:
        response = FrontendClient().post("/test/login", {"userId": alice})

        assert_session_is_set(response, "cookie")

    def test_an_optional_session_without_tokens_is_not_checked(self) -> None:
        assert_view_json(FrontendClient().post("/test/optional", headers={"rid": None}), {"session": None})

    def test_without_a_request_it_cannot_be_checked(self, alice: str) -> None:
        """There is no header to look at; the text tells the developer what to do instead."""
        made = sessions.create_new_session_without_request_response(PUBLIC, alice)
        access = made.get_access_token()
        text = "Please either use VIA_TOKEN or set anti_csrf_check to false"

        for token in (access, "not a token"):
            with pytest.raises(ImproperlyConfigured, match=text):
                sessions.get_session_without_request_response(token, session_required=False)
        assert sessions.get_session_without_request_response(access, anti_csrf_check=False) is not None


class TestNone:
    def test_nothing_is_asked_for(self, alice: str) -> None:
        with supertokens_settings(SESSION={"ANTI_CSRF": "NONE"}, **TWO_SITES):
            browser = signed_in(alice)
            bare = {"rid": None, "anti-csrf": None}
            assert browser.post("/test/sync", headers=bare).status_code == 200
            assert browser.get("/test/always-anti-csrf", headers=bare).status_code == 200


def origin_of_the_request(request: HttpRequest | None) -> str:
    """One API for two frontends; each request says where it comes from."""
    return (request.headers.get("origin") if request else None) or "https://acme.com"


class TestTheDefault:
    def test_on_one_site_nothing_is_asked_for(self, alice: str) -> None:
        assert signed_in(alice).post("/test/sync", headers={"rid": None}).status_code == 200

    def test_across_sites_a_custom_header_is(self, alice: str) -> None:
        with supertokens_settings(**TWO_SITES):
            browser = signed_in(alice)
            assert browser.post("/test/sync").status_code == 200
            assert_try_refresh_token(browser.post("/test/sync", headers={"rid": None}))

    def test_without_a_request_nothing_is_asked_for(self, alice: str) -> None:
        with supertokens_settings(**TWO_SITES):
            made = sessions.create_new_session_without_request_response(PUBLIC, alice)
            assert sessions.get_session_without_request_response(made.get_access_token()) is not None

    def test_schemes_make_two_sites(self, alice: str) -> None:
        with supertokens_settings(API_DOMAIN="https://api.acme.com", WEBSITE_DOMAIN="http://acme.com"):
            browser = signed_in(alice)
            assert_try_refresh_token(browser.post("/test/sync", headers={"rid": None}))

    def test_it_is_found_anew_for_every_request(self, alice: str) -> None:
        with supertokens_settings(ORIGIN=origin_of_the_request):
            browser = FrontendClient("cookie")
            near = browser.post("/test/login", {"userId": alice}, headers={"origin": "https://app.acme.com"})
            far = browser.post(
                "/test/login", {"userId": alice}, headers={"origin": "https://partner.example"}
            )
            near_again = browser.post(
                "/test/login", {"userId": alice}, headers={"origin": "https://app.acme.com"}
            )

            same_sites = [
                {cookie.same_site for cookie in set_cookies(response).values()}
                for response in (near, far, near_again)
            ]
            assert same_sites == [{"lax"}, {"none"}, {"lax"}]
            bare = {"rid": None}
            near_post = browser.post("/test/sync", headers={**bare, "origin": "https://app.acme.com"})
            far_post = browser.post("/test/sync", headers={**bare, "origin": "https://partner.example"})

        assert near_post.status_code == 200
        assert_try_refresh_token(far_post)

    @pytest.mark.parametrize("origin", ["https://", "a b", "http://[", "ftp://acme.com", "https://x:99999"])
    @pytest.mark.parametrize(("website", "same_site"), [("https://acme.com", "lax"), (None, "none")])
    def test_an_origin_that_is_none_counts_as_the_website_or_as_somewhere_else(
        self, website: str | None, same_site: str, origin: str, alice: str
    ) -> None:
        with supertokens_settings(ORIGIN=origin_of_the_request, WEBSITE_DOMAIN=website):
            response = FrontendClient("cookie").post(
                "/test/login", {"userId": alice}, headers={"origin": origin}
            )
        assert {cookie.same_site for cookie in set_cookies(response).values()} == {same_site}
