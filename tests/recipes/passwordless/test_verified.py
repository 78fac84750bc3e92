"""What a code shows: the address that it was sent to is the user's, and nothing about any other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from supertokens_django.services import emailverification, passwordless, users
from supertokens_django.users.models import VerifiedEmail
from tests.assertions import assert_access_token_is_replaced, assert_json, assert_session_is_untouched
from tests.base import PUBLIC, Clock, supertokens_settings
from tests.client import json_of
from tests.recipes.emailverification.verification import (
    ALREADY_VERIFIED,
    NOT_VERIFIED,
    REFUSED,
    VERIFIED,
    ask,
    claim_of,
    is_verified,
)
from tests.recipes.passwordless.device import (
    EMAIL,
    NUMBER,
    Device,
    code_in,
    link_in,
    mailed_code,
    mailed_link,
    signed_in,
    texts_of_mails,
    texts_of_sms,
    user,
)

pytestmark = pytest.mark.django_db

NEVER_SHOWN = "mallory@example.com"


@pytest.fixture(autouse=True)
def _verified_or_not_let_in(_recipe_is_on: None) -> Iterator[None]:
    recipes = ["emailpassword", "emailverification", "passwordless"]
    with supertokens_settings(RECIPES=recipes, EMAILVERIFICATION={"MODE": "REQUIRED"}):
        yield


def by_text_message(device: Device, *, by_link: bool = False) -> Any:
    device.ask(None, phoneNumber=NUMBER)
    text = texts_of_sms()[-1]
    return device.open(link_in(text)) if by_link else device.type(code_in(text))


@pytest.mark.parametrize("by_link", [False, True])
def test_an_address_is_verified_by_what_was_mailed_there(clock: Clock, device: Device, by_link: bool) -> None:
    for _sign_up_then_in in range(2):
        device.ask()
        device.open(mailed_link()) if by_link else device.type(mailed_code())
        assert claim_of(device) is True
        assert device.get("/test/sync").status_code == 200
    mails = len(texts_of_mails())
    clock.advance(1)
    response = is_verified(device)
    assert_json(response, 200, VERIFIED)
    assert_access_token_is_replaced(response, device.mode)
    assert_json(ask(device), 200, ALREADY_VERIFIED)
    assert len(texts_of_mails()) == mails


@pytest.mark.parametrize("by_link", [False, True])
def test_a_number_alone_needs_no_proof(clock: Clock, device: Device, by_link: bool) -> None:
    response = by_text_message(device, by_link=by_link)
    made = user(device.user_id, clock.milliseconds, phoneNumber=NUMBER)
    assert_json(response, 200, signed_in(made, is_new=True))
    assert claim_of(device) is True
    assert device.get("/test/sync").status_code == 200
    response = is_verified(device)
    assert_json(response, 200, VERIFIED)
    assert_session_is_untouched(response)
    assert_json(ask(device), 200, ALREADY_VERIFIED)
    assert texts_of_mails() == []


@pytest.mark.parametrize("by_link", [False, True])
def test_a_text_message_says_nothing_about_an_address(clock: Clock, device: Device, by_link: bool) -> None:
    """Of somebody who has both, the address alone counts, and nobody has read a mail there."""
    method, _ = passwordless.signinup(PUBLIC, phone_number=NUMBER)
    joined = clock.milliseconds
    passwordless.update_user(method.id, email=NEVER_SHOWN)
    clock.advance(60)

    response = by_text_message(device, by_link=by_link)

    known = user(method.id, joined, email=NEVER_SHOWN, phoneNumber=NUMBER)
    known["loginMethods"][0]["verified"] = False
    assert_json(response, 200, signed_in(known, is_new=False))
    assert claim_of(device) is False
    assert not VerifiedEmail.objects.exists()
    assert_json(device.get("/test/sync"), 403, REFUSED)
    assert_json(is_verified(device), 200, NOT_VERIFIED)
    assert not emailverification.is_email_verified(method.id)


def test_nor_does_a_code_that_the_project_consumes_itself() -> None:
    method, _ = passwordless.signinup(PUBLIC, phone_number=NUMBER)
    passwordless.update_user(method.id, email=NEVER_SHOWN)
    made = passwordless.create_code(PUBLIC, phone_number=NUMBER)
    again, is_new = passwordless.consume_code(
        PUBLIC, made.pre_auth_session_id, made.user_input_code, made.device_id
    )
    assert (again.id, is_new) == (method.id, False)
    assert not emailverification.is_email_verified(method.id)
    assert passwordless.signinup(PUBLIC, NEVER_SHOWN)[0].id == method.id
    assert emailverification.is_email_verified(method.id)


def test_who_takes_the_address_away_is_verified_by_the_number(device: Device) -> None:
    method, _ = passwordless.signinup(PUBLIC, phone_number=NUMBER)
    passwordless.update_user(method.id, email=EMAIL)
    found = users.get_user(method.id)
    assert found is not None
    passwordless.delete_email_for_user(method.id)
    answer = json_of(by_text_message(device))
    assert answer["user"] == user(method.id, answer["user"]["timeJoined"], phoneNumber=NUMBER)
    assert claim_of(device) is True
