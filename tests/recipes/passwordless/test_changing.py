"""Changing what somebody signs in by, with ``services.passwordless``."""

from __future__ import annotations

import pytest

from supertokens_django.exceptions import BadInputError
from supertokens_django.recipes.passwordless.exceptions import (
    EmailAlreadyExists,
    PhoneNumberAlreadyExists,
    UnknownUserId,
)
from supertokens_django.recipes.passwordless.models import PasswordlessDevice
from supertokens_django.services import passwordless, users
from supertokens_django.users import accounts
from supertokens_django.users.accounts import AccountInfo
from supertokens_django.users.models import LoginMethod
from tests.base import BOB, PUBLIC
from tests.client import json_of
from tests.recipes.passwordless.device import (
    EMAIL,
    NUMBER,
    Device,
    code_in,
    link_in,
    mailed_code,
    texts_of_sms,
    user,
)

pytestmark = pytest.mark.django_db

TYPED_NUMBER, OTHER_NUMBER = " +36 (30) 123-4567 ", "+36301234568"


@pytest.fixture
def both() -> LoginMethod:
    """Somebody who signs in by an address and by a number."""
    method, _ = passwordless.signinup(PUBLIC, EMAIL)
    return passwordless.update_user(method.id, phone_number=TYPED_NUMBER)


def test_one_contact_leaves_the_other(both: LoginMethod, device: Device) -> None:
    changed = passwordless.update_user(both.id, email=" New@Example.com ")
    assert (changed.email, changed.phone_number) == ("new@example.com", NUMBER)
    device.ask(None, phoneNumber=NUMBER)
    answer = json_of(device.type(code_in(texts_of_sms()[0])))
    expected = user(both.id, answer["user"]["timeJoined"], email="new@example.com", phoneNumber=NUMBER)
    expected["loginMethods"][0]["verified"] = False
    assert answer["user"] == expected


def test_what_is_taken_changes_nothing(both: LoginMethod) -> None:
    passwordless.signinup(PUBLIC, BOB.email)
    passwordless.signinup(PUBLIC, phone_number=OTHER_NUMBER)
    passwordless.create_code(PUBLIC, EMAIL)
    with pytest.raises(EmailAlreadyExists):
        passwordless.update_user(both.id, email=BOB.email, phone_number=NUMBER)
    with pytest.raises(PhoneNumberAlreadyExists):
        passwordless.update_user(both.id, email="new@example.com", phone_number=OTHER_NUMBER)
    found = LoginMethod.objects.get(pk=both.id)
    assert (found.email, found.phone_number) == (EMAIL, NUMBER)
    assert passwordless.signinup(PUBLIC, EMAIL)[0].id == both.id
    assert not passwordless.email_exists(PUBLIC, "new@example.com")


def test_ones_own_is_not_taken(both: LoginMethod) -> None:
    passwordless.create_code(PUBLIC, EMAIL)
    same = passwordless.update_user(both.id, email=EMAIL.upper(), phone_number=TYPED_NUMBER)
    assert (same.email, same.phone_number) == (EMAIL, NUMBER)
    passwordless.update_user(both.id)
    assert PasswordlessDevice.objects.count() == 1


def test_codes_for_the_old_and_for_the_new_one_end(both: LoginMethod, tenant_acme: str) -> None:
    for email in (EMAIL, "new@example.com", BOB.email):
        passwordless.create_code(PUBLIC, email)
    passwordless.create_code(PUBLIC, phone_number=NUMBER)
    passwordless.create_code(tenant_acme, EMAIL)
    passwordless.update_user(both.id, email="new@example.com")
    left = {(row.tenant_id, row.contact) for row in PasswordlessDevice.objects.all()}
    assert left == {(PUBLIC, BOB.email), (PUBLIC, NUMBER), (tenant_acme, EMAIL)}


@pytest.mark.parametrize("verb", ["delete_email_for_user", "delete_phone_number_for_user"])
def test_one_of_two_is_taken_away(both: LoginMethod, device: Device, verb: str) -> None:
    passwordless.create_code(PUBLIC, EMAIL)
    passwordless.create_code(PUBLIC, phone_number=NUMBER)
    is_email = verb == "delete_email_for_user"
    left = getattr(passwordless, verb)(both.id)
    assert (left.email, left.phone_number) == ((None, NUMBER) if is_email else (EMAIL, None))
    assert [row.contact for row in PasswordlessDevice.objects.all()] == [NUMBER if is_email else EMAIL]
    if is_email:
        device.ask(None, phoneNumber=NUMBER)
        answer = json_of(device.open(link_in(texts_of_sms()[0])))
    else:
        device.ask()
        answer = json_of(device.type(mailed_code()))
    contact = {"phoneNumber": NUMBER} if is_email else {"email": EMAIL}
    assert answer["user"] == user(both.id, answer["user"]["timeJoined"], **contact)
    getattr(passwordless, verb)(both.id)  # what is not there is no error
    other = "delete_phone_number_for_user" if is_email else "delete_email_for_user"
    with pytest.raises(BadInputError, match=r"You cannot clear both email and phone number of a user$"):
        getattr(passwordless, other)(both.id)


@pytest.mark.parametrize(
    "given", [{"email": ""}, {"phone_number": " "}, {"email": "x" * 300}, {"phone_number": "1" * 33}]
)
def test_a_contact_that_cannot_be_anybodys_is_refused(both: LoginMethod, given: dict[str, str]) -> None:
    with pytest.raises(BadInputError):
        passwordless.update_user(both.id, **given)
    found = LoginMethod.objects.get(pk=both.id)
    assert (found.email, found.phone_number) == (EMAIL, NUMBER)


def test_somebody_else_s_id(alice: str) -> None:
    """Also one of another recipe."""
    for recipe_user_id in (alice, "nobody"):
        with pytest.raises(UnknownUserId):
            passwordless.update_user(recipe_user_id, phone_number=NUMBER)
        with pytest.raises(UnknownUserId):
            passwordless.delete_email_for_user(recipe_user_id)
        with pytest.raises(UnknownUserId):
            passwordless.delete_phone_number_for_user(recipe_user_id)


def test_a_mapped_id_stands_for_ours(both: LoginMethod) -> None:
    users.create_user_id_mapping(both.id, "carol-of-old")
    assert passwordless.update_user("carol-of-old", email="new@example.com").id == both.id
    assert passwordless.delete_phone_number_for_user("carol-of-old").phone_number is None


def test_in_all_of_its_tenants(both: LoginMethod, tenant_acme: str) -> None:
    accounts.add_to_tenant(both, tenant_acme, AccountInfo(EMAIL, NUMBER))
    rival, _ = passwordless.signinup(tenant_acme, BOB.email)
    with pytest.raises(EmailAlreadyExists):
        passwordless.update_user(both.id, email=BOB.email)
    passwordless.update_user(both.id, email="new@example.com")
    for tenant in (PUBLIC, tenant_acme):
        assert passwordless.signinup(tenant, "new@example.com") == (both, False)
    assert passwordless.signinup(tenant_acme, BOB.email)[0].id == rival.id
