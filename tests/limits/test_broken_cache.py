"""A cache that fails lets everything pass, or refuses what is limited, by a setting; it is never an error 500."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.test import override_settings

from supertokens_django.limits import attempts
from tests.base import ALICE, supertokens_settings
from tests.caches import WatchedCache
from tests.client import json_of
from tests.limits.conftest import HOME, VisitorFrom
from tests.recipes.emailpassword.bodies import WRONG_CREDENTIALS

pytestmark = pytest.mark.django_db

REFUSED = {
    "status": "GENERAL_ERROR",
    "message": "This is not possible at the moment. Please try again in a minute.",
}


@pytest.fixture(autouse=True)
def broken(limits: None) -> Iterator[None]:
    with override_settings(
        CACHES={"default": {"BACKEND": "tests.caches.WatchedCache", "LOCATION": "limits"}}
    ):
        WatchedCache.is_down = True
        yield
        WatchedCache.is_down = False


def test_everything_passes(alice: str, caplog: pytest.LogCaptureFixture) -> None:
    browser = VisitorFrom(HOME)
    assert [json_of(browser.sign_in(ALICE.email, "guess")) for _ in range(8)] == [WRONG_CREDENTIALS] * 8
    assert json_of(browser.sign_in(ALICE.email, ALICE.password))["status"] == "OK"
    (record,) = [item for item in caplog.records if item.levelno >= logging.ERROR]
    assert record.getMessage() == (
        "Rate limits: the cache 'default' cannot count, so everything passes (ConnectionError: the cache is down)."
    )


def test_it_is_told_again_after_a_while(alice: str, caplog: pytest.LogCaptureFixture) -> None:
    browser = VisitorFrom(HOME)
    browser.sign_in(ALICE.email, "guess")
    attempts._complained_at -= attempts.SILENCE
    browser.sign_in(ALICE.email, "guess")
    assert len([item for item in caplog.records if item.levelno >= logging.ERROR]) == 2


def test_closed_it_refuses_what_is_limited_and_nothing_else(
    alice: str, caplog: pytest.LogCaptureFixture
) -> None:
    browser = VisitorFrom(HOME)
    browser.sign_in(ALICE.email, ALICE.password)
    with supertokens_settings(RATE_LIMITS={"FAIL_OPEN": False}):
        response = browser.sign_in(ALICE.email, ALICE.password)
        assert (response.status_code, json_of(response)) == (200, REFUSED)
        assert response.headers["Retry-After"] == "30"
        curl = VisitorFrom(HOME, **{"rid": None, "fdi-version": None}).sign_in(ALICE.email, ALICE.password)
        assert (curl.status_code, json_of(curl), curl.headers["Retry-After"]) == (503, REFUSED, "30")
        assert json_of(browser.refresh()) == {}
        assert json_of(browser.sign_out()) == {"status": "OK"}


def test_one_that_breaks_between_two_questions_changes_nothing(alice: str) -> None:
    """A sign-in that has succeeded stays one, though its success cannot be written down."""
    WatchedCache.is_down = False
    browser = VisitorFrom(HOME)
    with supertokens_settings(GUARDS=[Breaking], RATE_LIMITS={"FAIL_OPEN": False}):
        assert json_of(browser.sign_in(ALICE.email, ALICE.password))["status"] == "OK"
    assert WatchedCache.is_down


class Breaking:
    def check(self, *args: object) -> None:
        WatchedCache.is_down = True


def test_a_password_in_the_address_of_the_cache_is_not_logged(
    alice: str, caplog: pytest.LogCaptureFixture
) -> None:
    attempts._complain(ConnectionError("redis://user:secret@cache.internal refused"))
    assert "secret" not in caplog.text
    assert "refused" in caplog.text
