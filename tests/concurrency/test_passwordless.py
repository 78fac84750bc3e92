"""One code, many who type it; one address, many codes: one of them is signed in, and one user is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponseBase

from supertokens_django.models import (
    DjangoUserLink,
    LoginIdentity,
    LoginMethod,
    PasswordlessDevice,
    Session,
    User,
    VerifiedEmail,
)
from supertokens_django.recipes.passwordless.rows import CreatedCode
from supertokens_django.services import passwordless, users
from tests.assertions import assert_session_is_set
from tests.base import supertokens_settings
from tests.client import FrontendClient, Mode, json_of
from tests.concurrency.crowd import at_once
from tests.recipes.passwordless.device import EMAIL, RESTART

pytestmark = pytest.mark.concurrency

CROWD = 12
ACCOUNT: tuple[Any, ...] = (User, LoginMethod, LoginIdentity, DjangoUserLink, VerifiedEmail, get_user_model())


@pytest.fixture(autouse=True)
def _recipe_is_on(acme: None) -> Iterator[None]:
    with supertokens_settings(RECIPES=["passwordless"]):
        yield


def consume(frontend: FrontendClient, made: CreatedCode, code: str | None = None) -> HttpResponseBase:
    body = {"preAuthSessionId": made.pre_auth_session_id, "deviceId": made.device_id}
    body["userInputCode"] = made.user_input_code if code is None else code
    return frontend.call_recipe("POST", "/auth/signinup/code/consume", rid="passwordless", json_body=body)


def follow(frontend: FrontendClient, made: CreatedCode) -> HttpResponseBase:
    body = {"preAuthSessionId": made.pre_auth_session_id, "linkCode": made.link_code}
    return frontend.call_recipe("POST", "/auth/signinup/code/consume", rid="passwordless", json_body=body)


def assert_one_was_signed_in(
    mode: Mode, calls: list[Any], frontends: list[FrontendClient], *, is_new: bool
) -> None:
    answers = at_once(calls)
    (winner,) = (number for number, answer in enumerate(answers) if json_of(answer)["status"] == "OK")
    assert json_of(answers[winner])["createdNewRecipeUser"] is is_new
    assert_session_is_set(answers[winner], mode)
    assert [json_of(answer) for number, answer in enumerate(answers) if number != winner] == [RESTART] * (
        len(answers) - 1
    )
    assert {model._meta.label: model._default_manager.count() for model in ACCOUNT} == {
        model._meta.label: 1 for model in ACCOUNT
    }
    assert [row.handle for row in Session.objects.all()] == [frontends[winner].session_handle]
    assert not PasswordlessDevice.objects.exists()


@pytest.mark.parametrize("is_new", [True, False], ids=["sign-up", "sign-in"])
def test_one_code_signs_in_once(clock: object, mode: Mode, is_new: bool) -> None:
    if not is_new:
        passwordless.signinup("public", EMAIL)
    made = passwordless.create_code("public", EMAIL)
    frontends = [FrontendClient(mode) for _ in range(CROWD)]
    calls = [partial((consume, follow)[number % 2], each, made) for number, each in enumerate(frontends)]
    assert_one_was_signed_in(mode, calls, frontends, is_new=is_new)


def test_of_many_codes_for_one_address_one_signs_up(clock: object, mode: Mode) -> None:
    """Each ends the others, and so they wait for each other crosswise."""
    codes = [passwordless.create_code("public", EMAIL) for _ in range(CROWD)]
    frontends = [FrontendClient(mode) for _ in codes]
    calls = [partial(consume, each, made) for each, made in zip(frontends, codes, strict=True)]
    assert_one_was_signed_in(mode, calls, frontends, is_new=True)


def test_guesses_at_once_are_no_more_than_guesses_in_turn(clock: object) -> None:
    made = passwordless.create_code("public", EMAIL)
    calls = [partial(consume, FrontendClient("header"), made, "wrong") for _ in range(CROWD)]
    answers = [json_of(answer) for answer in at_once(calls)]
    counts = sorted(answer["failedCodeInputAttemptCount"] for answer in answers if answer != RESTART)
    assert counts == [1, 2, 3, 4]
    assert not PasswordlessDevice.objects.exists()


def test_asking_again_and_signing_in_do_not_stop_each_other(clock: object) -> None:
    for number in range(4):
        email = f"user-{number}@example.com"
        made = passwordless.create_code("public", email)
        body = {"deviceId": made.device_id, "preAuthSessionId": made.pre_auth_session_id}
        resend = partial(
            FrontendClient("header").call_recipe,
            "POST",
            "/auth/signinup/code/resend",
            rid="passwordless",
            json_body=body,
        )
        *resent, signed_in = at_once(
            [resend, resend, resend, partial(consume, FrontendClient("header"), made)]
        )
        assert json_of(signed_in)["status"] == "OK"
        assert {json_of(answer)["status"] for answer in resent} <= {"OK", "RESTART_FLOW_ERROR"}
        assert not PasswordlessDevice.objects.exists()


def test_deleting_a_user_leaves_no_session_of_a_sign_in_on_its_way(clock: object) -> None:
    for _ in range(4):
        method, _is_new = passwordless.signinup("public", EMAIL)
        made = passwordless.create_code("public", EMAIL)
        frontend = FrontendClient("header")
        calls: list[Callable[[], Any]] = [
            partial(users.delete_user, method.id),
            partial(consume, frontend, made),
        ]
        at_once(calls)
        assert not Session.objects.filter(recipe_user_id=method.id).exists()
        User.objects.all().delete()
        Session.objects.all().delete()
        get_user_model()._default_manager.all().delete()
