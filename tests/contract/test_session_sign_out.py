"""``POST /auth/signout`` and the clearing of tokens (FDI)."""

from __future__ import annotations

import pytest

from supertokens_django.services import session as sessions
from tests.assertions import (
    TWO_SITES_COOKIES,
    CookieRules,
    assert_json,
    assert_session_is_cleared,
    assert_session_is_untouched,
    assert_try_refresh_token,
    assert_unauthorised,
    assert_unauthorised_and_cleared,
)
from tests.base import TWO_SITES, Clock, supertokens_settings
from tests.client import FrontendClient, Stack, session_headers
from tests.cookies import set_cookies

OK = {"status": "OK"}


def test_sign_out_ends_the_session_and_clears_its_tokens(
    frontend: FrontendClient, stack: Stack, alice: str
) -> None:
    browser = frontend.clone(stack=stack)

    response = browser.sign_out()

    assert_json(response, 200, OK)
    assert_session_is_cleared(response, browser.mode)
    assert sessions.get_all_session_handles_for_user(alice) == []
    assert (browser.is_signed_in, browser.access_token, browser.refresh_token) == (False, None, None)


def test_a_session_that_is_gone_is_signed_out_all_the_same(frontend: FrontendClient) -> None:
    sessions.revoke_session(frontend.session_handle)

    response = frontend.sign_out()

    assert_json(response, 200, OK)
    assert_session_is_cleared(response, frontend.mode)


def test_it_ends_this_session_alone(frontend: FrontendClient, alice: str, bob: str) -> None:
    others = [FrontendClient(frontend.mode) for _ in range(2)]
    for browser, user_id in zip(others, (alice, bob), strict=True):
        browser.post("/test/login", {"userId": user_id})

    frontend.sign_out()

    for browser in others:
        assert browser.get("/test/checked").status_code == 200
        assert browser.refresh().status_code == 200


def test_without_tokens_there_is_nobody_to_sign_out(browser: FrontendClient) -> None:
    assert_unauthorised(browser.sign_out())


def test_an_expired_token_asks_for_a_refresh_first(clock: Clock, frontend: FrontendClient) -> None:
    clock.advance(3601)

    assert_try_refresh_token(frontend.sign_out())
    frontend.refresh()
    assert_json(frontend.sign_out(), 200, OK)


def test_only_the_tokens_of_the_request_are_cleared(alice: str) -> None:
    """Both methods at once: the header counts, and the cookies are left to their own session."""
    browser, phone = FrontendClient("cookie"), FrontendClient("header")
    browser.post("/test/login", {"userId": alice})
    phone.post("/test/login", {"userId": alice})

    response = browser.sign_out(headers={"authorization": f"Bearer {phone.access_token}"})

    assert_json(response, 200, OK)
    assert_session_is_cleared(response, "header")
    assert sessions.get_all_session_handles_for_user(alice) == [browser.session_handle]


def test_the_revoked_refresh_token_is_worth_nothing(frontend: FrontendClient) -> None:
    thief = frontend.clone()
    frontend.sign_out()

    assert_unauthorised_and_cleared(thief.refresh())


def test_cookies_are_cleared_with_the_attributes_they_were_set_with(alice: str) -> None:
    browser = FrontendClient("cookie")
    domain = {"COOKIE_DOMAIN": ".acme.com"}
    with supertokens_settings(**TWO_SITES, SESSION=domain, API_GATEWAY_PATH="/gateway"):
        browser.post("/test/login", {"userId": alice})
        response = browser.sign_out()

    rules = CookieRules(domain=".acme.com", same_site="none", refresh_path="/gateway/auth/session/refresh")
    assert_session_is_cleared(response, "cookie", rules=rules)
    assert list(browser.jar) == []


def test_over_http_cookies_are_cleared_without_secure(alice: str) -> None:
    browser = FrontendClient("cookie", secure=False)
    with supertokens_settings(API_DOMAIN="http://api.acme.com", WEBSITE_DOMAIN="http://acme.com"):
        browser.post("/test/login", {"userId": alice})
        response = browser.sign_out()

    assert_session_is_cleared(response, "cookie", rules=CookieRules(secure=False))
    assert list(browser.jar) == []


class TestAntiCsrf:
    def test_the_anti_csrf_token_is_asked_for(self, alice: str) -> None:
        browser = FrontendClient("cookie")
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
            browser.post("/test/login", {"userId": alice})
            assert_try_refresh_token(browser.sign_out(headers={"anti-csrf": None}))
            response = browser.sign_out()

        assert_json(response, 200, OK)
        assert_session_is_cleared(response, "cookie")
        assert browser.anti_csrf is None

    def test_a_custom_header_is_asked_for(self, alice: str) -> None:
        browser = FrontendClient("cookie")
        with supertokens_settings(**TWO_SITES):
            browser.post("/test/login", {"userId": alice})
            assert_try_refresh_token(browser.sign_out(headers={"rid": None}))
            response = browser.sign_out()

        assert_json(response, 200, OK)
        assert_session_is_cleared(response, "cookie", rules=TWO_SITES_COOKIES)


class TestTheUrl:
    def test_get_is_not_found(self, frontend: FrontendClient) -> None:
        response = frontend.get("/auth/signout")

        assert response.status_code == 404
        assert (set_cookies(response), session_headers(response)) == ({}, {})

    @pytest.mark.parametrize("tenant", ["public", "acme", "no-such-tenant"])
    def test_the_tenant_of_the_path_is_ignored(self, frontend: FrontendClient, tenant: str) -> None:
        assert_json(frontend.post(f"/auth/{tenant}/signout"), 200, OK)

    def test_a_disabled_endpoint_is_not_found(self, frontend: FrontendClient) -> None:
        with supertokens_settings(DISABLED_ENDPOINTS=["session:signout"]):
            response = frontend.sign_out()

        assert response.status_code == 404
        assert_session_is_untouched(response)

    def test_no_body_is_needed_and_any_body_is_ignored(self, frontend: FrontendClient) -> None:
        response = frontend.request("POST", "/auth/signout", body=b"\xff{not json", content_type="text/plain")

        assert_json(response, 200, OK)


class TestAdvice:
    """Sign-out forces no claim validators upon the user: whoever may not come in may still leave."""

    def test_a_session_with_invalid_claims_can_sign_out(self, frontend: FrontendClient) -> None:
        assert frontend.get("/test/invalid-claim").status_code == 403

        assert_json(frontend.sign_out(), 200, OK)
