"""CORS, SameSite, Secure and cookie domains: what keeps a session from the website is told, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from corsheaders.defaults import default_headers
from corsheaders.middleware import CorsMiddleware
from corsheaders.signals import check_request_enabled
from django.conf import settings
from django.test import override_settings
from django.urls import set_script_prefix

from supertokens_django.cors import get_all_cors_headers
from tests.base import ONE_SITE, TWO_SITES, supertokens_settings
from tests.checks.messages import numbers, the_only

COMMON = "django.middleware.common.CommonMiddleware"
CORS = "corsheaders.middleware.CorsMiddleware"

README: Mapping[str, Any] = {
    "CORS_ALLOWED_ORIGINS": ["https://acme.com"],
    "CORS_ALLOW_CREDENTIALS": True,
    "CORS_ALLOW_HEADERS": [*default_headers, *get_all_cors_headers()],
}
"""What the README says about CORS, beside its SUPERTOKENS."""


@contextmanager
def project(supertokens: Mapping[str, Any] = ONE_SITE, **more: Any) -> Iterator[None]:
    """The settings of the README, and ``more``."""
    with override_settings(**{**README, **more}), supertokens_settings(**supertokens):
        yield


def session(**options: Any) -> dict[str, Any]:
    return {**ONE_SITE, "SESSION": options}


LOCAL = {**ONE_SITE, "API_DOMAIN": "http://localhost:8000", "WEBSITE_DOMAIN": "http://localhost:3000"}


def without(name: str) -> list[str]:
    return [item for item in settings.MIDDLEWARE if item != name]


def ask_nobody(sender: object, request: object, **kwargs: Any) -> bool:
    return True


class TestGood:
    """Sensible settings have no message."""

    def test_those_of_the_readme(self) -> None:
        with project():
            assert numbers() == []

    @pytest.mark.parametrize(
        ("supertokens", "origins"),
        [
            (TWO_SITES, ["https://acme-frontend.example"]),
            (LOCAL, ["http://localhost:3000"]),
            ({**LOCAL, "WEBSITE_DOMAIN": "http://192.168.1.7:3000"}, ["http://192.168.1.7:3000"]),
            ({**ONE_SITE, "WEBSITE_DOMAIN": "https://api.acme.com:443"}, []),
            ({**ONE_SITE, "WEBSITE_DOMAIN": "https://www.acme.com"}, ["https://www.acme.com"]),
            ({**ONE_SITE, "WEBSITE_DOMAIN": "https://acme.com:443"}, ["https://acme.com"]),
            (session(COOKIE_DOMAIN=".acme.com", OLDER_COOKIE_DOMAIN="api.acme.com"), ["https://acme.com"]),
            (session(COOKIE_DOMAIN="api.acme.com"), ["https://acme.com"]),
            (session(COOKIE_SAME_SITE="strict", COOKIE_SECURE=True), ["https://acme.com"]),
            (session(COOKIE_SAME_SITE="none", ANTI_CSRF="VIA_TOKEN"), ["https://acme.com"]),
            ({**LOCAL, "SESSION": {"COOKIE_SECURE": True}}, ["http://localhost:3000"]),
        ],
    )
    def test_those_of_other_sites(self, supertokens: Mapping[str, Any], origins: list[str]) -> None:
        with project(supertokens, CORS_ALLOWED_ORIGINS=origins):
            assert numbers() == []

    def test_one_origin_needs_no_cors(self) -> None:
        one = {**ONE_SITE, "WEBSITE_DOMAIN": "https://api.acme.com"}
        with project(one, MIDDLEWARE=without(CORS), CORS_ALLOWED_ORIGINS=[], CORS_ALLOW_CREDENTIALS=False):
            assert numbers() == []

    def test_a_website_that_is_known_per_request_is_not_judged(self) -> None:
        callable_origin = {"ORIGIN": "tests.checks.test_cors_and_cookies.website_of", "WEBSITE_DOMAIN": None}
        with project({**ONE_SITE, **callable_origin}, CORS_ALLOWED_ORIGINS=[]):
            assert numbers() == []

    def test_header_tokens_need_no_https_among_sites(self) -> None:
        phones = {"GET_TOKEN_TRANSFER_METHOD": "tests.checks.test_cors_and_cookies.header_always"}
        http = {**ONE_SITE, "API_DOMAIN": "http://api.test", "WEBSITE_DOMAIN": "http://www.example"}
        for more in ({}, {"ANTI_CSRF": "NONE"}):
            with project(
                {**http, "SESSION": {**phones, **more}}, CORS_ALLOWED_ORIGINS=["http://www.example"]
            ):
                assert numbers() == []

    def test_a_prefix_of_the_server_is_no_part_of_what_cors_sees(self) -> None:
        prefixed = {**ONE_SITE, "API_BASE_PATH": "/backend/auth"}
        set_script_prefix("/backend/")
        try:
            with project(prefixed, CORS_URLS_REGEX="^/auth/"):
                assert numbers() == []
        finally:
            set_script_prefix("/")


class OwnCorsMiddleware(CorsMiddleware):
    """That of a project."""


def website_of(request: Any) -> str:
    return f"https://{request.headers['x-website']}"


def header_always(request: Any, for_create_new_session: bool) -> str:
    return "header"


class TestCors:
    def test_it_is_needed_for_another_origin(self) -> None:
        with project(MIDDLEWARE=without(CORS)):
            id_, text, hint = the_only()

        assert id_ == "supertokens_django.W014"
        assert text == (
            "The website https://acme.com is of another origin than the API, and CorsMiddleware is missing."
        )
        assert hint.startswith(f"Put {CORS!r} first in MIDDLEWARE.")

    def test_a_subclass_of_the_middleware_will_do(self) -> None:
        own = [f"{__name__}.OwnCorsMiddleware", *without(CORS)]
        with project(MIDDLEWARE=own):
            assert numbers() == []

    def test_the_app_is_installed_too(self) -> None:
        with project(INSTALLED_APPS=[app for app in settings.INSTALLED_APPS if app != "corsheaders"]):
            id_, _, hint = the_only()

        assert (id_, hint) == ("supertokens_django.W015", "Add 'corsheaders' to INSTALLED_APPS.")

    @pytest.mark.parametrize(
        "origins", [[], ["https://www.acme.com"], ["http://acme.com"], ["https://acme.com:8443"]]
    )
    def test_the_website_is_let_in(self, origins: list[str]) -> None:
        with project(CORS_ALLOWED_ORIGINS=origins):
            id_, text, hint = the_only()

        assert id_ == "supertokens_django.W016"
        assert "https://acme.com" in text
        assert hint.startswith("Add 'https://acme.com' to CORS_ALLOWED_ORIGINS")

    def test_the_website_is_that_of_origin_where_there_is_one(self) -> None:
        with project({**ONE_SITE, "ORIGIN": "https://shop.acme.com"}):
            assert numbers() == ["W016"]
        with project(
            {**ONE_SITE, "ORIGIN": "https://shop.acme.com"}, CORS_ALLOWED_ORIGINS=["https://shop.acme.com"]
        ):
            assert numbers() == []

    @pytest.mark.parametrize("expression", [r"^https://(www\.)?acme\.com$", r"^https://[\w.-]*acme\.com$"])
    def test_an_expression_lets_it_in(self, expression: str) -> None:
        with project(CORS_ALLOWED_ORIGINS=[], CORS_ALLOWED_ORIGIN_REGEXES=[expression]):
            assert numbers() == []

    def test_a_receiver_may_let_it_in(self) -> None:
        check_request_enabled.connect(ask_nobody)
        try:
            with project(CORS_ALLOWED_ORIGINS=[], CORS_URLS_REGEX="^/api/"):
                assert numbers() == []
        finally:
            check_request_enabled.disconnect(ask_nobody)

    @pytest.mark.parametrize("all_origins", [True, False])
    def test_credentials_are_let_through(self, all_origins: bool) -> None:
        with project(CORS_ALLOW_CREDENTIALS=False, CORS_ALLOW_ALL_ORIGINS=all_origins):
            id_, _, hint = the_only()

        assert (id_, hint) == ("supertokens_django.W017", "CORS_ALLOW_CREDENTIALS = True")

    @pytest.mark.parametrize(
        ("headers", "missing"),
        [
            (list(default_headers), "rid, fdi-version, anti-csrf, st-auth-mode"),
            (get_all_cors_headers(), "content-type"),
            (["*"], "rid, fdi-version, anti-csrf, authorization, st-auth-mode, content-type"),
        ],
    )
    def test_headers_are_let_through(self, headers: list[str], missing: str) -> None:
        with project(CORS_ALLOW_HEADERS=headers):
            id_, text, hint = the_only()

        assert id_ == "supertokens_django.W018"
        assert text == f"CORS_ALLOW_HEADERS lacks {missing}, which frontends send."
        assert hint.startswith("CORS_ALLOW_HEADERS = [*default_headers, *get_all_cors_headers()]")

    def test_methods_are_let_through(self) -> None:
        with project(CORS_ALLOW_METHODS=["GET"]):
            id_, text, _ = the_only()

        assert (id_, text) == (
            "supertokens_django.W018",
            "CORS_ALLOW_METHODS lacks POST, which frontends use.",
        )

    def test_it_covers_the_auth_api(self) -> None:
        with project(CORS_URLS_REGEX=r"^/api/.*$"):
            id_, text, _ = the_only()
        with project(CORS_URLS_REGEX=r"^/(api|auth)/.*$"):
            assert numbers() == []

        assert id_ == "supertokens_django.W019"
        assert (
            text == "CORS_URLS_REGEX '^/api/.*$' leaves out the auth API, /auth/session/refresh for instance."
        )

    def test_it_stands_before_what_redirects(self) -> None:
        with project(MIDDLEWARE=[COMMON, *without(COMMON)]):
            id_, _, hint = the_only()

        assert (id_, hint) == ("supertokens_django.W023", f"Put {CORS!r} first.")

    def test_it_keeps_strangers_out(self) -> None:
        with project(CORS_ALLOW_ALL_ORIGINS=True):
            assert "W022" not in numbers()
            assert "W022" in numbers(deploy=True)
        with project(CORS_ALLOW_ALL_ORIGINS=True, CORS_ALLOW_CREDENTIALS=False):
            assert "W022" not in numbers(deploy=True)

    @pytest.mark.parametrize(
        ("expression", "is_good"),
        [
            (r"https://acme\.com", False),
            (r"^https://.*acme\.com$", False),
            (r".*", False),
            (r"^https://([\w-]+\.)*acme\.com$", True),
            (r"^https://(acme|shop-acme)\.com$", True),
            (r"^http://localhost:\d+$", True),
        ],
    )
    def test_expressions_keep_strangers_out(self, expression: str, is_good: bool) -> None:
        with project(CORS_ALLOWED_ORIGIN_REGEXES=[expression]):
            assert ("W022" not in numbers(deploy=True)) == is_good


class TestCookies:
    @pytest.mark.parametrize(
        ("api", "website", "options", "reason", "cure"),
        [
            (
                "http://api.acme.com",
                "http://shop.example",
                {},
                "acme.com and shop.example are two sites",
                "Let the API be https, or put both below one domain with one scheme.",
            ),
            (
                "http://api.acme.com",
                "https://acme.com",
                {},
                "the API is http and the website https",
                "Let both be https, or both http.",
            ),
            (
                "http://localhost:8000",
                "http://localhost:3000",
                {"COOKIE_SAME_SITE": "none"},
                "COOKIE_SAME_SITE is 'none'",
                "Remove COOKIE_SAME_SITE: API and website are one site.",
            ),
            (
                "https://api.acme.com",
                "https://shop.example",
                {"COOKIE_SECURE": False},
                "COOKIE_SECURE is False",
                "Remove COOKIE_SECURE: the API is https.",
            ),
        ],
    )
    def test_they_cross_sites_by_https_only(
        self, api: str, website: str, options: dict[str, Any], reason: str, cure: str
    ) -> None:
        changes = {"API_DOMAIN": api, "WEBSITE_DOMAIN": website, "SESSION": options}
        with project({**ONE_SITE, **changes}, CORS_ALLOWED_ORIGINS=[website]):
            id_, text, hint = the_only()

        assert id_ == "supertokens_django.W050"
        assert (
            text == f"SameSite=None goes with Secure only, so browsers refuse the session cookies: {reason}."
        )
        assert hint == cure

    @pytest.mark.parametrize("domain", ["www.acme.com", "example.com", "pi.acme.com"])
    def test_their_domain_contains_the_api(self, domain: str) -> None:
        with project(session(COOKIE_DOMAIN=domain)):
            id_, text, _ = the_only()

        assert id_ == "supertokens_django.E051"
        assert f"is {domain!r}, but the API is at api.acme.com" in text

    def test_their_domain_counts_where_the_website_is_known_per_request(self) -> None:
        callable_origin = {"ORIGIN": "tests.checks.test_cors_and_cookies.website_of", "WEBSITE_DOMAIN": None}
        with project({**session(COOKIE_DOMAIN="www.acme.com"), **callable_origin}):
            assert numbers() == ["E051"]

    def test_their_domain_belongs_to_one_owner(self) -> None:
        api = {"API_DOMAIN": "https://acme.github.io", "WEBSITE_DOMAIN": "https://acme.github.io"}
        with project({**ONE_SITE, **api, "SESSION": {"COOKIE_DOMAIN": ".github.io"}}):
            id_, text, _ = the_only()

        assert id_ == "supertokens_django.E052"
        assert "is 'github.io', below which anybody may have a domain" in text

    def test_they_are_secure_where_the_api_is_https(self) -> None:
        with project(session(COOKIE_SECURE=False)):
            id_, _, hint = the_only()

        assert (id_, hint) == ("supertokens_django.W053", "Remove it: the default follows API_DOMAIN.")

    def test_they_are_not_secure_where_the_api_is_http(self) -> None:
        http = {"API_DOMAIN": "http://api.acme.com", "WEBSITE_DOMAIN": "http://acme.com"}
        with project(
            {**ONE_SITE, **http, "SESSION": {"COOKIE_SECURE": True}}, CORS_ALLOWED_ORIGINS=["http://acme.com"]
        ):
            id_, text, _ = the_only()

        assert id_ == "supertokens_django.W054"
        assert "browsers refuse Secure cookies from http://api.acme.com" in text

    @pytest.mark.parametrize("same_site", ["lax", "strict"])
    def test_they_reach_the_website(self, same_site: str) -> None:
        with project(
            {**TWO_SITES, "SESSION": {"COOKIE_SAME_SITE": same_site}},
            CORS_ALLOWED_ORIGINS=["https://acme-frontend.example"],
        ):
            id_, text, hint = the_only()

        assert id_ == "supertokens_django.W055"
        assert "https://api.acme.com and https://acme-frontend.example are two sites" in text
        assert hint == "Remove it: the default follows from the two domains."

    def test_they_are_guarded_where_every_site_can_send_them(self) -> None:
        with project(
            {**TWO_SITES, "SESSION": {"ANTI_CSRF": "NONE"}},
            CORS_ALLOWED_ORIGINS=["https://acme-frontend.example"],
        ):
            id_, _, hint = the_only()
        with project(session(ANTI_CSRF="NONE")):
            assert numbers() == []

        assert (id_, hint) == (
            "supertokens_django.W056",
            "Remove it; the default here is 'VIA_CUSTOM_HEADER'.",
        )
