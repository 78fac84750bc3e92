"""``CsrfViewMiddleware`` stays on for the project's views, and lets through what no cross-site form can send."""

from __future__ import annotations

import pytest

from tests.assertions import assert_json
from tests.base import ALICE, BOB, TWO_SITES, supertokens_settings
from tests.client import ACCESS_COOKIE, FrontendClient, Mode, Stack, session_headers
from tests.cookies import set_cookies

POSTED = {"posted": True}
FORMS = ("/test/form", "/test/verified-form")


@pytest.fixture
def strict(acme: None, alice: str, mode: Mode, stack: Stack) -> FrontendClient:
    """Alice's browser, signed in, before a server that checks CSRF as in production."""
    browser = FrontendClient(mode, stack=stack, enforce_csrf_checks=True)
    browser.post("/test/login", {"userId": alice})
    assert browser.is_signed_in
    return browser


class TestAPostOfTheFrontend:
    @pytest.mark.parametrize("path", FORMS)
    def test_it_reaches_a_plain_django_view(self, strict: FrontendClient, path: str) -> None:
        response = strict.post(path, {"a": 1})

        assert (response.status_code, response.json()) == (200, POSTED)  # type: ignore[attr-defined]

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
    def test_so_does_every_other_writing_method(self, strict: FrontendClient, method: str) -> None:
        assert strict.request(method, "/test/form").status_code == 200

    def test_the_bearer_token_alone_is_proof_enough(self, alice: str) -> None:
        phone = FrontendClient("header", enforce_csrf_checks=True)
        phone.post("/test/login", {"userId": alice})

        assert phone.post("/test/form", headers={"rid": None, "st-auth-mode": None}).status_code == 200

    @pytest.mark.parametrize("header", ["rid", "anti-csrf"])
    def test_either_custom_header_is_proof_enough(self, alice: str, header: str) -> None:
        browser = FrontendClient("cookie", enforce_csrf_checks=True)
        browser.post("/test/login", {"userId": alice})
        bare = {"rid": None, "anti-csrf": None, "st-auth-mode": None}

        assert browser.post("/test/form", headers=bare).status_code == 403
        assert browser.post("/test/form", headers={**bare, header: "x"}).status_code == 200


class TestACrossSiteForm:
    @pytest.mark.parametrize("path", FORMS)
    @pytest.mark.parametrize("lax", [True, False])
    def test_it_is_refused(self, strict: FrontendClient, path: str, lax: bool) -> None:
        response = strict.submit_cross_site_form(path, {"a": "1"}, lax=lax)

        assert response.status_code == 403

    @pytest.mark.parametrize("path", FORMS)
    def test_it_is_refused_across_sites_too(self, alice: str, path: str) -> None:
        with supertokens_settings(**TWO_SITES):
            browser = FrontendClient("cookie", enforce_csrf_checks=True)
            browser.post("/test/login", {"userId": alice})
            assert browser.submit_cross_site_form(path, {"a": "1"}, lax=False).status_code == 403

    @pytest.mark.parametrize(
        "credentials", ["Bearer nonsense", "Bearer a.b.c", "Basic YTpi", "Bearer ", "Bearer"]
    )
    def test_a_bearer_token_that_is_not_ours_is_no_proof(self, alice: str, credentials: str) -> None:
        browser = FrontendClient("cookie", enforce_csrf_checks=True)
        browser.post("/test/login", {"userId": alice})
        headers = {"authorization": credentials, "rid": None, "st-auth-mode": None}

        assert browser.post("/test/form", headers=headers).status_code == 403

    def test_cookies_alone_are_no_proof(self, strict: FrontendClient) -> None:
        strict.hold_cookie(ACCESS_COOKIE, strict.access_token or "")
        bare = {"rid": None, "anti-csrf": None, "st-auth-mode": None, "authorization": None}

        assert strict.post("/test/form", headers=bare).status_code == 403

    def test_it_cannot_sign_anybody_in_or_out(self, alice: str) -> None:
        """Our endpoints are exempt from Django's check: a form gets no cookie from them and ends no session."""
        with supertokens_settings(**TWO_SITES):
            browser = FrontendClient("cookie", enforce_csrf_checks=True)
            browser.post("/test/login", {"userId": alice})
            mine = browser.access_token
            fields = {"formFields": "[]", "email": BOB.email, "password": BOB.password}
            for path in ("/auth/signin", "/auth/signup", "/auth/signout", "/auth/session/refresh"):
                response = browser.clone().submit_cross_site_form(path, fields, lax=False)
                assert all(cookie.value == "" for cookie in set_cookies(response).values())
                assert session_headers(response).get("front-token") in (None, "remove")

            assert browser.access_token == mine
            assert browser.get("/test/checked").status_code == 200

    def test_a_form_with_a_json_body_gets_no_cookies(self, alice: str) -> None:
        """``enctype=text/plain`` can post JSON across sites, but it cannot ask for cookies."""
        body = b'{"formFields":[{"id":"email","value":"%s"},{"id":"password","value":"%s"}]}' % (
            ALICE.email.encode(),
            ALICE.password.encode(),
        )
        browser = FrontendClient("cookie", enforce_csrf_checks=True)

        response = browser.request(
            "POST",
            "/auth/signin",
            body=body,
            content_type="text/plain",
            headers={"rid": None, "st-auth-mode": None, "origin": "https://evil.example"},
        )

        assert set_cookies(response) == {}


class TestDjangosOwnWay:
    def test_a_form_with_djangos_token_works(self, strict: FrontendClient) -> None:
        strict.get("/test/form-page")
        token = strict.jar.get("csrftoken")
        assert token is not None
        bare = {"rid": None, "anti-csrf": None, "st-auth-mode": None, "authorization": None}

        response = strict.post(
            "/test/form",
            headers={**bare, "x-csrftoken": token, "referer": "https://api.acme.com/test/form-page"},
        )

        assert response.status_code == 200

    def test_a_visitor_is_still_checked(self, browser: FrontendClient) -> None:
        visitor = FrontendClient(browser.mode, enforce_csrf_checks=True)

        assert visitor.submit_cross_site_form("/test/form", {"a": "1"}).status_code == 403
        assert visitor.post("/test/form", headers={"rid": None}).status_code == 403

    def test_the_admin_is_still_checked(self, strict: FrontendClient) -> None:
        fields = {"username": "staff", "password": "x"}

        assert strict.submit_cross_site_form("/admin/login/", fields, lax=False).status_code == 403


def test_our_endpoints_need_no_token_of_django(alice: str, mode: Mode, stack: Stack) -> None:
    browser = FrontendClient(mode, stack=stack, enforce_csrf_checks=True)

    assert browser.sign_in(ALICE.email, ALICE.password).status_code == 200
    assert_json(browser.refresh(), 200, {})
    assert_json(browser.sign_out(), 200, {"status": "OK"})
