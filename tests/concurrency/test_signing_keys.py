"""Signing keys that are due while many ask for them, and keys whose transaction is not committed yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from queue import Empty, Queue
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest

from supertokens_django.exceptions import GeneralError
from supertokens_django.flow.attempt import Attempt
from supertokens_django.flow.gates import Gate
from supertokens_django.models import SigningKey
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.services import session as sessions
from tests.base import ALICE, PUBLIC, Clock, supertokens_settings
from tests.client import FrontendClient, decode_jwt, json_of
from tests.concurrency.crowd import PATIENCE, Caller, at_once

pytestmark = pytest.mark.concurrency

A_WEEK = 168 * 3600
CROWD = 20


class Undone(Exception):
    """The project changes its mind."""


def new_access_token(user_id: str) -> str:
    return sessions.create_new_session_without_request_response(PUBLIC, user_id).get_access_token()


def kid_of(access_token: str) -> str:
    kid: str = decode_jwt(access_token)[0]["kid"]
    return kid


def stored_kids(kind: str = SigningKey.Kind.DYNAMIC) -> list[str]:
    return list(SigningKey.objects.filter(kind=kind).order_by("created_at").values_list("kid", flat=True))


class HeldOpen:
    """A transaction of another thread: it begins with the first call that it is told to make, and ends when it is
    told to."""

    def __init__(self) -> None:
        self._calls: Queue[tuple[Callable[[], Any], Queue[Any]]] = Queue()
        self._caller = Caller(self._run)

    def call(self, call: Callable[[], Any], *, within: float = PATIENCE) -> Any:
        """Make the call inside the transaction; gives its answer."""
        answer: Queue[Any] = Queue()
        self._calls.put((call, answer))
        try:
            return answer.get(timeout=within)
        except Empty:
            if self._caller.is_done():
                self._caller.answer()  # raises what went wrong
            raise AssertionError("inside it waits for those outside, who wait for its end") from None

    def commit(self) -> None:
        self._calls.put((_end, Queue()))
        self._caller.answer()

    def roll_back(self) -> None:
        self._calls.put((_undo, Queue()))
        with pytest.raises(Undone):
            self._caller.answer()

    def let_go(self) -> None:
        """Roll back unless it has ended already."""
        if not self._caller.is_done():
            self.roll_back()

    def _run(self) -> None:
        call, answer = self._calls.get(timeout=PATIENCE)
        with transaction.atomic():
            while call is not _end:
                answer.put(call())
                call, answer = self._calls.get(timeout=PATIENCE)


def _end() -> None:
    pass


def _undo() -> None:
    raise Undone


@pytest.fixture
def held(_stage: None) -> Iterator[HeldOpen]:
    open_transaction = HeldOpen()
    yield open_transaction
    open_transaction.let_go()


class TestManyAtOnce:
    def test_the_first_sign_ins_of_a_new_project_make_one_key(self, alice: str) -> None:
        assert stored_kids() == []

        tokens = at_once([partial(new_access_token, alice)] * CROWD)

        assert len(stored_kids()) == 1
        assert {kid_of(token) for token in tokens} == set(stored_kids())

    def test_the_first_sign_ups_of_a_new_project_make_one_key(self, clock: Clock) -> None:
        frontends = [FrontendClient("header") for _ in range(CROWD)]
        answers = at_once(
            [
                partial(each.sign_up, f"user-{number}@example.com", ALICE.password)
                for number, each in enumerate(frontends)
            ]
        )

        assert [json_of(answer)["status"] for answer in answers] == ["OK"] * CROWD
        assert {each.access_token_header["kid"] for each in frontends} == set(stored_kids())
        assert len(stored_kids()) == 1

    def test_a_key_that_is_due_is_replaced_once(self, clock: Clock, alice: str) -> None:
        phone = FrontendClient("header")
        phone.post("/test/login", {"userId": alice})
        (old,) = stored_kids()
        clock.advance(A_WEEK)
        tabs = [phone.clone() for _ in range(10)]

        calls: list[Callable[[], Any]] = [tab.refresh for tab in tabs]
        calls += [partial(FrontendClient("header").sign_in, ALICE.email, ALICE.password) for _ in range(10)]
        calls += [partial(FrontendClient("header").get, "/auth/jwt/jwks.json") for _ in range(4)]
        answers = at_once(calls)

        assert [answer.status_code for answer in answers] == [200] * len(calls)
        assert len(stored_kids()) == 2
        assert stored_kids()[0] == old
        assert {tab.access_token_header["kid"] for tab in tabs} == {stored_kids()[1]}
        published = [key["kid"] for key in json_of(FrontendClient().get("/auth/jwt/jwks.json"))["keys"]]
        assert published == [*reversed(stored_kids()), *stored_kids(SigningKey.Kind.STATIC)]


class TestAKeyThatIsNotCommitted:
    def test_no_other_thread_signs_with_it(self, held: HeldOpen, alice: str) -> None:
        """The transaction may yet be undone, and its key has never been then."""
        undone = kid_of(held.call(partial(new_access_token, alice)))

        elsewhere = Caller(partial(new_access_token, alice))
        elsewhere.is_done(within=0.5)  # it has to wait for the outcome, or go its own way
        held.roll_back()
        token = elsewhere.answer()

        assert kid_of(token) != undone
        assert [kid_of(token)] == stored_kids()
        assert kid_of(new_access_token(alice)) == kid_of(token)
        phone = FrontendClient("header")
        phone.header_tokens = {"st-access-token": token, "st-refresh-token": "none"}
        assert phone.get("/test/checked").status_code == 200

    def test_the_others_sign_with_it_once_it_is(self, held: HeldOpen, alice: str) -> None:
        made = kid_of(held.call(partial(new_access_token, alice)))

        elsewhere = Caller(partial(new_access_token, alice))
        elsewhere.is_done(within=0.5)
        held.commit()

        assert kid_of(elsewhere.answer()) == made
        assert stored_kids() == [made]

    def test_it_is_not_used_any_more_once_it_is_undone(self, held: HeldOpen, alice: str) -> None:
        undone = kid_of(held.call(partial(new_access_token, alice)))
        held.roll_back()

        assert stored_kids() == []
        tokens = at_once([partial(new_access_token, alice)] * 8)
        assert {kid_of(token) for token in tokens} == set(stored_kids())
        assert undone not in stored_kids()

    def test_its_transaction_does_not_wait_for_those_who_wait_for_it(
        self, held: HeldOpen, alice: str
    ) -> None:
        """One who waits for the database must not hold what the other needs: neither would ever go on."""
        held.call(partial(new_access_token, alice))
        elsewhere = [Caller(partial(new_access_token, alice)) for _ in range(3)]
        for caller in elsewhere:
            caller.is_done(within=0.2)

        again = held.call(partial(ring.public_key, "d-1700000000000"), within=4)
        assert again is None
        held.call(partial(new_access_token, alice), within=4)
        held.commit()

        assert {kid_of(caller.answer()) for caller in elsewhere} == set(stored_kids())
        assert len(stored_kids()) == 1


class Refuses(Gate):
    """Nobody gets in."""

    def check(self, attempt: Attempt, request: HttpRequest) -> None:
        raise GeneralError("Not today")


class TestAKeyThatIsDueAtASignUp:
    def test_it_is_there_before_the_transaction_and_outlives_a_refusal(self) -> None:
        """Other processes would wait for the end of the transaction, for the key that may be undone with it."""
        with supertokens_settings(FLOW_GATES=[Refuses]):
            answer = FrontendClient("header").sign_up(ALICE.email, ALICE.password)

        assert json_of(answer) == {"status": "GENERAL_ERROR", "message": "Not today"}
        (kid,) = stored_kids()
        phone = FrontendClient("header")
        phone.sign_up(ALICE.email, ALICE.password)
        assert phone.access_token_header["kid"] == kid


class TestAKeyThatIsDueInsideATransaction:
    def test_writers_and_makers_of_keys_do_not_lock_each_other_out(
        self, clock: Clock, held: HeldOpen, alice: str
    ) -> None:
        """On SQLite the transaction has the write lock that the maker of the key outside of it needs."""
        new_access_token(alice)
        clock.advance(A_WEEK)
        held.call(partial(sessions.revoke_all_sessions_for_user, alice))
        elsewhere = [Caller(partial(new_access_token, alice)) for _ in range(3)]
        for caller in elsewhere:
            caller.is_done(within=0.2)

        inside = held.call(partial(new_access_token, alice), within=4)
        held.commit()

        assert {kid_of(inside), *(kid_of(caller.answer()) for caller in elsewhere)} == {stored_kids()[1]}
        assert len(stored_kids()) == 2

    def test_the_endpoint_of_keys_does_not_lock_a_sign_up_out(self, held: HeldOpen) -> None:
        held.call(partial(SigningKey.objects.filter(kid="nobody's").update, kid="nobody's"))
        published = Caller(partial(FrontendClient("header").get, "/auth/jwt/jwks.json"))
        published.is_done(within=0.2)

        inside = held.call(partial(new_access_token, "somebody"), within=4)
        held.commit()

        assert kid_of(inside) in [key["kid"] for key in json_of(published.answer())["keys"]]
        signed_up = json_of(FrontendClient("header").sign_up(ALICE.email, ALICE.password))
        assert signed_up["status"] == "OK"
