"""Several people at once over connections of their own: what the database's constraints and locks must hold."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connections

from supertokens_django.recipes.emailpassword.exceptions import EmailAlreadyExists
from supertokens_django.recipes.emailpassword.models import Password
from supertokens_django.services import emailpassword, session, users
from supertokens_django.users.models import DjangoUserLink, LoginIdentity, LoginMethod, User
from tests.base import ALICE, BOB
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import (
    EMAIL_TAKEN,
    INVALID_RESET_TOKEN,
    OK,
    WRONG_CREDENTIALS,
    field_error,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

CROWD = 20


def at_once(acts: Iterable[Callable[[], Any]]) -> list[Any]:
    """Run every act in a thread of its own, all let go at one moment; gives the results in order."""
    waiting = list(acts)
    gate = threading.Barrier(len(waiting))

    def run(act: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(waiting)) as pool:
        return list(pool.map(run, waiting))


@pytest.fixture(autouse=True)
def keys_exist(acme: None) -> None:
    """Somebody was here before, so that the tests are not about the first signing key."""
    FrontendClient("header").sign_up("first@example.com", BOB.password)


def sign_up(email: str = ALICE.email, **where: Any) -> tuple[FrontendClient, Any]:
    device = FrontendClient("header")
    return device, json_of(device.sign_up(email, ALICE.password, **where))


def test_of_many_sign_ups_with_one_email_exactly_one_succeeds() -> None:
    results = at_once([sign_up] * CROWD)
    statuses = Counter(body["status"] for _, body in results)
    assert statuses == {"OK": 1, "FIELD_ERROR": CROWD - 1}
    assert all(
        body == field_error(("email", EMAIL_TAKEN)) for _, body in results if body["status"] == "FIELD_ERROR"
    )
    (winner,) = (device for device, body in results if body["status"] == "OK")
    assert winner.refresh().status_code == 200
    assert [device.is_signed_in for device, _ in results].count(True) == 1
    models = (User, LoginMethod, LoginIdentity, Password, DjangoUserLink, get_user_model())
    assert [model._default_manager.count() for model in models] == [2] * len(models)


def test_many_sign_ups_with_different_emails_all_succeed() -> None:
    emails = [f"user{number}@example.com" for number in range(CROWD)]
    results = at_once([lambda email=email: sign_up(email) for email in emails])  # type: ignore[misc]
    assert [body["status"] for _, body in results] == ["OK"] * CROWD
    assert len({device.user_id for device, _ in results}) == CROWD
    assert users.get_user_count() == CROWD + 1


def test_of_many_uses_of_one_reset_token_exactly_one_succeeds(alice: str) -> None:
    token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
    passwords = [f"through the looking-glass {number}" for number in range(CROWD)]

    def reset(password: str) -> Any:
        return json_of(FrontendClient("header").reset_password(token, password))

    answers = at_once([lambda password=password: reset(password) for password in passwords])  # type: ignore[misc]
    assert sorted(answers, key=repr) == sorted([OK] + [INVALID_RESET_TOKEN] * (CROWD - 1), key=repr)
    chosen = passwords[answers.index(OK)]
    assert json_of(FrontendClient("header").sign_in(ALICE.email, chosen))["status"] == "OK"
    assert json_of(FrontendClient("header").sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS


def test_of_many_changes_to_one_email_exactly_one_succeeds() -> None:
    people = [
        emailpassword.sign_up("public", f"user{number}@example.com", "password 1").id for number in range(8)
    ]

    def change(user_id: str) -> bool:
        try:
            emailpassword.update_email_or_password(user_id, email=ALICE.email)
        except EmailAlreadyExists:
            return False
        return True

    changed = at_once([lambda user_id=user_id: change(user_id) for user_id in people])  # type: ignore[misc]
    assert changed.count(True) == 1
    assert LoginMethod.objects.filter(email=ALICE.email).count() == 1
    assert emailpassword.sign_in("public", ALICE.email, "password 1").id == people[changed.index(True)]


def test_many_sign_ins_of_one_user_all_get_a_session_of_their_own(alice: str) -> None:
    def sign_in() -> FrontendClient:
        device = FrontendClient("header")
        assert json_of(device.sign_in(ALICE.email, ALICE.password))["status"] == "OK"
        return device

    devices = at_once([sign_in] * CROWD)
    handles = {device.session_handle for device in devices}
    assert len(handles) == CROWD
    assert set(session.get_all_session_handles_for_user(alice)) == handles


def test_a_deletion_during_sign_ins_leaves_no_session_of_nobody(alice: str) -> None:
    def sign_in() -> str:
        return str(json_of(FrontendClient("header").sign_in(ALICE.email, ALICE.password))["status"])

    at_once([sign_in] * 6 + [lambda: users.delete_user(alice)] + [sign_in] * 6)
    assert users.get_user(alice) is None
    assert session.get_all_session_handles_for_user(alice) == []
