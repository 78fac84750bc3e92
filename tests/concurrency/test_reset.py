"""One link, many who follow it: one of them sets the password."""

from __future__ import annotations

from functools import partial

import pytest

from supertokens_django.models import PasswordResetToken, Session
from supertokens_django.services import emailpassword
from tests.assertions import assert_json, assert_session_is_untouched
from tests.base import ALICE, PUBLIC, Clock
from tests.client import FrontendClient, json_of
from tests.concurrency.crowd import at_once
from tests.recipes.emailpassword.bodies import INVALID_RESET_TOKEN, OK, WRONG_CREDENTIALS

pytestmark = pytest.mark.concurrency

FOLLOWERS = 12
ROUNDS = 3


def reset_at_once(tokens: list[str], attempt: int) -> str:
    """Use every token at once, each for a password of its own; gives the password that was set."""
    passwords = [f"through the looking-glass {attempt}-{number}" for number in range(len(tokens))]
    calls = [
        partial(FrontendClient("header").reset_password, token, password)
        for token, password in zip(tokens, passwords, strict=True)
    ]
    answers = at_once(calls)
    (winner,) = (number for number, answer in enumerate(answers) if json_of(answer) == OK)
    for number, answer in enumerate(answers):
        assert_json(answer, 200, OK if number == winner else INVALID_RESET_TOKEN)
        assert_session_is_untouched(answer)
    return passwords[winner]


def assert_password_is(password: str, tried: list[str]) -> None:
    for other in tried:
        answer = FrontendClient("header").sign_in(ALICE.email, other)
        if other == password:
            assert json_of(answer)["status"] == "OK"
        else:
            assert_json(answer, 200, WRONG_CREDENTIALS)


def test_one_token_sets_one_password(clock: Clock, alice: str) -> None:
    known = [ALICE.password]
    for attempt in range(ROUNDS):
        token = emailpassword.create_reset_password_token(PUBLIC, alice, ALICE.email)
        known.append(reset_at_once([token] * FOLLOWERS, attempt))
        assert_password_is(known[-1], known)
        assert not PasswordResetToken.objects.exists()


def test_of_several_tokens_of_one_user_one_sets_the_password(clock: Clock, alice: str) -> None:
    """Each use ends the other tokens, and so they wait for each other crosswise."""
    known = [ALICE.password]
    for attempt in range(ROUNDS):
        tokens = [
            emailpassword.create_reset_password_token(PUBLIC, alice, ALICE.email) for _ in range(FOLLOWERS)
        ]
        known.append(reset_at_once(tokens, attempt))
        assert_password_is(known[-1], known)
        assert not PasswordResetToken.objects.exists()


def test_no_session_of_the_old_password_outlives_the_reset(clock: Clock, alice: str) -> None:
    """Somebody who knows the old password signs in again and again while it is replaced."""
    old = ALICE.password
    for attempt in range(ROUNDS):
        new = f"through the looking-glass {attempt}"
        token = emailpassword.create_reset_password_token(PUBLIC, alice, ALICE.email)
        intruders = [FrontendClient("header") for _ in range(6)]

        answers = at_once(
            [partial(FrontendClient("header").reset_password, token, new)]
            + [partial(intruder.sign_in, ALICE.email, old) for intruder in intruders]
        )

        assert_json(answers[0], 200, OK)
        assert [answer.status_code for answer in answers] == [200] * 7
        assert not Session.objects.exists()
        old = new
