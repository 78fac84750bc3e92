"""What another site can make a browser send changes nothing in that browser."""

from __future__ import annotations

import pytest

from tests.assertions import TWO_SITES_COOKIES, UNAUTHORISED, assert_json, assert_unauthorised_and_cleared
from tests.base import ALICE, TWO_SITES, supertokens_settings
from tests.client import FrontendClient, session_headers
from tests.cookies import set_cookies

REFRESH = "/auth/session/refresh"


@pytest.fixture
def browser(acme: None, alice: str) -> FrontendClient:
    browser = FrontendClient("cookie")
    browser.sign_in(ALICE.email, ALICE.password)
    return browser


class TestAFormThatRefreshes:
    """Browsers keep cookies from the answer to a form, so an answer that takes cookies away signs the visitor out."""

    def test_it_signs_nobody_out(self, browser: FrontendClient) -> None:
        response = browser.submit_cross_site_form(REFRESH, {})

        assert_json(response, 401, UNAUTHORISED)
        assert (set_cookies(response), session_headers(response)) == ({}, {})
        assert browser.refresh().status_code == 200

    def test_it_signs_nobody_out_where_its_browser_sends_cookies(self, alice: str) -> None:
        with supertokens_settings(**TWO_SITES):
            browser = FrontendClient("cookie")
            browser.sign_in(ALICE.email, ALICE.password)

            response = browser.submit_cross_site_form(REFRESH, {}, lax=False)

            assert_json(response, 401, UNAUTHORISED)
            assert (set_cookies(response), session_headers(response)) == ({}, {})
            assert browser.refresh().status_code == 200

    def test_an_origin_that_the_browser_hides_is_another(self, browser: FrontendClient) -> None:
        hidden = {"origin": "null", "rid": None, "cookie": None}

        assert set_cookies(browser.refresh(headers=hidden)) == {}


class TestAFrontendThatHasNothingToRefresh:
    @pytest.mark.parametrize("origin", ["https://acme.com", "https://api.acme.com", None])
    def test_it_is_told_to_forget_everything_whatever_headers_it_sends(
        self, browser: FrontendClient, origin: str | None
    ) -> None:
        plain = {"origin": origin, "rid": None, "cookie": None}

        assert_unauthorised_and_cleared(browser.refresh(headers=plain))

    def test_it_is_told_so_on_any_other_origin_that_may_send_a_header(self, browser: FrontendClient) -> None:
        elsewhere = {"origin": "https://second-website.example", "rid": "session", "cookie": None}

        assert_unauthorised_and_cleared(browser.refresh(headers=elsewhere))

    def test_it_is_told_so_on_another_site(self, acme: None) -> None:
        with supertokens_settings(**TWO_SITES):
            response = FrontendClient("cookie").refresh(headers={"origin": TWO_SITES["WEBSITE_DOMAIN"]})

            assert_unauthorised_and_cleared(response, rules=TWO_SITES_COOKIES)
