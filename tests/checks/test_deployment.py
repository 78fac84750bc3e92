"""What ``check --deploy`` adds, the packages that settings need, and the templates of the pages."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, BCryptSHA256PasswordHasher, PBKDF2PasswordHasher

from tests.base import ONE_SITE
from tests.checks.messages import numbers, the_only
from tests.checks.test_cors_and_cookies import README, project
from tests.mail import mail_settings

HASHERS = "django.contrib.auth.hashers."
PRODUCTION: Mapping[str, Any] = {
    **README,
    **mail_settings("django.core.mail.backends.smtp.EmailBackend"),
    "DEFAULT_FROM_EMAIL": "Acme <hello@acme.com>",
    "ALLOWED_HOSTS": ["api.acme.com"],
    "PASSWORD_HASHERS": [f"{HASHERS}Argon2PasswordHasher", f"{HASHERS}PBKDF2PasswordHasher"],
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
}
"""A deployment behind one proxy."""
PROXIED: Mapping[str, Any] = {**ONE_SITE, "TRUSTED_PROXY_COUNT": 1}


@contextmanager
def production(supertokens: Mapping[str, Any] = PROXIED, **more: Any) -> Iterator[None]:
    with project(supertokens, **{**PRODUCTION, **more}):
        yield


class FewIterations(PBKDF2PasswordHasher):
    iterations = 100_000


class FewRounds(BCryptSHA256PasswordHasher):
    rounds = 4


class LittleMemory(Argon2PasswordHasher):
    memory_cost = 1024


class Exotic(PBKDF2PasswordHasher):
    algorithm = "exotic"
    library = "a_package_that_nobody_has"


def test_a_good_deployment_has_no_message() -> None:
    with production():
        assert numbers(deploy=True) == []


@pytest.mark.parametrize("name", ["API_DOMAIN", "WEBSITE_DOMAIN"])
def test_domains_are_https(name: str) -> None:
    supertokens = {**PROXIED, name: PROXIED[name].replace("https", "http")}
    with production(supertokens, CORS_ALLOWED_ORIGINS=["https://acme.com", "http://acme.com"]):
        assert "W060" not in numbers()
        assert numbers(deploy=True).count("W060") == 1


def test_the_api_is_https_where_the_website_is_known_per_request() -> None:
    origin = {"ORIGIN": "tests.checks.test_cors_and_cookies.website_of", "WEBSITE_DOMAIN": None}
    with production({**PROXIED, **origin}):
        assert numbers(deploy=True) == []
    with production({**PROXIED, **origin, "API_DOMAIN": "http://api.acme.com"}):
        assert numbers(deploy=True) == ["W060"]


class TestOutgoing:
    def test_others_are_not_asked_without_tls(self) -> None:
        with production({**PROXIED, "OUTGOING": {"ALLOW_HTTP": True}}):
            assert numbers() == []
            id_, text, hint = the_only(deploy=True)

        assert (id_, hint) == ("supertokens_django.W066", 'Remove "ALLOW_HTTP".')
        assert text.startswith("OUTGOING allows http: ")

    def test_nor_at_any_private_address(self) -> None:
        with production({**PROXIED, "OUTGOING": {"ALLOW_PRIVATE_ADDRESSES": True}}):
            id_, text, hint = the_only(deploy=True)

        assert (id_, text[:36]) == ("supertokens_django.W066", "OUTGOING allows every private addres")
        assert hint == 'Name the networks that are needed: "ALLOW_PRIVATE_ADDRESSES": ["10.1.0.0/16"].'

    @pytest.mark.parametrize(
        "good", [{}, {"ALLOW_PRIVATE_ADDRESSES": ["10.1.0.0/16"]}, {"ALLOW_HTTP": False}]
    )
    def test_a_network_may_be_named(self, good: dict[str, Any]) -> None:
        with production({**PROXIED, "OUTGOING": good}):
            assert numbers(deploy=True) == []

    def test_a_mistake_in_it_is_told_by_another_check(self) -> None:
        with production({**PROXIED, "OUTGOING": {"ALLOW_HTTP": "yes"}}):
            assert numbers(deploy=True) == ["E003"]


class TestProxy:
    def test_django_learns_the_scheme(self) -> None:
        with production(SECURE_PROXY_SSL_HEADER=None):
            assert numbers() == []
            id_, _, hint = the_only(deploy=True)

        assert id_ == "supertokens_django.W061"
        assert hint.startswith("SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')")

    @pytest.mark.parametrize("setting", ["USE_X_FORWARDED_HOST", "USE_X_FORWARDED_PORT"])
    def test_other_settings_speak_of_a_proxy_too(self, setting: str) -> None:
        with production(ONE_SITE, SECURE_PROXY_SSL_HEADER=None, **{setting: True}):
            assert numbers(deploy=True) == ["W061"]

    def test_without_a_proxy_there_is_nothing_to_learn(self) -> None:
        with production(ONE_SITE, SECURE_PROXY_SSL_HEADER=None):
            assert numbers(deploy=True) == []

    def test_a_server_that_redirects_to_https_knows(self) -> None:
        with production(SECURE_PROXY_SSL_HEADER=None, SECURE_SSL_REDIRECT=True):
            assert numbers(deploy=True) == []

    def test_the_host_is_allowed(self) -> None:
        with production(ALLOWED_HOSTS=["acme.com"]):
            id_, text, hint = the_only(deploy=True)

        assert id_ == "supertokens_django.W062"
        assert text == "ALLOWED_HOSTS does not name api.acme.com, the host of API_DOMAIN: Django answers 400."
        assert hint.startswith("Add 'api.acme.com' to ALLOWED_HOSTS.")
        assert "CSRF_TRUSTED_ORIGINS has 'https://api.acme.com'" in hint

    @pytest.mark.parametrize(
        "good",
        [
            {"ALLOWED_HOSTS": [".acme.com"]},
            {
                "ALLOWED_HOSTS": ["[2001:db8::1]"],
                "SUPERTOKENS": {
                    **PROXIED,
                    "API_DOMAIN": "https://[2001:db8::1]",
                    "WEBSITE_DOMAIN": "https://[2001:db8::1]",
                },
            },
            {"ALLOWED_HOSTS": ["django.internal"], "CSRF_TRUSTED_ORIGINS": ["https://api.acme.com"]},
        ],
    )
    def test_the_host_may_be_rewritten(self, good: dict[str, Any]) -> None:
        supertokens = good.pop("SUPERTOKENS", PROXIED)
        with production(supertokens, **good):
            assert numbers(deploy=True) == []


class TestHashers:
    @pytest.mark.parametrize(
        ("path", "weakness"),
        [
            (f"{HASHERS}MD5PasswordHasher", "gives hashes that are guessed by the billion"),
            (f"{__name__}.FewIterations", "has iterations = 100000, and 600000 are the least"),
            (f"{__name__}.FewRounds", "has rounds = 4, and 10 are the least"),
            (f"{__name__}.LittleMemory", "has memory_cost = 1024, and 7168 are the least"),
        ],
    )
    def test_the_first_is_strong(self, path: str, weakness: str) -> None:
        with production(PASSWORD_HASHERS=[path, f"{HASHERS}PBKDF2PasswordHasher"]):
            assert numbers() == []
            id_, text, hint = the_only(deploy=True)

        assert id_ == "supertokens_django.W063"
        assert text == f"{path.rpartition('.')[2]}, the first of PASSWORD_HASHERS, {weakness}."
        assert "Argon2PasswordHasher" in hint

    @pytest.mark.parametrize(
        "name",
        ["Argon2", "PBKDF2", "PBKDF2SHA1", "BCryptSHA256", "BCrypt", "Scrypt"],
    )
    def test_those_of_django_are_strong(self, name: str) -> None:
        with production(PASSWORD_HASHERS=[f"{HASHERS}{name}PasswordHasher"]):
            assert numbers(deploy=True) == []

    def test_old_ones_below_do_no_harm(self) -> None:
        hashers = [f"{HASHERS}Argon2PasswordHasher", f"{HASHERS}MD5PasswordHasher"]
        with production(PASSWORD_HASHERS=hashers):
            assert numbers(deploy=True) == []

    def test_each_can_be_imported(self) -> None:
        with project(PASSWORD_HASHERS=[f"{HASHERS}Argon2PasswordHasher", "tests.nowhere.Hasher"]):
            id_, text, _ = the_only()

        assert id_ == "supertokens_django.E004"
        assert text.startswith("PASSWORD_HASHERS names 'tests.nowhere.Hasher', which cannot be imported")


class TestMail:
    @pytest.mark.parametrize("name", ["console", "dummy", "filebased", "locmem"])
    def test_it_is_sent(self, name: str) -> None:
        with production(**mail_settings(f"django.core.mail.backends.{name}.EmailBackend")):
            assert numbers() == []
            id_, _, _ = the_only(deploy=True)

        assert id_ == "supertokens_django.W064"

    def test_it_comes_from_somebody(self) -> None:
        with production(DEFAULT_FROM_EMAIL="webmaster@localhost"):
            id_, _, hint = the_only(deploy=True)

        assert (id_, hint) == ("supertokens_django.W065", 'DEFAULT_FROM_EMAIL = "Acme <hello@acme.com>"')

    def test_without_passwords_none_is_needed(self) -> None:
        mails = mail_settings("django.core.mail.backends.console.EmailBackend")
        with production({**PROXIED, "RECIPES": []}, DEFAULT_FROM_EMAIL="webmaster@localhost", **mails):
            assert numbers(deploy=True) == []


class TestPackages:
    def test_the_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bcrypt = [f"{HASHERS}BCryptPasswordHasher", f"{HASHERS}Argon2PasswordHasher"]
        with project(PASSWORD_HASHERS=bcrypt):
            assert numbers() == []
            monkeypatch.setitem(sys.modules, "bcrypt", None)  # as import sees a package that is not there
            id_, text, hint = the_only()

        assert id_ == "supertokens_django.E006"
        assert text == (
            f"'{HASHERS}BCryptPasswordHasher', the first of PASSWORD_HASHERS, needs the package bcrypt, "
            "which is not installed."
        )
        assert hint == 'pip install "supertokens-django[bcrypt]"'

    def test_a_package_without_an_extra_is_named_itself(self) -> None:
        with project(PASSWORD_HASHERS=[f"{__name__}.Exotic", f"{HASHERS}Argon2PasswordHasher"]):
            id_, _, hint = the_only()

        assert (id_, hint) == ("supertokens_django.E006", "pip install a-package-that-nobody-has")

    def test_old_hashes_may_need_a_package_or_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Django's documentation lists all of its hashers; only a stored hash needs more than the first."""
        monkeypatch.setitem(sys.modules, "bcrypt", None)
        with project(
            PASSWORD_HASHERS=[f"{HASHERS}Argon2PasswordHasher", f"{HASHERS}BCryptSHA256PasswordHasher"]
        ):
            assert numbers() == []

    def test_a_cache_in_redis_needs_redis(self, monkeypatch: pytest.MonkeyPatch) -> None:
        location = {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
        caches = {"default": settings.CACHES["default"], "shared": location}
        with project({**ONE_SITE, "SESSION": {"REVOCATION_CACHE": "shared"}}, CACHES=caches):
            assert numbers() == []
            monkeypatch.setitem(sys.modules, "redis", None)
            id_, text, hint = the_only()

        assert id_ == "supertokens_django.E006"
        assert text.startswith("SUPERTOKENS['SESSION']['REVOCATION_CACHE'] needs the package redis")
        assert hint == 'pip install "supertokens-django[redis]"'

    @pytest.mark.parametrize(
        ("framework", "module", "extra"),
        [
            ({"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}, "drf_spectacular", "openapi"),
            (
                {"DEFAULT_AUTHENTICATION_CLASSES": ["supertokens_django.contrib.rest_framework.X"]},
                "rest_framework",
                "drf",
            ),
        ],
    )
    def test_rest_framework_needs_packages(
        self, monkeypatch: pytest.MonkeyPatch, framework: dict[str, Any], module: str, extra: str
    ) -> None:
        with project(REST_FRAMEWORK=framework):
            assert numbers() == []
            monkeypatch.setitem(sys.modules, module, None)
            id_, _, hint = the_only()

        assert (id_, hint) == ("supertokens_django.E006", f'pip install "supertokens-django[{extra}]"')


def test_an_empty_list_of_hashers_is_told_of() -> None:
    with production(PASSWORD_HASHERS=[]):
        id_, text, hint = the_only(deploy=True)
    assert id_ == "supertokens_django.E003"
    assert text == "PASSWORD_HASHERS is empty, so that no password can be set."
    assert hint == "Remove it: Django has a list of its own."


def test_the_templates_of_the_pages_may_be_the_projects_own(tmp_path: Path) -> None:
    (engine,) = settings.TEMPLATES
    one = {**ONE_SITE, "WEBSITE_DOMAIN": "https://api.acme.com"}
    (tmp_path / "supertokens_django/pages").mkdir(parents=True)
    (tmp_path / "supertokens_django/pages/signin.html").write_text("{{ form }}")
    with project(one, TEMPLATES=[{**engine, "APP_DIRS": False, "DIRS": [tmp_path]}]):
        assert numbers() == []


def test_the_pages_have_their_templates() -> None:
    (engine,) = settings.TEMPLATES
    one = {**ONE_SITE, "WEBSITE_DOMAIN": "https://api.acme.com"}
    with project(one, TEMPLATES=[{**engine, "APP_DIRS": False}]):
        id_, _, hint = the_only()
    with project({**one, "PAGES": {"ENABLED": False}}, TEMPLATES=[{**engine, "APP_DIRS": False}]):
        assert numbers() == []

    assert id_ == "supertokens_django.E070"
    assert "APP_DIRS" in hint
