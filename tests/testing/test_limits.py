"""``rate_limits``: a project's tests are not stopped by the limits, and can reach them where they mean to."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from supertokens_django.services import ratelimits
from supertokens_django.testing import create_user, frozen_time, rate_limits
from tests.base import ALICE, PUBLIC, supertokens_settings
from tests.limits.conftest import rates

pytestmark = pytest.mark.django_db

WRONG, REFUSED = "WRONG_CREDENTIALS_ERROR", "GENERAL_ERROR"
ON = {"RATE_LIMITS": {"ENABLED": True}}
DUMMY = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


def guesses(times: int) -> list[Any]:
    fields = [{"id": "email", "value": ALICE.email}, {"id": "password", "value": "guess"}]
    answers = [
        Client().post("/auth/signin", {"formFields": fields}, "application/json", headers={"rid": "x"})
        for _ in range(times)
    ]
    return [answer.json()["status"] for answer in answers]


def test_off_nothing_stops_a_test() -> None:
    with supertokens_settings(**ON), rate_limits(enabled=False):
        assert guesses(12) == [WRONG] * 12
        assert ratelimits.get_lockouts(PUBLIC, ALICE.email) == []


def test_what_was_tried_meanwhile_does_not_count_later() -> None:
    with supertokens_settings(**ON):
        with rate_limits(enabled=False):
            guesses(12)
        assert guesses(6) == [WRONG] * 5 + [REFUSED]


def test_on_they_are_reached_though_the_settings_of_the_tests_have_none() -> None:
    with supertokens_settings(RATE_LIMITS={"ENABLED": False}), override_settings(CACHES=DUMMY):
        assert guesses(6) == [WRONG] * 6
        with rate_limits(enabled=True):
            assert guesses(6) == [WRONG] * 5 + [REFUSED]
        assert guesses(1) == [WRONG]


def test_on_they_begin_at_zero_and_leave_nothing_behind() -> None:
    with supertokens_settings(**ON):
        assert guesses(5) == [WRONG] * 5
        for _ in range(2):
            with rate_limits(enabled=True):
                assert guesses(6) == [WRONG] * 5 + [REFUSED]
        assert guesses(1) == [REFUSED]


def test_the_rates_are_those_of_the_settings() -> None:
    with rate_limits(enabled=True), rates("emailpassword:signin", IP="2/m"):
        assert guesses(3) == [WRONG] * 2 + [REFUSED]


def test_one_inside_the_other_counts() -> None:
    with rate_limits(enabled=False):
        with rate_limits(enabled=True):
            assert guesses(6) == [WRONG] * 5 + [REFUSED]
        assert guesses(6) == [WRONG] * 6


def test_the_clock_of_the_tests_moves_them() -> None:
    with frozen_time() as clock, rate_limits(enabled=True):
        assert guesses(6) == [WRONG] * 5 + [REFUSED]
        clock.advance(70)
        assert guesses(1) == [WRONG]


def test_an_error_of_the_test_ends_it_all_the_same() -> None:
    with supertokens_settings(**ON):
        with pytest.raises(ZeroDivisionError), rate_limits(enabled=False):
            1 / 0  # noqa: B018
        assert guesses(6)[-1] == REFUSED


def test_lock_outs_are_looked_at_and_lifted_meanwhile() -> None:
    create_user(ALICE.email, ALICE.password)
    with rate_limits(enabled=True), rates("emailpassword:signin", ACCOUNT="2/m"):
        assert guesses(3) == [WRONG, WRONG, REFUSED]
        assert [found.endpoint for found in ratelimits.get_lockouts(PUBLIC, ALICE.email)] == [
            "emailpassword:signin"
        ]
        ratelimits.lift(PUBLIC, ALICE.email)
        assert guesses(1) == [WRONG]


def test_it_works_in_tests_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("django.core.mail.outbox")
    with pytest.raises(RuntimeError, match="works in tests only"), rate_limits(enabled=False):
        pass


@pytest.mark.parametrize("number", [1, 2, 3])
def test_no_test_finds_what_another_has_tried(number: int) -> None:
    """Each of these would stop the next: the plugin sees to it, whatever the cache keeps."""
    with supertokens_settings(**ON):
        assert guesses(6) == [WRONG] * 5 + [REFUSED]
    cache.set("kept", number)
