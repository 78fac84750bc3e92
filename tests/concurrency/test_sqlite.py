"""SQLite, where one transaction writes at a time: nobody is told ``database is locked``, whatever its options."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.http import HttpRequest

from supertokens_django import db
from supertokens_django.flow.attempt import Attempt
from supertokens_django.flow.gates import Gate
from supertokens_django.models import PasswordResetToken, Session, User
from supertokens_django.services import emailpassword, users
from supertokens_django.services import session as sessions
from tests.assertions import assert_json
from tests.base import ALICE, PUBLIC, Clock, Person, sign_up, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.concurrency.crowd import PATIENCE, Caller, at_once
from tests.recipes.emailpassword.bodies import OK

pytestmark = pytest.mark.concurrency

CROWD = 20

OPTIONS: dict[str, dict[str, Any]] = {
    "Django's defaults": {"init_command": "PRAGMA journal_mode=DELETE;"},
    "Django's defaults, write-ahead log": {"init_command": "PRAGMA journal_mode=WAL;"},
    "IMMEDIATE, write-ahead log": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}


@pytest.fixture(autouse=True, params=OPTIONS)
def options(request: pytest.FixtureRequest, _stage: None) -> Iterator[None]:
    """The database opened as a project would: the name of the mode tells how."""
    settings = connections.settings["default"]
    usual = settings["OPTIONS"]
    reopen(settings, OPTIONS[request.param])
    yield
    reopen(settings, usual)


def reopen(settings: dict[str, Any], options: dict[str, Any]) -> None:
    """``journal_mode`` is kept in the file, and every connection's ``init_command`` says it."""
    connection.close()
    settings["OPTIONS"] = options
    del connections["default"]
    connection.ensure_connection()


class ReadsFirst(Gate):
    """Makes every transaction begin with a read, which SQLite may refuse to turn into one that writes."""

    def check(self, attempt: Attempt, request: HttpRequest) -> None:
        User.objects.count()


def test_sign_ups_at_once_all_succeed() -> None:
    emails = [f"user-{number}@example.com" for number in range(CROWD)]
    frontends = [FrontendClient("header") for _ in emails]

    with supertokens_settings(FLOW_GATES=[ReadsFirst]):
        answers = at_once(
            [
                partial(each.sign_up, email, "password 1")
                for each, email in zip(frontends, emails, strict=True)
            ]
        )

    assert [json_of(answer)["status"] for answer in answers] == ["OK"] * CROWD
    assert (User.objects.count(), Session.objects.count()) == (CROWD, CROWD)
    for each in frontends:
        assert each.get("/test/checked").status_code == 200


def test_one_of_the_sign_ups_with_one_address_succeeds() -> None:
    with supertokens_settings(FLOW_GATES=[ReadsFirst]):
        answers = at_once(
            [partial(FrontendClient("header").sign_up, ALICE.email, ALICE.password) for _ in range(CROWD)]
        )

    assert sorted(json_of(answer)["status"] for answer in answers) == ["FIELD_ERROR"] * (CROWD - 1) + ["OK"]
    assert (User.objects.count(), Session.objects.count()) == (1, 1)


def test_refreshes_of_one_token_all_give_the_same(clock: Clock, alice: str) -> None:
    phone = FrontendClient("header")
    phone.post("/test/login", {"userId": alice})
    clock.advance(3600)
    tabs = [phone.clone() for _ in range(50)]

    for answer in at_once([tab.refresh for tab in tabs]):
        assert_json(answer, 200, {})

    assert len({tab.refresh_token for tab in tabs}) == 1
    assert Session.objects.get().generation == 1


def test_everything_at_once_succeeds(alice: str) -> None:
    """Every verb that writes, several times, each beside all others."""
    devices = [FrontendClient("header") for _ in range(15)]
    for device in devices:
        device.post("/test/login", {"userId": alice})
    leavers = [sign_up(Person(f"leaver-{number}@example.com", "password 1")) for number in range(4)]
    forgetful = [sign_up(Person(f"forgetful-{number}@example.com", "password 1")) for number in range(4)]
    tokens = [
        emailpassword.create_reset_password_token(PUBLIC, user_id, f"forgetful-{number}@example.com")
        for number, user_id in enumerate(forgetful)
    ]
    calls: list[Callable[[], Any]] = [device.refresh for device in devices[:5]]
    calls += [device.sign_out for device in devices[5:10]]
    calls += [
        partial(device.post, "/test/sync", {"do": "merge", "update": {"x-seen": True}})
        for device in devices[10:]
    ]
    calls += [partial(FrontendClient("header").sign_in, ALICE.email, ALICE.password) for _ in range(4)]
    calls += [partial(users.delete_user, user_id) for user_id in leavers]
    calls += [partial(FrontendClient("header").reset_password, token, "password 2") for token in tokens]
    calls += [partial(FrontendClient("header").request_reset_token, ALICE.email) for _ in range(2)]

    answers = [answer for answer in at_once(calls) if answer is not None]

    assert [answer.status_code for answer in answers] == [200] * (len(calls) - len(leavers))
    assert [json_of(answer) for answer in answers[-6:]] == [OK] * 6
    assert users.get_user_count() == 1 + len(forgetful)
    assert len(sessions.get_all_session_handles_for_user(alice)) == 14
    assert PasswordResetToken.objects.count() == 2


def test_a_writer_between_read_and_write_of_a_transaction_is_no_failure(options: None) -> None:
    """What SQLite refuses at once, without waiting: the transaction is run again and sees what the other wrote."""
    attempts: list[int] = []

    def write_elsewhere() -> None:
        User.objects.create(id="the other")

    @db.transactional
    def read_then_write() -> int:
        seen = User.objects.count()
        attempts.append(seen)
        if len(attempts) == 1:
            # Under IMMEDIATE the other has to wait until this one is done.
            Caller(write_elsewhere).is_done(within=0.2)
        User.objects.create(id="this one")
        return seen

    assert read_then_write() == attempts[-1]
    for _ in range(PATIENCE):
        if User.objects.count() == 2:
            break
        threading.Event().wait(0.05)
    assert sorted(User.objects.values_list("id", flat=True)) == ["the other", "this one"]


def test_a_lock_that_is_never_given_up_is_an_error_in_the_end(options: None) -> None:
    """No endless repetition: with somebody else's lock held for longer than the timeout, the error comes through."""
    settings = connections.settings["default"]
    reopen(settings, {**settings["OPTIONS"], "timeout": 0.01})
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            User.objects.create(id="holder")
            held.set()
            assert release.wait(PATIENCE)

    holder = Caller(hold)
    try:
        assert held.wait(PATIENCE)
        with pytest.raises(OperationalError, match="locked"):
            emailpassword.sign_up(PUBLIC, ALICE.email, ALICE.password)
    finally:
        release.set()
    holder.answer()
    assert list(User.objects.values_list("id", flat=True)) == ["holder"]
