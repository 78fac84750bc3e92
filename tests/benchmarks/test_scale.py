"""On a database with ten thousand users every request finds its rows by indexes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from benchmarks import databases, scale
from benchmarks.conductor import Worker
from benchmarks.seed import SETTINGS, Person
from tests.services import missing_service, require_service

USERS = 10_000


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    require_service("postgres")
    if find_spec("psycopg") is None:
        missing_service("psycopg (the extra `postgres`)")
    name = f"benchmarks_test_{os.environ.get('TEST_DB_SUFFIX') or os.getpid()}"
    scale.seed(name, USERS)
    found = Worker(**SETTINGS, name=name, users=str(USERS))
    yield found
    found.stop()
    databases.drop("postgres", name)


@pytest.mark.slow
def test_no_statement_walks_through_a_table(worker: Worker) -> None:
    walks = worker.walks(of_large_tables=False)
    assert len(walks) > 25
    assert {case: plans for case, plans in walks.items() if plans} == {}


@pytest.mark.slow
def test_every_case_can_be_measured(worker: Worker) -> None:
    times = worker.turn(1, 0)
    assert {"sign-in", "refresh", "admin: users by ID at provider", "clean-up batch"} <= set(times)
    assert all(time > 0 for time in times.values())


def test_a_person_has_one_way_in() -> None:
    assert [Person(number).recipe_id for number in (7, 8, 9, 10)] == [
        "emailpassword",
        "passwordless",
        "thirdparty",
        "emailpassword",
    ]
    assert Person(7).email.startswith(Person(7).id[:8])


def test_the_ratio_is_that_of_the_same_rounds() -> None:
    times = {1000: [1.0, 10.0, 2.0], 10_000: [2.0, 11.0, 2.0]}
    assert scale.ratio(times, 10_000) == 1.1
