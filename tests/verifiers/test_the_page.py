"""What docs/verifying.md has a service do, step by step, against a running API."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jwt
import pytest
from django.core.management import call_command
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from supertokens_django.services import openid
from supertokens_django.services import session as sessions
from tests.base import ALICE, BOB, PUBLIC, TWO_SITES, Clock, supertokens_settings
from tests.client import FrontendClient
from tests.docs.project import Project
from tests.forgery import with_claims

STATIC: dict[str, Any] = {"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": False}


@pytest.fixture
def page(api: str, live_server: LiveServer, tmp_path: Path) -> Iterator[ModuleType]:
    """The module ``acme.elsewhere`` of the page."""
    domains = {"API_DOMAIN": live_server.url, "WEBSITE_DOMAIN": live_server.url}
    project = Project("docs/verifying.md", tmp_path)
    with project.running(), override_settings(ROOT_URLCONF="tests.urls"), supertokens_settings(**domains):
        yield project.load("acme/elsewhere.py")


@pytest.fixture
def issuer(api: str) -> str:
    return f"{api}/auth"


@pytest.fixture
def keys(api: str) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(f"{api}/auth/jwt/jwks.json")


def access_token(**payload: Any) -> str:
    return sessions.create_new_session_without_request_response(PUBLIC, "alice", payload).get_access_token()


def kid_of(token: str) -> Any:
    return jwt.get_unverified_header(token)["kid"]


def exported() -> str:
    """The PEM of the static key, as the command prints it."""
    out = io.StringIO()
    call_command("supertokens_keys", "export", stdout=out)
    return out.getvalue()


class TestTheKeySet:
    def test_a_session_is_verified(self, page: ModuleType, keys: jwt.PyJWKClient, issuer: str) -> None:
        assert page.verified_session(access_token(plan="pro"), keys, issuer)["plan"] == "pro"

    def test_a_jwt_that_is_no_session_is_refused(
        self, page: ModuleType, keys: jwt.PyJWKClient, issuer: str
    ) -> None:
        with pytest.raises(jwt.MissingRequiredClaimError, match="sessionHandle"):
            page.verified_session(openid.create_jwt({"sub": "alice"}, 60), keys, issuer)

    def test_what_is_tampered_with_expired_or_of_another_issuer_is_refused(
        self, page: ModuleType, keys: jwt.PyJWKClient, issuer: str
    ) -> None:
        token = access_token()
        payload = {**jwt.decode(token, options={"verify_signature": False}), "exp": 1}
        expired = openid.create_jwt(payload)

        for bad, where in (
            (with_claims(token, payload={"sub": "mallory"}), issuer),
            (with_claims(token, header={"alg": "none"}), issuer),
            (expired, issuer),
            (token, "https://elsewhere.example/auth"),
        ):
            with pytest.raises(jwt.InvalidTokenError):
                page.verified_session(bad, keys, where)

    def test_who_fetches_the_keys_while_the_next_one_waits_has_it_already(
        self, page: ModuleType, keys: jwt.PyJWKClient, issuer: str, clock: Clock
    ) -> None:
        access_token()
        clock.advance(600)
        call_command("supertokens_keys", "rotate", stdout=io.StringIO())
        before = access_token()
        page.verified_session(before, keys, issuer)
        clock.advance(60)
        after = access_token()
        assert kid_of(before) != kid_of(after)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: pytest.fail("nothing is to be fetched"))
            for token in (before, after):
                assert page.verified_session(token, keys, issuer)["sub"] == "alice"

    def test_who_has_fetched_them_before_fetches_them_again(
        self, page: ModuleType, keys: jwt.PyJWKClient, issuer: str, clock: Clock
    ) -> None:
        page.verified_session(access_token(), keys, issuer)
        clock.advance(600)
        call_command("supertokens_keys", "rotate", stdout=io.StringIO())
        clock.advance(60)
        keys.cooldown_duration = 0  # the minute is over, and PyJWT waits for half a minute of its own clock

        assert page.verified_session(access_token(), keys, issuer)["sub"] == "alice"


class TestOneKeyThatStays:
    def test_a_session_is_verified_without_asking_anybody(self, page: ModuleType, issuer: str) -> None:
        with supertokens_settings(SESSION=STATIC):
            token = access_token(plan="pro")

        assert page.verified_session_by_pem(token, exported(), issuer)["plan"] == "pro"

    def test_a_session_of_another_key_is_refused(self, page: ModuleType, issuer: str) -> None:
        with pytest.raises(jwt.InvalidSignatureError):
            page.verified_session_by_pem(access_token(), exported(), issuer)

    def test_it_is_good_for_the_weeks_to_come(self, page: ModuleType, issuer: str, clock: Clock) -> None:
        pem = exported()
        clock.advance(60 * 86400)
        with supertokens_settings(SESSION=STATIC):
            assert page.verified_session_by_pem(access_token(), pem, issuer)["sub"] == "alice"


class TestClaims:
    @pytest.mark.parametrize(
        ("payload", "verified"),
        [
            ({"st-ev": {"v": True, "t": 1768478400000}}, True),
            ({"st-ev": {"v": False, "t": 1768478400000}}, False),
            ({"st-ev": {"t": 1768478400000}}, False),
            ({}, False),
        ],
    )
    def test_whether_the_address_is_verified(
        self, page: ModuleType, issuer: str, payload: dict[str, Any], verified: bool
    ) -> None:
        with supertokens_settings(SESSION=STATIC):
            token = access_token(**payload)

        assert page.has_verified_email(page.verified_session_by_pem(token, exported(), issuer)) is verified

    def test_roles(self, page: ModuleType, keys: jwt.PyJWKClient, issuer: str) -> None:
        token = access_token(**{"st-role": {"v": ["author"], "t": 1768478400000}})
        payload = page.verified_session(token, keys, issuer)

        assert (page.has_role(payload, "author"), page.has_role(payload, "admin")) == (True, False)
        assert not page.has_role({}, "author")


def sent_by(browser: FrontendClient) -> dict[str, str]:
    """The headers that the frontend SDK sends with a request to a service."""
    headers = {"rid": "anti-csrf", "st-auth-mode": "cookie"}
    return {**headers, **({"anti-csrf": browser.anti_csrf} if browser.anti_csrf else {})}


class TestAntiCsrf:
    """A token that came by cookie."""

    @pytest.fixture
    def browser(self, page: ModuleType) -> FrontendClient:
        return FrontendClient("cookie")

    def signed_up(self, browser: FrontendClient, page: ModuleType, keys: Any, issuer: str) -> Any:
        assert browser.sign_up(ALICE.email, ALICE.password).status_code == 200
        return page.verified_session(browser.access_token, keys, issuer)

    def test_via_token(
        self, page: ModuleType, browser: FrontendClient, keys: jwt.PyJWKClient, issuer: str
    ) -> None:
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
            payload = self.signed_up(browser, page, keys, issuer)
            other = FrontendClient("cookie")
            other.sign_up(BOB.email, BOB.password)
        own = sent_by(browser)
        assert own["anti-csrf"] == payload["antiCsrfToken"]

        def is_safe(method: str, headers: dict[str, str]) -> Any:
            return page.was_sent_by_the_frontend(payload, method, headers, "VIA_TOKEN")

        assert is_safe("POST", own) is True
        assert is_safe("GET", {}) is True
        for headers in ({}, {"rid": "anti-csrf"}, sent_by(other), {"anti-csrf": "é"}):
            assert is_safe("POST", headers) is False

    def test_via_token_a_session_that_was_made_without_one_is_refused(self, page: ModuleType) -> None:
        assert not page.was_sent_by_the_frontend({"antiCsrfToken": None}, "POST", {}, "VIA_TOKEN")
        assert not page.was_sent_by_the_frontend({}, "POST", {"anti-csrf": ""}, "VIA_TOKEN")

    def test_via_custom_header(
        self, page: ModuleType, browser: FrontendClient, keys: jwt.PyJWKClient, issuer: str
    ) -> None:
        with supertokens_settings(
            WEBSITE_DOMAIN=TWO_SITES["WEBSITE_DOMAIN"],
            SESSION={"ANTI_CSRF": "VIA_CUSTOM_HEADER", "COOKIE_SECURE": True},
        ):
            payload = self.signed_up(browser, page, keys, issuer)

        def is_safe(method: str, headers: dict[str, str]) -> Any:
            return page.was_sent_by_the_frontend(payload, method, headers, "VIA_CUSTOM_HEADER")

        assert is_safe("DELETE", sent_by(browser)) is True
        assert is_safe("GET", {}) is True
        assert is_safe("DELETE", {"content-type": "application/x-www-form-urlencoded"}) is False

    def test_none(self, page: ModuleType) -> None:
        assert page.was_sent_by_the_frontend({}, "POST", {}, "NONE") is True
