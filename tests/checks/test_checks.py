"""Each mistake has a check with an id and a hint that cures it; good settings have none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings

from supertokens_django.claims import SessionClaim
from supertokens_django.cors import get_all_exposed_headers
from supertokens_django.registry import Recipe
from tests.base import supertokens_settings
from tests.checks.messages import found, the_only

MIDDLEWARE = "supertokens_django.middleware.SuperTokensMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
CORS = "corsheaders.middleware.CorsMiddleware"


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in settings.SUPERTOKENS.items() if key != name}


def test_good_settings_have_no_message() -> None:
    assert found() == []


class TestSettings:
    @pytest.mark.parametrize("name", ["APP_NAME", "API_DOMAIN"])
    def test_a_missing_setting_is_named(self, name: str) -> None:
        with override_settings(SUPERTOKENS=without(name)):
            id_, text, hint = the_only()

        assert (id_, text) == ("supertokens_django.E001", f"SUPERTOKENS['{name}'] is missing.")
        assert hint != "None"

    def test_a_website_is_needed(self) -> None:
        with override_settings(SUPERTOKENS=without("WEBSITE_DOMAIN")):
            id_, text, hint = the_only()

        assert (id_, text) == (
            "supertokens_django.E001",
            "SUPERTOKENS WEBSITE_DOMAIN (or ORIGIN) is missing.",
        )
        assert "WEBSITE_DOMAIN" in hint

    @override_settings(SUPERTOKENS=None)
    def test_the_dict_itself_may_be_missing(self) -> None:
        assert {message.id for message in found()} == {"supertokens_django.E001"}

    @pytest.mark.parametrize(
        ("changes", "path", "nearest"),
        [
            ({"APP_NAM": "x"}, "SUPERTOKENS['APP_NAM']", "APP_NAME"),
            ({"SESSIONS": {}}, "SUPERTOKENS['SESSIONS']", "SESSION"),
            ({"SESSION": {"COOKIE_DOMAN": "x"}}, "SUPERTOKENS['SESSION']['COOKIE_DOMAN']", "COOKIE_DOMAIN"),
            ({"SESSION": {"anti_csrf": None}}, "SUPERTOKENS['SESSION']['anti_csrf']", "ANTI_CSRF"),
            (
                {"EMAILPASSWORD": {"FORMFIELDS": []}},
                "SUPERTOKENS['EMAILPASSWORD']['FORMFIELDS']",
                "FORM_FIELDS",
            ),
            (
                {"SESSION": {"JWT": {"ENABEL": True}}},
                "SUPERTOKENS['SESSION']['JWT']['ENABEL']",
                "ENABLE",
            ),
            (
                {"SESSION": {"JWT": {"enable": True}}},
                "SUPERTOKENS['SESSION']['JWT']['enable']",
                "ENABLE",
            ),
            (
                {"SESSION": {"JWT": {"PROPERTY_NAME": "x"}}},
                "SUPERTOKENS['SESSION']['JWT']['PROPERTY_NAME']",
                "PROPERTY_NAME_IN_ACCESS_TOKEN_PAYLOAD",
            ),
            ({"DJANGO_USER": {"CREATED": True}}, "SUPERTOKENS['DJANGO_USER']['CREATED']", "CREATE"),
        ],
    )
    def test_an_unknown_key_is_named_with_the_nearest(
        self, changes: Mapping[str, Any], path: str, nearest: str
    ) -> None:
        with supertokens_settings(**changes):
            id_, text, hint = the_only()

        assert id_ == "supertokens_django.E002"
        assert text == f"{path} is not a known setting."
        assert hint == f"Did you mean {nearest!r}?"

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"API_DOMAIN": 1}, "SUPERTOKENS['API_DOMAIN']"),
            ({"API_DOMAIN": "ftp://acme.com"}, "SUPERTOKENS['API_DOMAIN']"),
            ({"RECIPES": "emailpassword"}, "SUPERTOKENS['RECIPES']"),
            ({"RECIPES": ["emailpasword"]}, "SUPERTOKENS['RECIPES']"),
            ({"SESSION": []}, "SUPERTOKENS['SESSION']"),
            ({"OPENID": {"ISSUER": "ftp://acme.com/auth"}}, "SUPERTOKENS['OPENID']['ISSUER']"),
            ({"SESSION": {"ACCESS_TOKEN_LIFETIME": 0}}, "SUPERTOKENS['SESSION']['ACCESS_TOKEN_LIFETIME']"),
            ({"SESSION": {"COOKIE_SAME_SITE": "loose"}}, "SUPERTOKENS['SESSION']['COOKIE_SAME_SITE']"),
            ({"SESSION": {"COOKIE_DOMAIN": ""}}, "SUPERTOKENS['SESSION']['COOKIE_DOMAIN']"),
            ({"SESSION": {"ANTI_CSRF": "MAYBE"}}, "SUPERTOKENS['SESSION']['ANTI_CSRF']"),
            ({"SESSION": {"REVOCATION_CACHE": ""}}, "SUPERTOKENS['SESSION']['REVOCATION_CACHE']"),
            ({"SESSION": {"REVOCATION_CACHE": "redis"}}, "SUPERTOKENS['SESSION']['REVOCATION_CACHE']"),
            ({"SESSION": {"COOKIE_SECURE": "yes"}}, "SUPERTOKENS['SESSION']['COOKIE_SECURE']"),
            (
                {"SESSION": {"REFRESH_TOKEN_ROTATION_GRACE_PERIOD": 301}},
                "SUPERTOKENS['SESSION']['REFRESH_TOKEN_ROTATION_GRACE_PERIOD']",
            ),
            ({"SESSION": {"JWT": True}}, "SUPERTOKENS['SESSION']['JWT']"),
            ({"SESSION": {"JWT": {"ENABLE": "yes"}}}, "SUPERTOKENS['SESSION']['JWT']['ENABLE']"),
            (
                {"SESSION": {"JWT": {"ISSUER": "ftp://acme.com/auth"}}},
                "SUPERTOKENS['SESSION']['JWT']['ISSUER']",
            ),
            *(
                (
                    {"SESSION": {"JWT": {"PROPERTY_NAME_IN_ACCESS_TOKEN_PAYLOAD": name}}},
                    "SUPERTOKENS['SESSION']['JWT']['PROPERTY_NAME_IN_ACCESS_TOKEN_PAYLOAD']",
                )
                for name in ("", 1, "sub", "rsub", "antiCsrfToken", "iss", "stt", "st-role")
            ),
            (
                {"EMAILPASSWORD": {"FORM_FIELDS": [{"name": "x"}]}},
                "SUPERTOKENS['EMAILPASSWORD']['FORM_FIELDS']",
            ),
            (
                {"SESSION": {"SERVICE_CLASS": "builtins.dict"}},
                "SUPERTOKENS['SESSION']['SERVICE_CLASS']",
            ),
        ],
    )
    def test_a_bad_value_is_named(self, changes: Mapping[str, Any], path: str) -> None:
        with supertokens_settings(**changes):
            id_, text, hint = the_only()

        assert id_ == "supertokens_django.E003"
        assert text.startswith(path)
        assert hint

    def test_a_disabled_endpoint_must_be_one(self) -> None:
        """Else the one that was meant stays open."""
        with supertokens_settings(DISABLED_ENDPOINTS=["emailpassword:sign_up", "session:signout"]):
            id_, text, hint = the_only()

        assert id_ == "supertokens_django.E003"
        assert "'emailpassword:sign_up', which is no endpoint" in text
        assert hint == "Did you mean 'emailpassword:signup'?"

    @pytest.mark.parametrize(
        "changes",
        [
            {"GUARDS": ["nowhere.Guard"]},
            {"SESSION": {"ACCESS_TOKEN_PAYLOAD": "tests.nowhere.payload"}},
            {"FLOW_GATES": ["tests.nowhere.Gate"]},
            {"EMAILPASSWORD": {"SERVICE_CLASS": "tests.nowhere.Service"}},
            {"EMAILPASSWORD": {"FORM_FIELDS": [{"id": "age", "validate": "tests.nowhere.validate"}]}},
        ],
    )
    def test_a_bad_dotted_path_is_named(self, changes: Mapping[str, Any]) -> None:
        with supertokens_settings(**changes):
            id_, text, _ = the_only()

        assert id_ == "supertokens_django.E004"
        assert "nowhere" in text

    def test_status_codes_must_differ(self) -> None:
        with supertokens_settings(SESSION={"INVALID_CLAIM_STATUS_CODE": 401}):
            id_, _, hint = the_only()

        assert id_ == "supertokens_django.E005"
        assert "401 and 403" in hint

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"OPENID": {"ISSUER": "https://tunnel.example/other"}}, "SUPERTOKENS['OPENID']['ISSUER']"),
            (
                {"SESSION": {"JWT": {"ISSUER": "https://tunnel.example"}}},
                "SUPERTOKENS['SESSION']['JWT']['ISSUER']",
            ),
        ],
    )
    def test_the_issuers_path_must_be_the_api_base_path(self, changes: Mapping[str, Any], path: str) -> None:
        with supertokens_settings(**changes):
            id_, text, hint = the_only()

        assert id_ == "supertokens_django.E005"
        assert text == (
            f"{path} The path of the issuer URL must be equal to the apiBasePath. The default value is /auth"
        )
        assert hint == "Its path has to be '/auth'."

    def test_the_first_use_at_run_time_names_every_mistake(self) -> None:
        with (
            supertokens_settings(APP_NAM="x", SESION={}),
            pytest.raises(ImproperlyConfigured, match=r"(?s)APP_NAM.*SESION"),
        ):
            Client().post("/auth/signin")

    def test_the_check_command_reports_and_does_not_crash(self) -> None:
        code = (
            "import django, os; from django.conf import settings; django.setup();"
            "settings.SUPERTOKENS = {**settings.SUPERTOKENS, 'APP_NAM': 'x'};"
            "from django.core.management import call_command; call_command('check')"
        )
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}

        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
        )

        assert run.returncode == 1
        assert "(supertokens_django.E002) SUPERTOKENS['APP_NAM'] is not a known setting." in run.stderr
        assert "HINT: Did you mean 'APP_NAME'?" in run.stderr
        assert "ImproperlyConfigured" not in run.stderr


class Colour(Recipe):
    name = "colour"

    def claims(self) -> list[SessionClaim[str]]:
        return [SessionClaim("colour", lambda *who: "red")]


class OtherColour(Colour):
    name = "other-colour"


def test_two_claims_of_one_key_contradict_each_other() -> None:
    paths = [f"{__name__}.{cls.__name__}" for cls in (Colour, OtherColour)]
    with supertokens_settings(RECIPES=["emailpassword", paths[0]]):
        assert found() == []
    with supertokens_settings(RECIPES=["emailpassword", *paths]):
        id_, text, hint = the_only()

    expected = "SUPERTOKENS['RECIPES'] Two session claims have the key 'colour'."
    assert (id_, text) == ("supertokens_django.E005", expected)
    assert hint != "None"


class TestMiddleware:
    def test_it_must_be_there(self) -> None:
        others = [name for name in settings.MIDDLEWARE if name != MIDDLEWARE]
        with override_settings(MIDDLEWARE=others):
            id_, _, hint = the_only()

        assert id_ == "supertokens_django.E010"
        assert hint == f"Add {MIDDLEWARE!r} to MIDDLEWARE, after {AUTHENTICATION!r}."

    def test_it_stands_after_authentication(self) -> None:
        others = [name for name in settings.MIDDLEWARE if name not in (MIDDLEWARE, AUTHENTICATION)]
        with override_settings(MIDDLEWARE=[*others, MIDDLEWARE, AUTHENTICATION]):
            id_, _, hint = the_only()

        assert id_ == "supertokens_django.E011"
        assert hint.startswith(f"Put {MIDDLEWARE!r} after {AUTHENTICATION!r}")

    def test_cors_stands_before_it(self) -> None:
        others = [name for name in settings.MIDDLEWARE if name != CORS]
        with override_settings(MIDDLEWARE=[*others, CORS]):
            id_, _, hint = the_only()

        assert id_ == "supertokens_django.E012"
        assert hint.startswith(f"Put {CORS!r} first")


class TestCors:
    @override_settings(CORS_EXPOSE_HEADERS=["x-total", "Front-Token"])
    def test_a_list_of_the_projects_own_must_contain_our_headers(self) -> None:
        id_, text, hint = the_only()

        assert id_ == "supertokens_django.E013"
        assert "anti-csrf, st-access-token, st-refresh-token" in text
        assert "get_all_exposed_headers" in hint

    @override_settings(CORS_EXPOSE_HEADERS=["x-total", *get_all_exposed_headers()])
    def test_with_them_it_is_good(self) -> None:
        assert found() == []


class TestRevocationCache:
    @pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache", "db.DatabaseCache"])
    def test_it_must_be_shared(self, backend: str) -> None:
        caches = {"default": {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": "table"}}
        with override_settings(CACHES=caches), supertokens_settings(SESSION={"REVOCATION_CACHE": "default"}):
            id_, text, hint = the_only()

        name = backend.partition(".")[2]
        assert id_ == "supertokens_django.W030"
        assert text == f"SUPERTOKENS['SESSION']['REVOCATION_CACHE'] names 'default', a {name}."
        assert "Redis or Memcached" in hint

    def test_redis_is_good(self) -> None:
        redis = {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
        with (
            override_settings(CACHES={"default": redis}),
            supertokens_settings(SESSION={"REVOCATION_CACHE": "default"}),
        ):
            assert found() == []

    def test_an_alias_that_is_not_there_is_told_of_with_the_others(self) -> None:
        with supertokens_settings(SESSION={"REVOCATION_CACHE": "redis"}):
            _, text, hint = the_only()

        assert text.endswith("names 'redis', which is not in CACHES.")
        assert hint == "Known aliases: 'default'."


class NoUrls:
    urlpatterns: tuple[Any, ...] = ()


class TestUrls:
    @override_settings(ROOT_URLCONF=NoUrls)
    def test_they_must_be_mounted(self) -> None:
        messages = [message for message in found() if message.id == "supertokens_django.W020"]

        assert [str(message.hint) for message in messages] == [
            'Add path("auth/", include("supertokens_django.urls")) to the URLconf.'
        ]

    def test_they_must_be_mounted_at_the_base_path(self) -> None:
        with supertokens_settings(API_BASE_PATH="/api/auth"):
            id_, text, hint = the_only()

        assert id_ == "supertokens_django.E021"
        assert "/auth/session/refresh" in text
        assert "API_BASE_PATH to '/auth'" in hint


def test_all_mistakes_are_reported_at_once() -> None:
    """Nobody should have to repair one to be told of the next."""
    with supertokens_settings(APP_NAM="x", SESSION={"ANTI_CSRF": "MAYBE", "COOKIE_SECUR": True}):
        messages = [(message.id, message.msg) for message in found()]

    assert len(messages) == len(set(messages)) == 3
