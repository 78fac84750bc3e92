"""One verification link, many who follow it: one of them verifies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from supertokens_django.models import EmailVerificationToken, LoginMethod, VerifiedEmail
from supertokens_django.recipes.emailverification.rows import create_token
from supertokens_django.services import emailverification, users
from tests.assertions import assert_json
from tests.base import ALICE, PUBLIC, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.concurrency.crowd import Caller, at_once
from tests.recipes.emailverification.verification import INVALID_TOKEN, OK, verify

pytestmark = pytest.mark.concurrency

FOLLOWERS = 12
ROUNDS = 3


@pytest.fixture(autouse=True)
def _verification_is_on(_stage: None) -> Iterator[None]:
    with supertokens_settings(
        RECIPES=["emailpassword", "emailverification"], EMAILVERIFICATION={"MODE": "REQUIRED"}
    ):
        yield


def follow_at_once(tokens: list[str]) -> list[bool]:
    """Use every token at once; tells of each whether it was good."""
    answers = at_once([partial(verify, FrontendClient("header"), token) for token in tokens])
    for answer in answers:
        assert_json(answer, 200, OK if json_of(answer) == OK else INVALID_TOKEN)
    return [json_of(answer) == OK for answer in answers]


def test_one_token_verifies_once(alice: str) -> None:
    for _ in range(ROUNDS):
        token = emailverification.create_email_verification_token(PUBLIC, alice)
        assert sum(follow_at_once([token] * FOLLOWERS)) == 1
        assert VerifiedEmail.objects.count() == 1
        assert not EmailVerificationToken.objects.exists()
        emailverification.unverify_email(alice)


def test_of_several_tokens_for_one_email_one_verifies(alice: str) -> None:
    """Each use ends the other tokens, and so they wait for each other crosswise."""
    for _ in range(ROUNDS):
        tokens = [emailverification.create_email_verification_token(PUBLIC, alice) for _ in range(FOLLOWERS)]
        assert sum(follow_at_once(tokens)) == 1
        assert VerifiedEmail.objects.count() == 1
        assert not EmailVerificationToken.objects.exists()
        emailverification.unverify_email(alice)


def test_of_several_new_addresses_one_takes_the_place(alice: str) -> None:
    for attempt in range(ROUNDS):
        old = LoginMethod.objects.get(pk=alice).email or ""
        new = [f"alice-{attempt}-{number}@example.com" for number in range(FOLLOWERS)]
        # As they were asked for at the same moment: one after the other, the last alone would count.
        tokens = [create_token(PUBLIC, alice, email, old) for email in new]
        assert sum(follow_at_once(tokens)) == 1
        found = LoginMethod.objects.get(pk=alice).email
        assert found in new
        assert found != old
        assert emailverification.is_email_verified(alice)
        assert VerifiedEmail.objects.filter(email__in=new).count() == 1


def test_one_address_goes_to_one_of_many(alice: str) -> None:
    from supertokens_django.services import emailpassword

    people = [
        emailpassword.sign_up(PUBLIC, f"p{number}@example.com", ALICE.password).id for number in range(6)
    ]
    tokens = [_change_token(person, "wanted@example.com") for person in people]
    assert sum(follow_at_once(tokens)) == 1
    assert LoginMethod.objects.filter(email="wanted@example.com").count() == 1
    assert VerifiedEmail.objects.count() == 1


def test_a_user_who_is_deleted_meanwhile_leaves_nothing(alice: str) -> None:
    token = emailverification.create_email_verification_token(PUBLIC, alice)
    calls: list[Callable[[], Any]] = [
        partial(verify, FrontendClient("header"), token),
        partial(users.delete_user, alice),
    ]
    answers = at_once(calls)
    assert json_of(answers[0]) in (OK, INVALID_TOKEN)
    assert not EmailVerificationToken.objects.exists()
    assert not LoginMethod.objects.exists()
    assert not VerifiedEmail.objects.exists()


def test_an_address_that_is_verified_while_its_user_is_deleted_does_not_stay(alice: str) -> None:
    token = emailverification.create_email_verification_token(PUBLIC, alice)
    with transaction.atomic():
        assert emailverification.verify_email_using_token(PUBLIC, token).email == ALICE.email
        deletion = Caller(partial(users.delete_user, alice))
        assert not deletion.is_done(within=1), "it waits until the token has been used up"
    deletion.answer()
    assert not LoginMethod.objects.exists()
    assert not VerifiedEmail.objects.exists()


def test_a_new_password_and_the_link_to_a_new_address_do_not_wait_for_each_other(alice: str) -> None:
    """Both end reset tokens and changes that are pending; whichever comes first, no call is an error."""
    from supertokens_django.services import emailpassword

    for attempt in range(ROUNDS * 2):
        token = _change_token(alice, f"alice-{attempt}@example.com")
        email = LoginMethod.objects.get(pk=alice).email or ""
        reset = emailpassword.create_reset_password_token(PUBLIC, alice, email)
        form = [{"id": "password", "value": f"new-passw0rd-{attempt}"}]
        answers = at_once(
            [
                partial(verify, FrontendClient("header"), token),
                partial(
                    FrontendClient("header").post,
                    "/auth/user/password/reset",
                    {"method": "token", "token": reset, "formFields": form},
                ),
            ]
        )
        changed, was_reset = (json_of(answer) for answer in answers)
        assert changed in (OK, INVALID_TOKEN)
        assert was_reset in (OK, {"status": "RESET_PASSWORD_INVALID_TOKEN_ERROR"})
        assert OK in (changed, was_reset)
        assert not EmailVerificationToken.objects.exists()


def _change_token(user_id: str, email: str) -> str:
    """The token that a new address is mailed."""
    links: list[str] = []

    from supertokens_django.recipes.emailverification.service import EmailVerificationService

    class Listening(EmailVerificationService):
        def send_email(self, to: str, link: str, user: object, tenant_id: str) -> None:
            links.append(link)

    with supertokens_settings(EMAILVERIFICATION={"SERVICE_CLASS": Listening}):
        emailverification.request_email_change(PUBLIC, user_id, email)
    return links[0].partition("token=")[2].partition("&")[0]
