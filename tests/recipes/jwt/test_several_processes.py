"""Signing keys among several server processes; each of them is a real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.base import Clock, sql_statements
from tests.client import FrontendClient, decode_jwt, json_of
from tests.processes import AnotherProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

A_WEEK = 168 * 3600


@pytest.fixture
def start() -> Iterator[Callable[[], AnotherProcess]]:
    """Starts processes, and stops them in the end."""
    with ExitStack() as stack:

        def start_one() -> AnotherProcess:
            process = AnotherProcess("tests.recipes.jwt.another_process")
            stack.callback(process.stop)
            return process

        yield start_one


def published(prefix: str) -> list[str]:
    keys = json_of(FrontendClient().get("/auth/jwt/jwks.json"))["keys"]
    return [key["kid"] for key in keys if key["kid"].startswith(prefix)]


def test_a_key_made_by_another_process_is_picked_up(
    clock: Clock, alice: str, start: Callable[[], AnotherProcess]
) -> None:
    browser = FrontendClient("header")
    browser.post("/test/login", {"userId": alice})
    own = browser.access_token_header["kid"]
    token = start().ask("sign in", user_id=alice, after_noon=A_WEEK + 1)["access_token"]
    assert decode_jwt(token)[0]["kid"] != own
    clock.move_to_offset(A_WEEK + 1)
    browser.hold_access_token(token)

    with sql_statements() as first:
        assert browser.get("/test/sync").status_code == 200
    with sql_statements() as second:
        assert browser.get("/test/sync").status_code == 200

    assert (len(first), len(second)) == (1, 0)


def test_another_process_accepts_what_this_one_has_signed(
    clock: Clock, frontend: FrontendClient, alice: str, start: Callable[[], AnotherProcess]
) -> None:
    answer = start().ask("verify", access_token=frontend.access_token)

    assert answer == {"user_id": alice}


def test_processes_that_start_on_an_empty_database_end_with_one_key(
    clock: Clock, alice: str, start: Callable[[], AnotherProcess]
) -> None:
    processes = [start() for _ in range(3)]
    for process in processes:
        assert process.ask("verify", access_token="not a token, only to be awake") == {"user_id": None}
    for number, process in enumerate(processes):
        process.tell("sign in", user_id=alice, after_noon=number / 1000)

    kids = {decode_jwt(process.hear()["access_token"])[0]["kid"] for process in processes}

    assert len(kids) == 1
    assert published("d-") == list(kids)
    assert len(published("s-")) == 1


def test_processes_whose_key_is_due_end_with_one_successor(
    clock: Clock, alice: str, start: Callable[[], AnotherProcess]
) -> None:
    processes = [start() for _ in range(3)]
    first = {process.ask("sign in", user_id=alice)["access_token"] for process in processes}
    for number, process in enumerate(processes):
        process.tell("sign in", user_id=alice, after_noon=A_WEEK + 1 + number / 1000)

    second = {decode_jwt(process.hear()["access_token"])[0]["kid"] for process in processes}

    assert len({decode_jwt(token)[0]["kid"] for token in first}) == 1
    assert len(second) == 1
    clock.move_to_offset(A_WEEK + 2)
    assert len(published("d-")) == 2
