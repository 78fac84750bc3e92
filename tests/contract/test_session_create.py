"""What an answer that makes a session looks like, whole (FDI: token transfer, cookies, front token, access token)."""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import Any

import pytest
from django.test import RequestFactory, override_settings

from supertokens_django.exceptions import SuperTokensError
from supertokens_django.services import session as sessions
from tests.assertions import (
    TWO_SITES_COOKIES,
    assert_front_token_matches,
    assert_session_is_set,
)
from tests.base import ALICE, ISSUER, PUBLIC, TWO_SITES, Clock, supertokens_settings
from tests.client import (
    ACCESS_COOKIE,
    EXPOSE_HEADERS,
    FrontendClient,
    Mode,
    Stack,
    decode_jwt,
    session_headers,
)
from tests.cookies import EPOCH, set_cookies


@pytest.mark.parametrize(
    ("st_auth_mode", "expected"),
    [
        ("cookie", "cookie"),
        ("header", "header"),
        ("Cookie", "cookie"),
        ("HEADER", "header"),
        (None, "header"),
        ("", "header"),
        ("any", "header"),
        ("cookie,header", "header"),
    ],
)
def test_the_frontend_chooses_how_tokens_travel(
    clock: Clock, alice: str, st_auth_mode: str | None, expected: Mode
) -> None:
    browser = FrontendClient()

    response = browser.post("/test/login", {"userId": alice}, headers={"st-auth-mode": st_auth_mode})

    assert_session_is_set(response, expected)


def test_sign_in_sets_exactly_the_tokens_of_its_mode(
    clock: Clock, alice: str, browser: FrontendClient
) -> None:
    response = browser.sign_in(ALICE.email, ALICE.password)

    assert response.status_code == 200
    assert_session_is_set(response, browser.mode)


def test_sign_up_sets_exactly_the_tokens_of_its_mode(clock: Clock, browser: FrontendClient) -> None:
    response = browser.sign_up(ALICE.email, ALICE.password)

    assert response.status_code == 200
    assert_session_is_set(response, browser.mode)


@pytest.mark.parametrize("path", ["/test/login", "/test/login/async"])
def test_a_view_of_the_project_can_make_a_session(
    clock: Clock, alice: str, mode: Mode, stack: Stack, path: str
) -> None:
    browser = FrontendClient(mode, stack=stack)

    response = browser.post(path, {"userId": alice})

    assert_session_is_set(response, mode)
    assert browser.user_id == alice


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_expiries_are_in_gmt_and_rounded_up_to_the_second(clock: Clock, alice: str, zone: str) -> None:
    clock.advance(0.25)

    with override_settings(TIME_ZONE=zone):
        response = FrontendClient().post("/test/login", {"userId": alice})

    assert_session_is_set(response, "cookie")
    assert set_cookies(response)[ACCESS_COOKIE].expires == "Fri, 15 Jan 2027 12:00:01 GMT"


def test_the_anti_csrf_token_goes_out_with_cookies_only(
    clock: Clock, alice: str, browser: FrontendClient
) -> None:
    with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
        response = browser.post("/test/login", {"userId": alice})

    assert_session_is_set(response, browser.mode, anti_csrf=True)
    assert browser.access_token_payload["antiCsrfToken"] == browser.anti_csrf
    assert (browser.anti_csrf is not None) == (browser.mode == "cookie")


def test_cookies_of_a_frontend_on_another_site_are_same_site_none(clock: Clock, alice: str) -> None:
    with supertokens_settings(**TWO_SITES):
        response = FrontendClient().post("/test/login", {"userId": alice})

    assert_session_is_set(response, "cookie", rules=TWO_SITES_COOKIES)


def test_the_access_token_is_exposed_beside_the_cookie_when_asked(
    clock: Clock, alice: str, browser: FrontendClient
) -> None:
    with supertokens_settings(SESSION={"EXPOSE_ACCESS_TOKEN_TO_FRONTEND_IN_COOKIE_BASED_AUTH": True}):
        response = browser.post("/test/login", {"userId": alice})

    assert_session_is_set(response, browser.mode, exposed_access_token=True)
    assert response.headers["st-access-token"] == browser.access_token


class TestTokensOfTheOtherMethod:
    """A token that arrives by the other method is cleared first; the new ones are set last."""

    @pytest.mark.parametrize("foreign", ["anything", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"])
    def test_header_tokens_replace_cookies(self, clock: Clock, alice: str, foreign: str) -> None:
        browser = FrontendClient("header")
        browser.hold_cookie(ACCESS_COOKIE, foreign)

        response = browser.post("/test/login", {"userId": alice})

        cookies = set_cookies(response)
        assert [(cookie.name, cookie.value, cookie.expires) for cookie in cookies.values()] == [
            ("sAccessToken", "", EPOCH),
            ("sRefreshToken", "", EPOCH),
        ]
        self._assert_signed_in_by(response, response.headers["st-access-token"])
        assert browser.jar.get(ACCESS_COOKIE) is None

    @pytest.mark.parametrize("foreign", ["anything", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"])
    def test_cookies_replace_header_tokens(self, clock: Clock, alice: str, foreign: str) -> None:
        browser = FrontendClient("cookie")

        response = browser.post(
            "/test/login", {"userId": alice}, headers={"authorization": f"Bearer {foreign}"}
        )

        headers = session_headers(response)
        assert (headers["st-access-token"], headers["st-refresh-token"]) == ("", "")
        assert list(set_cookies(response)) == ["sAccessToken", "sRefreshToken"]
        assert browser.access_token is not None
        self._assert_signed_in_by(response, browser.access_token)

    @staticmethod
    def _assert_signed_in_by(response: Any, access_token: str) -> None:
        headers = session_headers(response)
        assert_front_token_matches(headers["front-token"], access_token)
        assert set(headers[EXPOSE_HEADERS].split(",")) == {
            "front-token",
            "st-access-token",
            "st-refresh-token",
        }
        assert "anti-csrf" not in headers


class TestTheAccessToken:
    def test_its_header_is_that_of_version_5(self, clock: Clock, frontend: FrontendClient) -> None:
        assert frontend.access_token_header == {
            "alg": "RS256",
            "typ": "JWT",
            "version": "5",
            "kid": f"d-{clock.milliseconds}",
        }

    def test_its_payload_has_every_claim_of_version_5_and_no_other(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        payload = frontend.access_token_payload

        assert frontend.refresh_token is not None
        assert payload == {
            "sub": alice,
            "rsub": alice,
            "tId": PUBLIC,
            "iat": int(clock.now),
            "exp": payload["exp"],
            "iss": ISSUER,
            "sessionHandle": payload["sessionHandle"],
            "refreshTokenHash1": hashlib.sha256(frontend.refresh_token.encode()).hexdigest(),
            "parentRefreshTokenHash1": None,
            "antiCsrfToken": None,
        }
        assert str(uuid.UUID(payload["sessionHandle"])) == payload["sessionHandle"]

    def test_it_expires_within_the_last_twentieth_of_its_lifetime(self, clock: Clock, alice: str) -> None:
        browser = FrontendClient()

        for lifetime in (3600, 100, 1):
            with supertokens_settings(SESSION={"ACCESS_TOKEN_LIFETIME": lifetime}):
                browser.post("/test/login", {"userId": alice})

            exp = browser.access_token_payload["exp"]
            assert isinstance(exp, int)
            assert clock.now + 0.95 * lifetime - 1 <= exp <= clock.now + lifetime

    def test_its_text_is_unpadded_base64url(self, frontend: FrontendClient) -> None:
        assert frontend.access_token is not None
        assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", frontend.access_token, re.ASCII)

    def test_it_carries_the_payload_that_was_asked_for(self, alice: str, browser: FrontendClient) -> None:
        payload = {"x-name": "Ålice 🐇", "x-nested": {"b": [1, 2.5, None, True], "a": None}, "x-empty": ""}

        browser.post("/test/login", {"userId": alice, "payload": payload})

        claims = browser.access_token_payload
        assert {key: claims[key] for key in payload} == payload
        assert browser.front_token["up"] == claims

    def test_it_drops_protected_claims_of_the_asked_payload_silently(
        self, clock: Clock, alice: str, browser: FrontendClient
    ) -> None:
        browser.post("/test/login", {"userId": alice})
        copied = browser.access_token_payload
        clock.advance(10)

        browser.post("/test/login", {"userId": alice, "payload": {**copied, "sub": "mallory", "x-kept": 1}})

        claims = browser.access_token_payload
        assert (claims["sub"], claims["rsub"], claims["tId"]) == (alice, alice, PUBLIC)
        assert claims["sessionHandle"] != copied["sessionHandle"]
        assert claims["iat"] == int(clock.now)
        assert claims["x-kept"] == 1

    def test_its_issuer_is_ours_whatever_the_payload_says(self, alice: str, browser: FrontendClient) -> None:
        browser.post("/test/login", {"userId": alice, "payload": {"iss": "https://evil.example"}})

        assert browser.access_token_payload["iss"] == ISSUER

    def test_its_issuer_includes_the_gateway_path(self, alice: str, browser: FrontendClient) -> None:
        with supertokens_settings(API_GATEWAY_PATH="/gateway"):
            browser.post("/test/login", {"userId": alice})

        assert browser.access_token_payload["iss"] == "https://api.acme.com/gateway/auth"

    def test_it_is_signed_by_the_static_key_when_asked(
        self, clock: Clock, alice: str, browser: FrontendClient
    ) -> None:
        with supertokens_settings(SESSION={"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": False}):
            browser.post("/test/login", {"userId": alice})

        header = browser.access_token_header
        assert {**header, "kid": None} == {"alg": "RS256", "typ": "JWT", "version": "5", "kid": None}
        assert header["kid"] == f"s-{uuid.UUID(header['kid'][2:])}"


def test_the_refresh_token_is_never_inside_the_access_or_front_token(frontend: FrontendClient) -> None:
    assert frontend.refresh_token is not None
    assert frontend.refresh_token not in str(frontend.front_token)


def test_two_sessions_of_one_user_are_told_apart(alice: str, browser: FrontendClient) -> None:
    browser.post("/test/login", {"userId": alice})
    first = browser.session_handle
    browser.post("/test/login", {"userId": alice})

    assert browser.session_handle != first
    assert sorted(sessions.get_all_session_handles_for_user(alice)) == sorted([first, browser.session_handle])


class TestInsecureCookiesAcrossSites:
    """Browsers drop SameSite=None cookies without Secure, so no such session is made."""

    TEXT = (
        "Since your API and website domain are different, for sessions to work, please use https on your apiDomain "
        "and don't set cookieSecure to false."
    )

    def test_a_cookie_session_is_refused(self, alice: str) -> None:
        browser = FrontendClient(raise_request_exception=False)

        with supertokens_settings(**TWO_SITES, SESSION={"COOKIE_SECURE": False}):
            response = browser.post("/test/login", {"userId": alice})

        assert response.status_code == 500
        assert set_cookies(response) == {}
        assert session_headers(response) == {}
        assert sessions.get_all_session_handles_for_user(alice) == []

    def test_the_error_says_what_to_change(self, alice: str) -> None:
        request = RequestFactory().post("/", headers={"st-auth-mode": "cookie"})

        with (
            supertokens_settings(**TWO_SITES, SESSION={"COOKIE_SECURE": False}),
            pytest.raises(SuperTokensError) as refusal,
        ):
            sessions.create_new_session(request, PUBLIC, alice)

        assert refusal.value.body() == {"message": self.TEXT}

    def test_a_header_session_is_made_all_the_same(self, clock: Clock, alice: str) -> None:
        with supertokens_settings(**TWO_SITES, SESSION={"COOKIE_SECURE": False}):
            response = FrontendClient("header").post("/test/login", {"userId": alice})

        assert_session_is_set(response, "header")

    @pytest.mark.parametrize(
        ("api", "website", "is_allowed"),
        [
            ("http://localhost:8000", "http://127.0.0.1:3000", True),
            ("http://192.168.1.10:8000", "http://localhost:3000", True),
            ("http://localhost:8000", "https://acme.com", False),
            ("http://api.acme.com", "http://localhost:3000", False),
        ],
    )
    def test_a_developer_machine_is_excepted_when_both_sides_are_local(
        self, alice: str, api: str, website: str, is_allowed: bool
    ) -> None:
        browser = FrontendClient(secure=False, raise_request_exception=False)
        local = {"COOKIE_SAME_SITE": "none", "COOKIE_SECURE": False}

        with supertokens_settings(API_DOMAIN=api, WEBSITE_DOMAIN=website, SESSION=local):
            response = browser.post("/test/login", {"userId": alice})

        assert (response.status_code == 200) == is_allowed


def test_a_session_of_another_tenant_says_so_in_token_and_handle(alice: str, tenant_acme: str) -> None:
    browser = FrontendClient()

    browser.post("/test/login", {"userId": alice, "tenantId": tenant_acme})

    assert browser.access_token_payload["tId"] == tenant_acme
    prefix, _, suffix = browser.session_handle.partition("_")
    assert (str(uuid.UUID(prefix)), suffix) == (prefix, tenant_acme)


def test_tokens_made_at_the_same_moment_differ(clock: Clock, alice: str) -> None:
    first, second = FrontendClient("header"), FrontendClient("header")
    first.post("/test/login", {"userId": alice})
    second.post("/test/login", {"userId": alice})

    assert first.refresh_token != second.refresh_token
    assert decode_jwt(first.access_token or "")[1] != decode_jwt(second.access_token or "")[1]
