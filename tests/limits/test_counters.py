"""Counting: never more than the rate in any period, whatever happens at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache

from supertokens_django.limits import counters
from supertokens_django.limits.attempts import Attempt, text_of
from supertokens_django.limits.counters import Counter
from supertokens_django.limits.exceptions import TooManyRequests
from supertokens_django.limits.plans import Plan
from supertokens_django.limits.rates import Rate, parse_rates
from supertokens_django.registry import Limit


def new_cache() -> LocMemCache:
    cache = LocMemCache("limits of a test", {"OPTIONS": {"MAX_ENTRIES": 100_000}})
    cache.clear()
    return cache


def tries(cache: LocMemCache, rate: Rate, now: int) -> int:
    """Try once; 0, or the milliseconds to wait."""
    counter = [Counter("somebody", rate, now)]
    if wait := counters.wait(cache, counter):
        return wait
    counters.count(cache, counter)
    return 0


@pytest.mark.parametrize("text", ["1/s", "1/m", "5/m", "7/13s", "10/15m", "100/h", "20/d"])
def test_in_no_period_do_more_pass(text: str) -> None:
    (rate,), cache, chance = parse_rates(text), new_cache(), random.Random(text)
    now, passed = 1_000_000_000_000, list[int]()
    for _ in range(600):
        now += chance.choice((0, 1, rate.seconds * 1000 // rate.count * chance.randrange(3)))
        if not tries(cache, rate, now):
            passed.append(now)
    assert len(passed) > rate.count
    period = rate.seconds * 1000
    most = max(sum(start <= other < start + period for other in passed) for start in passed)
    assert most == rate.count


@pytest.mark.parametrize("text", ["1/s", "1/m", "5/m", "7/13s", "10/15m", "20/d"])
def test_what_is_said_about_waiting_is_true_to_the_millisecond(text: str) -> None:
    (rate,), cache, chance = parse_rates(text), new_cache(), random.Random(text)
    now = 1_000_000_000_000
    for _ in range(100):
        now += chance.randrange(rate.seconds * 300)
        if wait := tries(cache, rate, now):
            assert wait <= rate.seconds * 1000 * 7 / 6 + 1000
            counter = [Counter("somebody", rate, now + wait - 1)]
            assert counters.wait(cache, counter) > 0
            now += wait
            assert tries(cache, rate, now) == 0


def test_of_several_rates_all_hold() -> None:
    cache, now = new_cache(), 1_000_000_000_000
    passed = 0
    for _ in range(30):
        group = [Counter("somebody", rate, now) for rate in parse_rates("2/m, 3/h")]
        if not counters.wait(cache, group):
            counters.count(cache, group)
            passed += 1
        now += 60_000
    assert passed == 3


def test_a_try_that_is_taken_back_is_not_counted() -> None:
    cache, now = new_cache(), 1_000_000_000_000
    counter = [Counter("somebody", Rate(1, 60), now)]
    for _ in range(5):
        assert counters.wait(cache, counter) == 0
        counters.count(cache, counter)
        assert counters.wait(cache, counter) > 0
        counters.take_back(cache, counter)


def test_taking_back_what_the_cache_has_dropped_leaves_no_credit() -> None:
    cache, now = new_cache(), 1_000_000_000_000
    counter = [Counter("somebody", Rate(1, 60), now)]
    counters.count(cache, counter)
    cache.clear()
    counters.take_back(cache, counter)
    counters.count(cache, counter)
    counters.take_back(cache, counter)
    counters.take_back(cache, counter)
    counters.count(cache, counter)
    counters.count(cache, counter)
    assert counters.wait(cache, counter) > 0


class Crowd:
    """Many threads that begin at the same moment."""

    def __init__(self, size: int, work: Callable[[int], None]) -> None:
        self.start = threading.Barrier(size)
        self.threads = [threading.Thread(target=self._run, args=(work, number)) for number in range(size)]

    def _run(self, work: Callable[[int], None], number: int) -> None:
        self.start.wait()
        work(number)

    def rush(self) -> None:
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize("limit", [1, 5, 20])
def test_a_crowd_passes_no_more_than_the_limit(limit: int) -> None:
    """Each thread comes with other clocks, around the end of a slice."""
    for _ in range(5):
        caches["default"].clear()
        passed: list[int] = []
        errors: list[str] = []
        plan = Plan(Limit("a:b"), {"IP": (Rate(limit, 60),)})

        def attempt(
            number: int, plan: Plan = plan, passed: list[int] = passed, errors: list[str] = errors
        ) -> None:
            try:
                Attempt(plan, None, "192.0.2.1").begin()
            except TooManyRequests:
                return
            except Exception as error:
                errors.append(repr(error))
                raise
            passed.append(number)

        Crowd(40, attempt).rush()
        assert errors == []
        assert 1 <= len(passed) <= limit


def test_around_the_end_of_a_slice_a_crowd_passes_no_more_either() -> None:
    cache, rate = new_cache(), Rate(5, 60)
    passed: list[int] = []

    def attempt(number: int) -> None:
        counter = [Counter("somebody", rate, 1_000_000_000_000 // 10_000 * 10_000 - number % 2)]
        counters.count(cache, counter)
        if counters.wait(cache, counter, is_counted=True):
            counters.take_back(cache, counter)
        else:
            passed.append(number)

    Crowd(40, attempt).rush()
    assert len(passed) <= 5


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (7140, "119 minutes"),
        (7141, "2 hours"),
        (7201, "3 hours"),
    ],
)
def test_times_are_told_in_words(seconds: int, text: str) -> None:
    assert text_of(seconds) == f"Too many attempts. Please try again in {text}."
