"""What ``manage.py check`` says about rate limits."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from tests.base import supertokens_settings

LIMITS = "SUPERTOKENS['RATE_LIMITS']['LIMITS']"
REDIS = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}


def said(number: str, *, deploy: bool = False, **options: Any) -> list[tuple[str, str | None]]:
    with supertokens_settings(RATE_LIMITS={"ENABLED": True, **options}):
        found = run_checks(include_deployment_checks=deploy)
    return [(str(item.msg), item.hint) for item in found if item.id == f"supertokens_django.{number}"]


def test_an_endpoint_that_is_not_there(acme: None) -> None:
    assert said("E003", LIMITS={"emailpassword:sign_in": {"IP": "5/m"}}) == [
        (f"{LIMITS}['emailpassword:sign_in'] is no endpoint.", "Did you mean 'emailpassword:signin'?")
    ]


def test_a_form_of_the_pages_is_one(acme: None) -> None:
    assert said("E003", LIMITS={"emailpassword:change_password": {"IP": "5/m"}}) == []


@pytest.mark.parametrize("endpoint", ["session:refresh", "emailpassword:reset"])
def test_an_endpoint_that_knows_no_account(endpoint: str, acme: None) -> None:
    text = "cannot be counted: no account can be told from a request to this endpoint."
    assert said("E003", LIMITS={endpoint: {"IP": "5/m", "ACCOUNT": "5/m", "ACCOUNT_AND_IP": None}}) == [
        (f"{LIMITS}['{endpoint}']['ACCOUNT'] {text}", "Limit it by IP.")
    ]


@pytest.mark.parametrize(
    ("backend", "why"),
    [
        ("locmem.LocMemCache", "a LocMemCache, in which every process counts for itself"),
        ("dummy.DummyCache", "a DummyCache, which counts nothing"),
        (
            "filebased.FileBasedCache",
            "a FileBasedCache, in which two processes that count at once lose a try",
        ),
        ("db.DatabaseCache", "a DatabaseCache, in which two processes that count at once lose a try"),
    ],
)
class TestCache:
    def test_one_that_cannot_count_is_told_of_before_deployment(
        self, backend: str, why: str, acme: None
    ) -> None:
        caches = {"default": {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": "/tmp/x"}}
        with override_settings(CACHES=caches):
            assert said("W090") == []
            ((text, hint),) = said("W090", deploy=True)
            assert said("W090", deploy=True, ENABLED=False) == []
        assert f"is 'default', {why}:" in text
        assert hint is not None
        assert "Redis or Memcached" in hint

    def test_another_that_is_named_is_what_counts(self, backend: str, why: str, acme: None) -> None:
        caches = {
            "default": {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": "/tmp/x"},
            "redis": REDIS,
        }
        with override_settings(CACHES=caches):
            assert said("W090", deploy=True, CACHE="redis") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https")),
        ("USE_X_FORWARDED_HOST", True),
        ("USE_X_FORWARDED_PORT", True),
    ],
)
def test_a_proxy_that_hides_the_visitors(name: str, value: Any, acme: None) -> None:
    assert said("W091", deploy=True) == []
    with override_settings(**{name: value}), supertokens_settings(TRUSTED_PROXY_COUNT=0):
        ((text, _),) = said("W091", deploy=True)
        assert text.startswith(f"{name} says that there is a proxy, and TRUSTED_PROXY_COUNT is 0")
        assert said("W091") == []
        with supertokens_settings(TRUSTED_PROXY_COUNT=1):
            assert said("W091", deploy=True) == []
