"""A real deadlock: the database breaks one of the two transactions off, and it is run again from its start."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest

from supertokens_django import db
from supertokens_django.flow.attempt import Attempt
from supertokens_django.flow.gates import Gate
from supertokens_django.models import (
    DjangoUserLink,
    LoginIdentity,
    LoginMethod,
    Password,
    Session,
    Tenant,
    User,
)
from tests.assertions import assert_json, assert_session_is_set
from tests.base import ALICE, BOB, Clock, Person, supertokens_settings
from tests.client import FrontendClient, Mode
from tests.concurrency.crowd import PATIENCE, at_once
from tests.recipes.emailpassword.bodies import user_with_login_methods

pytestmark = pytest.mark.concurrency


class Crossing:
    """Two rows that two transactions lock in opposite order.

    Each waits until the other has its first row, the first time; a transaction that is run again finds its way free.
    """

    def __init__(self, rows: tuple[str, str]) -> None:
        self.rows = rows
        self.attempts: list[str] = []
        self._both_have_one = threading.Barrier(2)

    def cross(self, first: str) -> None:
        is_first_attempt = first not in self.attempts
        self.attempts.append(first)
        (second,) = set(self.rows) - {first}
        self._lock(first)
        if is_first_attempt:
            self._both_have_one.wait(PATIENCE)
        self._lock(second)

    @staticmethod
    def _lock(tenant_id: str) -> None:
        assert Tenant.objects.select_for_update().get(pk=tenant_id).pk == tenant_id


@pytest.fixture
def crossing(make_tenant: Callable[[str], str]) -> Crossing:
    return Crossing((make_tenant("left"), make_tenant("right")))


def note_and_cross(crossing: Crossing, first: str, person: Person) -> str:
    User.objects.create(id=person.email)
    crossing.cross(first)
    return first


def test_both_transactions_succeed(crossing: Crossing) -> None:
    work = db.transactional(note_and_cross)

    answers = at_once([partial(work, crossing, "left", ALICE), partial(work, crossing, "right", BOB)])

    assert answers == ["left", "right"]
    assert len(crossing.attempts) == 3
    assert sorted(User.objects.values_list("id", flat=True)) == [ALICE.email, BOB.email]


def test_inside_a_transaction_of_the_caller_it_is_the_callers(crossing: Crossing) -> None:
    """The part alone cannot be repeated: what the caller did before it is gone as well."""
    work = db.transactional(note_and_cross)

    def is_told_of_the_conflict(first: str, person: Person) -> bool:
        try:
            with transaction.atomic():
                work(crossing, first, person)
        except OperationalError as error:
            return db.is_transient(error)
        return False

    answers = at_once(
        [partial(is_told_of_the_conflict, "left", ALICE), partial(is_told_of_the_conflict, "right", BOB)]
    )

    assert sorted(answers) == [False, True]
    assert len(crossing.attempts) == 2
    survivor = BOB if answers[0] else ALICE
    assert list(User.objects.values_list("id", flat=True)) == [survivor.email]
    assert not connection.in_atomic_block


def test_an_error_that_is_no_conflict_is_not_repeated(crossing: Crossing) -> None:
    attempts: list[int] = []

    @db.transactional
    def fail() -> None:
        attempts.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM there_is_no_such_table")

    with pytest.raises(Exception, match="there_is_no_such_table"):
        fail()
    assert attempts == [1]


def test_two_sign_ups_in_a_deadlock_both_succeed(clock: Clock, mode: Mode, crossing: Crossing) -> None:
    """The conflict lies in a gate of the project; each answer carries the tokens of one session all the same."""
    sides = {ALICE.email: "left", BOB.email: "right"}

    class Crosses(Gate):
        def check(self, attempt: Attempt, request: HttpRequest) -> None:
            crossing.cross(sides[attempt.email or ""])

    frontends = {person: FrontendClient(mode) for person in (ALICE, BOB)}
    with supertokens_settings(FLOW_GATES=[Crosses]):
        answers = at_once(
            [
                partial(frontend.sign_up, person.email, person.password)
                for person, frontend in frontends.items()
            ]
        )

    assert len(crossing.attempts) == 3
    for (person, frontend), answer in zip(frontends.items(), answers, strict=True):
        user = user_with_login_methods(frontend.user_id, person.email, clock.milliseconds)
        assert_json(answer, 200, {"status": "OK", "user": user})
        assert_session_is_set(answer, mode)
        assert frontend.get("/test/checked").status_code == 200
    for model in (User, LoginMethod, LoginIdentity, Password, DjangoUserLink):
        assert model._default_manager.count() == 2
    assert sorted(Session.objects.values_list("handle", flat=True)) == sorted(
        frontend.session_handle for frontend in frontends.values()
    )
