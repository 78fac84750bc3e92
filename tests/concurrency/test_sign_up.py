"""Twenty sign-ups, one address: exactly one account, and nothing left of the other nineteen."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponseBase

from supertokens_django.exceptions import GeneralError
from supertokens_django.flow.attempt import Attempt
from supertokens_django.flow.gates import Gate
from supertokens_django.models import DjangoUserLink, LoginIdentity, LoginMethod, Password, Session, User
from tests.assertions import assert_json, assert_session_is_set, assert_session_is_untouched
from tests.base import ALICE, BOB, Clock, supertokens_settings
from tests.client import FrontendClient, Mode, json_of
from tests.concurrency.crowd import at_once
from tests.recipes.emailpassword.bodies import (
    EMAIL_TAKEN,
    WRONG_CREDENTIALS,
    field_error,
    user_with_login_methods,
)

pytestmark = pytest.mark.concurrency

CROWD = 20
SPELLINGS = (
    "alice@example.com",
    "Alice@Example.com",
    "ALICE@EXAMPLE.COM",
    " alice@example.com",
    "alicE@example.com  ",
)
ACCOUNT = (User, LoginMethod, LoginIdentity, Password, DjangoUserLink, get_user_model())


class Curious(Gate):
    """Asks the database before everybody else is asked, as an invitation list would."""

    def check(self, attempt: Attempt, request: HttpRequest) -> None:
        if LoginMethod.objects.filter(email=attempt.email, recipe_id="invitation").exists():
            raise GeneralError("Invited elsewhere")
        Session.objects.count()


def sign_up_at_once(mode: Mode, emails: Sequence[str]) -> list[tuple[FrontendClient, str, HttpResponseBase]]:
    """One sign-up per address; gives each frontend with its password and the answer."""
    frontends = [FrontendClient(mode) for _ in emails]
    passwords = [f"password of number {number}" for number in range(len(emails))]
    calls = [
        partial(frontend.sign_up, email, password)
        for frontend, email, password in zip(frontends, emails, passwords, strict=True)
    ]
    return list(zip(frontends, passwords, at_once(calls), strict=True))


def assert_one_account_came_to_be(
    clock: Clock, results: list[tuple[FrontendClient, str, HttpResponseBase]]
) -> None:
    (winner,) = (result for result in results if json_of(result[2])["status"] == "OK")
    frontend, password, answer = winner
    user = user_with_login_methods(frontend.user_id, ALICE.email, clock.milliseconds)
    assert_json(answer, 200, {"status": "OK", "user": user})
    assert_session_is_set(answer, frontend.mode)
    for loser, its_password, refusal in results:
        if loser is frontend:
            continue
        assert_json(refusal, 200, field_error(("email", EMAIL_TAKEN)))
        assert_session_is_untouched(refusal)
        assert not loser.is_signed_in
        assert json_of(FrontendClient(frontend.mode).sign_in(ALICE.email, its_password)) == WRONG_CREDENTIALS
    assert {model._meta.label: model._default_manager.count() for model in ACCOUNT} == {
        model._meta.label: 1 for model in ACCOUNT
    }
    assert [session.handle for session in Session.objects.all()] == [frontend.session_handle]
    assert frontend.get("/test/checked").status_code == 200
    assert json_of(FrontendClient(frontend.mode).sign_in(ALICE.email, password))["status"] == "OK"


def test_one_of_twenty_gets_the_address(clock: Clock, mode: Mode) -> None:
    assert_one_account_came_to_be(clock, sign_up_at_once(mode, [ALICE.email] * CROWD))


def test_spellings_of_one_address_are_one_address(clock: Clock, mode: Mode) -> None:
    emails = list(itertools.islice(itertools.cycle(SPELLINGS), CROWD))
    assert_one_account_came_to_be(clock, sign_up_at_once(mode, emails))


def test_a_gate_that_asks_the_database_changes_nothing(clock: Clock, mode: Mode) -> None:
    with supertokens_settings(FLOW_GATES=[Curious]):
        assert_one_account_came_to_be(clock, sign_up_at_once(mode, [ALICE.email] * CROWD))


def test_the_address_is_free_again_for_one_of_twenty_after_its_account_is_deleted(
    clock: Clock, mode: Mode, alice: str
) -> None:
    User.objects.all().delete()
    get_user_model()._default_manager.all().delete()

    assert_one_account_came_to_be(clock, sign_up_at_once(mode, [ALICE.email] * CROWD))


@pytest.mark.parametrize("gates", [[], [Curious]], ids=["no gate", "a gate"])
def test_twenty_addresses_get_twenty_accounts(clock: Clock, mode: Mode, gates: list[type[Gate]]) -> None:
    emails = [f"user-{number}@example.com" for number in range(CROWD)]

    with supertokens_settings(FLOW_GATES=gates):
        results = sign_up_at_once(mode, emails)

    for email, (frontend, _, answer) in zip(emails, results, strict=True):
        user = user_with_login_methods(frontend.user_id, email, clock.milliseconds)
        assert_json(answer, 200, {"status": "OK", "user": user})
        assert_session_is_set(answer, mode)
        assert frontend.get("/test/checked").status_code == 200
    assert {model._default_manager.count() for model in ACCOUNT} == {CROWD}
    assert Session.objects.count() == CROWD


def test_each_tenant_has_an_account_of_its_own(clock: Clock, mode: Mode, tenant_acme: str) -> None:
    frontends = [FrontendClient(mode) for _ in range(CROWD)]
    tenants = ["public", tenant_acme]
    calls = [
        partial(frontend.sign_up, BOB.email, BOB.password, tenant=tenants[number % 2])
        for number, frontend in enumerate(frontends)
    ]

    answers = at_once(calls)

    for offset, tenant in enumerate(tenants):
        of_tenant = list(zip(frontends, answers, strict=True))[offset::2]
        (winner,) = (frontend for frontend, answer in of_tenant if json_of(answer)["status"] == "OK")
        assert winner.access_token_payload["tId"] == tenant
        refusals = [answer for frontend, answer in of_tenant if frontend is not winner]
        for refusal in refusals:
            assert_json(refusal, 200, field_error(("email", EMAIL_TAKEN)))
    assert {model._default_manager.count() for model in ACCOUNT} == {2}
