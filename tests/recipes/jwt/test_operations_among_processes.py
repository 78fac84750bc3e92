"""What an operator does with the keys in one process, and what the others make of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supertokens_django.models import SigningKey
from supertokens_django.services import jwt as jwts
from tests.base import Clock
from tests.client import FrontendClient, decode_jwt
from tests.processes import AnotherProcess
from tests.recipes.jwt.test_several_processes import published, start

__all__ = ["start"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

Start = Callable[[], AnotherProcess]


@pytest.mark.parametrize("static", [False, True])
def test_processes_that_rotate_at_once_end_with_one_new_key(
    clock: Clock, alice: str, start: Start, static: bool
) -> None:
    first = jwts.get_signing_kid(static)
    processes = [start() for _ in range(3)]
    for process in processes:
        process.ask("verify", access_token="not a token, only to be awake")
    for number, process in enumerate(processes):
        process.tell("rotate", static=static, after_noon=600 + number / 1000)

    kids = {process.hear()["kid"] for process in processes}

    clock.advance(601)
    assert len(kids) == 1
    assert published("s-" if static else "d-") == [*kids, first]
    assert SigningKey.objects.filter(kind="static" if static else "dynamic").count() == 2


def test_another_process_signs_with_the_new_key_after_the_overlap(
    clock: Clock, alice: str, start: Start
) -> None:
    process = start()
    old = decode_jwt(process.ask("sign a JWT")["token"])[0]["kid"]
    clock.advance(600)
    new = jwts.rotate_signing_key(static=True).kid

    kids = [
        decode_jwt(process.ask("sign a JWT", after_noon=600 + passed, uptime=passed)["token"])[0]["kid"]
        for passed in (0, 59, 61)
    ]

    assert kids == [old, old, new]


def test_a_leaked_key_is_refused_by_another_process_within_a_minute(
    clock: Clock, frontend: FrontendClient, alice: str, start: Start
) -> None:
    process, token = start(), frontend.access_token
    assert process.ask("verify", access_token=token) == {"user_id": alice}

    jwts.retire_signing_key(frontend.access_token_header["kid"], now=True)

    assert process.ask("verify", access_token=token, after_noon=30, uptime=30) == {"user_id": alice}
    assert process.ask("verify", access_token=token, after_noon=61, uptime=61) == {
        "user_id": "try refresh token"
    }


def test_a_process_that_meets_the_new_key_knows_of_the_leak_at_once(
    clock: Clock, frontend: FrontendClient, alice: str, start: Start
) -> None:
    """The key is new to it, so it reads the table; under traffic that is a matter of moments."""
    process, leaked = start(), frontend.access_token
    process.ask("verify", access_token=leaked)
    jwts.retire_signing_key(frontend.access_token_header["kid"], now=True)
    clock.advance(1)
    frontend.refresh()

    assert process.ask("verify", access_token=frontend.access_token, after_noon=1) == {"user_id": alice}
    assert process.ask("verify", access_token=leaked, after_noon=1) == {"user_id": "try refresh token"}


def test_what_another_process_retires_is_seen_here(
    clock: Clock, frontend: FrontendClient, start: Start
) -> None:
    kid = frontend.access_token_header["kid"]

    assert start().ask("retire", kid=kid, now=True, after_noon=1) == {"state": "ended"}

    clock.advance(2)
    assert kid not in published("d-")
