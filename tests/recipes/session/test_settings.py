"""``SUPERTOKENS["SESSION"]``: every option with its default, what it accepts, and that a change holds at once."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from supertokens_django.cors import get_all_cors_headers
from supertokens_django.services import session as sessions
from tests.assertions import assert_json, assert_session_is_set, assert_try_refresh_token
from tests.base import ONE_SITE, PUBLIC, Clock, supertokens_settings
from tests.client import FrontendClient, Mode, json_of, json_of_view
from tests.cookies import set_cookies


def cookies_under(alice: str, top: dict[str, Any] | None = None, **session: Any) -> Any:
    """The cookies that a sign-in sets under these settings."""
    browser = FrontendClient("cookie")
    with supertokens_settings(**(top or {}), SESSION=session):
        return set_cookies(browser.post("/test/login", {"userId": alice}))


class TestDefaults:
    def test_every_option_has_the_default_of_the_documentation(self) -> None:
        from supertokens_django.recipes.session.conf import session_conf

        conf = session_conf()
        assert {
            "ACCESS_TOKEN_LIFETIME": conf.access_token_lifetime,
            "REFRESH_TOKEN_LIFETIME": conf.refresh_token_lifetime,
            "REFRESH_TOKEN_ROTATION_GRACE_PERIOD": conf.refresh_token_rotation_grace_period,
            "SIGNING_KEY_ROTATION_INTERVAL": conf.signing_key_rotation_interval,
            "COOKIE_DOMAIN": conf.cookie_domain,
            "OLDER_COOKIE_DOMAIN": conf.older_cookie_domain,
            "COOKIE_SECURE": conf.cookie_secure,
            "COOKIE_SAME_SITE": conf.cookie_same_site,
            "ANTI_CSRF": conf.anti_csrf,
            "SESSION_EXPIRED_STATUS_CODE": conf.session_expired_status_code,
            "INVALID_CLAIM_STATUS_CODE": conf.invalid_claim_status_code,
            "GET_TOKEN_TRANSFER_METHOD": conf.get_token_transfer_method,
            "USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": conf.use_dynamic_access_token_signing_key,
            "EXPOSE_ACCESS_TOKEN_TO_FRONTEND_IN_COOKIE_BASED_AUTH": (
                conf.expose_access_token_to_frontend_in_cookie_based_auth
            ),
            "ACCESS_TOKEN_PAYLOAD": conf.access_token_payload,
            "JWT": asdict(conf.jwt),
            "JWKS_REFRESH_INTERVAL_SEC": conf.jwks_refresh_interval_sec,
        } == {
            "ACCESS_TOKEN_LIFETIME": timedelta(hours=1),
            "REFRESH_TOKEN_LIFETIME": timedelta(days=100),
            "REFRESH_TOKEN_ROTATION_GRACE_PERIOD": timedelta(seconds=30),
            "SIGNING_KEY_ROTATION_INTERVAL": timedelta(hours=168),
            "COOKIE_DOMAIN": None,
            "OLDER_COOKIE_DOMAIN": None,
            "COOKIE_SECURE": None,
            "COOKIE_SAME_SITE": None,
            "ANTI_CSRF": None,
            "SESSION_EXPIRED_STATUS_CODE": 401,
            "INVALID_CLAIM_STATUS_CODE": 403,
            "GET_TOKEN_TRANSFER_METHOD": None,
            "USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": True,
            "EXPOSE_ACCESS_TOKEN_TO_FRONTEND_IN_COOKIE_BASED_AUTH": False,
            "ACCESS_TOKEN_PAYLOAD": None,
            "JWT": {"enable": False, "issuer": None, "property_name_in_access_token_payload": "jwt"},
            "JWKS_REFRESH_INTERVAL_SEC": 14400,
        }


class TestRefusals:
    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("ACCESS_TOKEN_LIFETIME", 0),
            ("ACCESS_TOKEN_LIFETIME", "1h"),
            ("REFRESH_TOKEN_LIFETIME", -1),
            ("REFRESH_TOKEN_LIFETIME", float("inf")),
            ("REFRESH_TOKEN_LIFETIME", float("nan")),
            ("REFRESH_TOKEN_LIFETIME", 10**12),
            ("REFRESH_TOKEN_LIFETIME", timedelta.max),
            ("REFRESH_TOKEN_ROTATION_GRACE_PERIOD", -1),
            ("REFRESH_TOKEN_ROTATION_GRACE_PERIOD", 301),
            ("SIGNING_KEY_ROTATION_INTERVAL", 0),
            ("COOKIE_DOMAIN", ""),
            ("COOKIE_DOMAIN", "   "),
            ("COOKIE_DOMAIN", "not a domain"),
            ("COOKIE_DOMAIN", 5),
            ("COOKIE_DOMAIN", "http://"),
            ("COOKIE_DOMAIN", "acme.com\r\nx-a: b"),
            ("COOKIE_DOMAIN", "münchen.example"),
            ("COOKIE_DOMAIN", "http://[acme.com"),
            ("OLDER_COOKIE_DOMAIN", "not a domain"),
            ("COOKIE_SECURE", "yes"),
            ("COOKIE_SAME_SITE", "sometimes"),
            ("COOKIE_SAME_SITE", ""),
            ("ANTI_CSRF", "VIA_MAGIC"),
            ("ANTI_CSRF", True),
            ("SESSION_EXPIRED_STATUS_CODE", "401"),
            ("GET_TOKEN_TRANSFER_METHOD", "cookie"),
            ("USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY", 1),
            ("EXPOSE_ACCESS_TOKEN_TO_FRONTEND_IN_COOKIE_BASED_AUTH", "no"),
            ("ERROR_HANDLERS", object()),
            ("ACCESS_TOKEN_PAYLOAD", {"plan": "free"}),
            ("JWT", True),
            ("JWT", {"ENABEL": True}),
            ("JWT", {"ENABLE": True, "ISSUER": "https://tunnel.example/other"}),
            ("JWT", {"ENABLE": True, "PROPERTY_NAME_IN_ACCESS_TOKEN_PAYLOAD": "sub"}),
            ("COOKIE_SAMESITE", "lax"),
            ("cookie_secure", True),
        ],
    )
    def test_a_bad_value_or_name_is_refused_by_its_path(self, alice: str, option: str, value: Any) -> None:
        with (
            supertokens_settings(SESSION={option: value}),
            pytest.raises(ImproperlyConfigured) as refusal,
        ):
            sessions.create_new_session_without_request_response(PUBLIC, alice)

        assert f"SUPERTOKENS['SESSION']['{option}']" in str(refusal.value)

    def test_the_two_status_codes_must_differ(self, alice: str) -> None:
        with (
            supertokens_settings(SESSION={"SESSION_EXPIRED_STATUS_CODE": 403}),
            pytest.raises(ImproperlyConfigured),
        ):
            sessions.create_new_session_without_request_response(PUBLIC, alice)

    def test_the_texts_that_developers_search_for(self, alice: str) -> None:
        for option, value, text in (
            ("COOKIE_DOMAIN", "", "Please provide a valid session_scope"),
            ("COOKIE_SAME_SITE", "sometimes", "Input should be 'lax', 'strict' or 'none'"),
        ):
            with (
                supertokens_settings(SESSION={option: value}),
                pytest.raises(ImproperlyConfigured, match=text.replace(".", r"\.")),
            ):
                sessions.create_new_session_without_request_response(PUBLIC, alice)


class TestCookieDomain:
    @pytest.mark.parametrize(
        ("given", "domain"),
        [
            (None, None),
            ("acme.com", "acme.com"),
            (".acme.com", ".acme.com"),
            ("  .ACME.com ", ".acme.com"),
            ("https://api.acme.com:8000/auth?x#y", "api.acme.com"),
            ("http://acme.com", "acme.com"),
            (".localhost", "localhost"),
            ("localhost:8000", "localhost"),
            (".127.0.0.1", "127.0.0.1"),
            (".localhost-is-a-name.com", ".localhost-is-a-name.com"),
            ("acme.com?x", "acme.com"),
            ("https://somebody@acme.com#x", "acme.com"),
        ],
    )
    def test_it_is_normalised(self, alice: str, given: str | None, domain: str | None) -> None:
        cookies = cookies_under(alice, COOKIE_DOMAIN=given)

        assert {cookie.domain for cookie in cookies.values()} == {domain}

    def test_a_change_of_it_keeps_users_signed_in(self, clock: Clock, alice: str) -> None:
        browser = FrontendClient("cookie")
        browser.post("/test/login", {"userId": alice})
        with supertokens_settings(SESSION={"COOKIE_DOMAIN": ".acme.com", "OLDER_COOKIE_DOMAIN": ""}):
            assert browser.refresh().status_code == 200
            assert_try_refresh_token(browser.get("/test/sync"))
            assert browser.refresh().status_code == 200
            assert browser.get("/test/sync").status_code == 200


class TestCookieSecureAndSameSite:
    @pytest.mark.parametrize(
        ("api", "secure"),
        [
            ("https://api.acme.com", True),
            ("api.acme.com", True),
            ("http://api.acme.com", False),
            ("localhost:8000", False),
        ],
    )
    def test_secure_follows_the_scheme_of_the_api(self, alice: str, api: str, secure: bool) -> None:
        cookies = cookies_under(alice, {"API_DOMAIN": api, "WEBSITE_DOMAIN": api})

        assert {cookie.secure for cookie in cookies.values()} == {secure}

    @pytest.mark.parametrize("secure", [True, False])
    def test_secure_can_be_chosen(self, alice: str, secure: bool) -> None:
        assert {cookie.secure for cookie in cookies_under(alice, COOKIE_SECURE=secure).values()} == {secure}

    @pytest.mark.parametrize(
        ("given", "same_site"),
        [("lax", "lax"), ("Strict", "strict"), (" NONE ", "none"), (None, "lax")],
    )
    def test_same_site_can_be_chosen(self, alice: str, given: str | None, same_site: str) -> None:
        cookies = cookies_under(alice, COOKIE_SAME_SITE=given)

        assert {cookie.same_site for cookie in cookies.values()} == {same_site}

    @pytest.mark.parametrize(
        ("api", "website", "same_site"),
        [
            ("https://api.acme.com", "https://acme.com", "lax"),
            ("https://api.acme.com", "https://www.shop.acme.com:3000", "lax"),
            ("https://api.acme.com", "http://acme.com", "none"),
            ("https://api.acme.com", "https://acme.org", "none"),
            ("https://api.acme.co.uk", "https://other.co.uk", "none"),
            ("https://api.acme.co.uk", "https://acme.co.uk", "lax"),
            ("https://one.github.io", "https://two.github.io", "none"),
            (
                "https://ec2-1-2-3-4.compute-1.amazonaws.com",
                "https://ec2-4-3-2-1.compute-1.amazonaws.com",
                "none",
            ),
            (
                "https://ec2-1-2-3-4.compute-1.amazonaws.com",
                "https://ec2-1-2-3-4.compute-1.amazonaws.com:3000",
                "lax",
            ),
            ("http://localhost:8000", "http://localhost:3000", "lax"),
            ("http://localhost:8000", "http://127.0.0.1:3000", "lax"),
        ],
    )
    def test_same_site_follows_the_public_suffix_list(
        self, alice: str, api: str, website: str, same_site: str
    ) -> None:
        cookies = cookies_under(alice, {"API_DOMAIN": api, "WEBSITE_DOMAIN": website}, COOKIE_SECURE=True)

        assert {cookie.same_site for cookie in cookies.values()} == {same_site}


def test_an_ipv6_address_keeps_its_brackets(frontend: FrontendClient) -> None:
    with supertokens_settings(API_DOMAIN="http://[::1]:8000", WEBSITE_DOMAIN="http://[::1]:3000"):
        issuer = json_of(frontend.get("/auth/.well-known/openid-configuration"))["issuer"]
        assert issuer == "http://[::1]:8000/auth"
        assert {cookie.same_site for cookie in set_cookies(frontend.refresh()).values()} <= {"lax"}


class TestPaths:
    @pytest.mark.parametrize(
        ("base", "gateway", "path"),
        [
            ("/auth", "", "/auth/session/refresh"),
            ("auth/", "", "/auth/session/refresh"),
            ("/auth", "/gateway", "/gateway/auth/session/refresh"),
            ("/api/v1/auth", "", "/api/v1/auth/session/refresh"),
            ("/", "", "/session/refresh"),
        ],
    )
    def test_the_refresh_cookie_goes_to_the_refresh_url_alone(
        self, alice: str, base: str, gateway: str, path: str
    ) -> None:
        cookies = cookies_under(alice, {"API_BASE_PATH": base, "API_GATEWAY_PATH": gateway})

        assert {name: cookie.path for name, cookie in cookies.items()} == {
            "sAccessToken": "/",
            "sRefreshToken": path,
        }


class TestLifetimes:
    @pytest.mark.parametrize("given", [90, timedelta(seconds=90), 90.0])
    def test_durations_are_timedeltas_or_seconds(
        self, clock: Clock, alice: str, mode: Mode, given: Any
    ) -> None:
        browser = FrontendClient(mode)
        with supertokens_settings(SESSION={"ACCESS_TOKEN_LIFETIME": given, "REFRESH_TOKEN_LIFETIME": given}):
            response = browser.post("/test/login", {"userId": alice})

        assert 85 <= browser.access_token_payload["exp"] - clock.now <= 90
        assert_session_is_set(response, mode, refresh_expires=clock.now + 90)

    def test_a_lifetime_of_one_second_expires_in_the_next(self, clock: Clock, alice: str, mode: Mode) -> None:
        browser = FrontendClient(mode)
        with supertokens_settings(SESSION={"ACCESS_TOKEN_LIFETIME": 1}):
            browser.post("/test/login", {"userId": alice})
            assert browser.get("/test/sync").status_code == 200
            clock.advance(1.001)
            assert_try_refresh_token(browser.get("/test/sync"))
            assert browser.refresh().status_code == 200
            assert browser.get("/test/sync").status_code == 200


class OurHandlers:
    """Own answers to session errors."""


class TestErrorHandlers:
    def test_own_answers_replace_ours_and_the_clearing_stays(self, browser: FrontendClient) -> None:
        from django.http import JsonResponse

        from supertokens_django.recipes.session.outputs import ErrorHandlers

        class Handlers(ErrorHandlers):
            def on_unauthorised(self, request: Any, message: str, response: Any) -> Any:
                return JsonResponse({"please": "sign in"}, status=499)

        with supertokens_settings(SESSION={"ERROR_HANDLERS": Handlers()}):
            response = browser.refresh()
            kept = browser.post("/test/raising", {"error": "try refresh token"})

        assert response.status_code == 499
        assert json_of_view(response) == {"please": "sign in"}
        assert response.headers["front-token"] == "remove"
        assert_json(kept, 401, {"message": "try refresh token"})


class TestCors:
    def test_the_headers_that_the_frontend_sends(self) -> None:
        assert sorted(get_all_cors_headers()) == [
            "anti-csrf",
            "authorization",
            "fdi-version",
            "rid",
            "st-auth-mode",
        ]

    def test_the_projects_own_exposed_headers_are_kept(self, clock: Clock, frontend: FrontendClient) -> None:
        response = frontend.get("/test/exposing")

        own, *ours = response.headers["Access-Control-Expose-Headers"].split(",")
        assert own == "x-page"
        assert ours == ["front-token", *(["st-access-token"] if frontend.mode == "header" else [])]
        assert frontend.access_token_payload["x-seen"] is True

    def test_a_preflight_of_the_frontend_is_allowed(self, browser: FrontendClient, settings: Any) -> None:
        from corsheaders.defaults import default_headers

        settings.CORS_ALLOWED_ORIGINS = [ONE_SITE["WEBSITE_DOMAIN"]]
        settings.CORS_ALLOW_CREDENTIALS = True
        settings.CORS_ALLOW_HEADERS = [*default_headers, *get_all_cors_headers()]

        response = browser.request(
            "OPTIONS",
            "/auth/session/refresh",
            headers={
                "origin": ONE_SITE["WEBSITE_DOMAIN"],
                "access-control-request-method": "POST",
                "access-control-request-headers": "anti-csrf,fdi-version,rid,st-auth-mode",
            },
        )

        allowed = {name.strip() for name in response.headers["Access-Control-Allow-Headers"].split(",")}
        assert {"anti-csrf", "fdi-version", "rid", "st-auth-mode", "authorization"} <= allowed
        assert response.headers["Access-Control-Allow-Credentials"] == "true"


def test_get_token_transfer_method_is_asked_with_the_request(alice: str) -> None:
    """A project may decide itself: mobile apps by header, everybody else by cookie."""
    asked: list[bool] = []

    def method(request: Any, for_create_new_session: bool) -> str:
        asked.append(for_create_new_session)
        return "header" if request.headers.get("x-app") == "mobile" else "cookie"

    browser = FrontendClient("header")
    with supertokens_settings(SESSION={"GET_TOKEN_TRANSFER_METHOD": method}):
        by_cookie = browser.post("/test/login", {"userId": alice})
        by_header = browser.post("/test/login", {"userId": alice}, headers={"x-app": "mobile"})
        browser.get("/test/sync")

    assert "sAccessToken" in by_cookie.cookies
    assert by_header.headers["st-access-token"]
    assert asked[0] is True
    assert asked[-1] is False


@pytest.mark.parametrize("wrong", ["cookies", "", None])
def test_what_get_token_transfer_method_returns_must_be_a_method(alice: str, wrong: Any) -> None:
    with supertokens_settings(SESSION={"GET_TOKEN_TRANSFER_METHOD": lambda *_: wrong}):
        for path in ("/test/login", "/test/sync", "/auth/session/refresh"):
            with pytest.raises(ImproperlyConfigured, match=r"must return 'cookie', 'header' or 'any'"):
                FrontendClient().post(path, {"userId": alice})


def test_the_answer_of_a_verified_view_is_the_views_own(frontend: FrontendClient) -> None:
    assert json_of_view(frontend.get("/test/sync"))["session"] == frontend.session_handle
