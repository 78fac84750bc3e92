"""The periods of the limits on every cache backend of Django's that keeps numbers, whatever its ``incr`` is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import override_settings

from supertokens_django.limits import counters
from supertokens_django.limits.counters import Counter
from supertokens_django.limits.rates import Rate
from supertokens_django.services import ratelimits
from tests.base import ALICE, PUBLIC, Clock
from tests.client import json_of
from tests.limits.conftest import HOME, VisitorFrom, rates, too_many

pytestmark = pytest.mark.django_db

BACKENDS = "django.core.cache.backends"
TABLE = "cache_of_the_limits"
ROOM = {"MAX_ENTRIES": 100_000}


@pytest.fixture(params=["locmem", "database", "files", "database with a time-out of its own"])
def backend(request: pytest.FixtureRequest, limits: None, tmp_path: Path) -> Iterator[str]:
    chosen: dict[str, dict[str, Any]] = {
        "locmem": {"BACKEND": f"{BACKENDS}.locmem.LocMemCache", "LOCATION": "backends"},
        "database": {"BACKEND": f"{BACKENDS}.db.DatabaseCache", "LOCATION": TABLE},
        "files": {"BACKEND": f"{BACKENDS}.filebased.FileBasedCache", "LOCATION": str(tmp_path)},
        "database with a time-out of its own": {
            "BACKEND": f"{BACKENDS}.db.DatabaseCache",
            "LOCATION": TABLE,
            "TIMEOUT": 1,
        },
    }
    with override_settings(CACHES={"default": {**chosen[request.param], "OPTIONS": ROOM}}):
        call_command("createcachetable", verbosity=0)
        yield request.param


def guess(address: str = HOME) -> Any:
    return json_of(VisitorFrom(address).sign_in(ALICE.email, "guess"))


def test_a_period_is_as_long_as_it_says(backend: str, alice: str, clock: Clock) -> None:
    with rates("emailpassword:signin", ACCOUNT="4/h"):
        assert [guess()["status"] for _ in range(4)] == ["WRONG_CREDENTIALS_ERROR"] * 4
        for _ in range(69):
            assert guess()["status"] == "GENERAL_ERROR"
            clock.advance(60)
        assert guess() == too_many("1 minute")
        clock.advance(60)
        assert [guess()["status"] for _ in range(5)] == ["WRONG_CREDENTIALS_ERROR"] * 4 + ["GENERAL_ERROR"]


def test_so_it_is_where_tries_come_in_all_along(backend: str, alice: str, clock: Clock) -> None:
    with rates("emailpassword:signin", ACCOUNT="10/h"):
        statuses = []
        for _ in range(10):
            statuses.append(guess()["status"])
            clock.advance(330)
        assert statuses == ["WRONG_CREDENTIALS_ERROR"] * 10
        assert guess()["status"] == "GENERAL_ERROR"


def test_what_is_taken_back_leaves_the_others(backend: str, clock: Clock) -> None:
    counter = [Counter("somebody", Rate(3, 3600), clock.milliseconds)]
    for _ in range(4):
        counters.count(cache, counter)
    counters.take_back(cache, counter)
    clock.advance(600)
    later = [Counter("somebody", Rate(3, 3600), clock.milliseconds)]
    assert counters.wait(cache, later) == 3_600_000
    counters.take_back(cache, [Counter("nobody", Rate(3, 3600), clock.milliseconds)])
    assert cache.get(later[0].key) is None


def test_a_lock_out_is_seen_and_lifted(backend: str, alice: str, clock: Clock) -> None:
    with rates("emailpassword:signin", ACCOUNT="2/h"):
        assert [guess()["status"] for _ in range(3)][-1] == "GENERAL_ERROR"
        clock.advance(1200)
        (found,) = ratelimits.get_lockouts(PUBLIC, ALICE.email)
        assert (found.endpoint, found.retry_after) == ("emailpassword:signin", 3000)
        ratelimits.lift(PUBLIC, ALICE.email)
        assert ratelimits.get_lockouts(PUBLIC, ALICE.email) == []
        assert guess()["status"] == "WRONG_CREDENTIALS_ERROR"
