"""``services.passwordless``, what staff may do, and what becomes of old rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from supertokens_django.cleanup import service as clean_up
from supertokens_django.exceptions import BadInputError
from supertokens_django.recipes.passwordless.exceptions import (
    EmailAlreadyExists,
    IncorrectUserInputCode,
    RestartFlow,
    UnknownUserId,
)
from supertokens_django.recipes.passwordless.models import PasswordlessCode, PasswordlessDevice
from supertokens_django.services import passwordless, users
from tests.base import BOB, PUBLIC, Clock
from tests.client import json_of
from tests.recipes.passwordless.device import EMAIL, NUMBER, RESTART, Device, mailed_code

pytestmark = pytest.mark.django_db


def test_checking_uses_nothing_up_and_counts_wrong_codes() -> None:
    made = passwordless.create_code(PUBLIC, EMAIL)
    key = made.pre_auth_session_id
    for _ in range(2):
        assert passwordless.check_code(PUBLIC, key, made.user_input_code, made.device_id).email == EMAIL
    with pytest.raises(IncorrectUserInputCode):
        passwordless.check_code(PUBLIC, key, "wrong", made.device_id)
    (device,) = passwordless.list_codes_by_email(PUBLIC, EMAIL)
    assert device.failed_code_input_attempt_count == 1
    method, is_new = passwordless.consume_code(PUBLIC, key, link_code=made.link_code)
    assert (method.email, is_new) == (EMAIL, True)
    with pytest.raises(RestartFlow):
        passwordless.consume_code(PUBLIC, key, link_code=made.link_code)


def test_codes_are_listed_and_revoked() -> None:
    first = passwordless.create_code(PUBLIC, phone_number="+36 30 123 4567")
    second = passwordless.create_new_code_for_device(PUBLIC, first.device_id)
    device = passwordless.list_codes_by_device_id(PUBLIC, first.device_id)
    assert device is not None
    assert {code.code_id for code in device.codes} == {first.code_id, second.code_id}
    assert {code.code_life_time for code in device.codes} == {900_000}
    assert passwordless.list_codes_by_phone_number(PUBLIC, NUMBER) == [device]
    passwordless.revoke_code(PUBLIC, first.code_id)
    assert PasswordlessDevice.objects.count() == 1
    passwordless.revoke_code(PUBLIC, second.code_id)
    assert not PasswordlessDevice.objects.exists()
    passwordless.create_code(PUBLIC, EMAIL)
    passwordless.revoke_all_codes(PUBLIC, email=EMAIL)
    assert passwordless.list_codes_by_email(PUBLIC, EMAIL) == []


def test_a_user_changes_what_they_sign_in_by() -> None:
    method, _ = passwordless.signinup(PUBLIC, EMAIL)
    passwordless.signinup(PUBLIC, BOB.email)
    passwordless.create_code(PUBLIC, EMAIL)
    passwordless.create_code(PUBLIC, phone_number=NUMBER)
    with pytest.raises(EmailAlreadyExists):
        passwordless.update_user(method.id, email=BOB.email)
    changed = passwordless.update_user(method.id, email="new@example.com", phone_number=NUMBER)
    assert (changed.email, changed.phone_number) == ("new@example.com", NUMBER)
    assert not PasswordlessDevice.objects.exists()
    assert passwordless.signinup(PUBLIC, phone_number=NUMBER)[0].id == method.id
    assert not passwordless.email_exists(PUBLIC, EMAIL)
    assert passwordless.delete_email_for_user(method.id).email is None
    with pytest.raises(BadInputError, match=r"You cannot clear both email and phone number of a user$"):
        passwordless.delete_phone_number_for_user(method.id)
    with pytest.raises(UnknownUserId):
        passwordless.update_user("nobody", email=EMAIL)


def test_codes_of_a_deleted_user_go_with_it() -> None:
    method, _ = passwordless.signinup(PUBLIC, EMAIL)
    passwordless.create_code(PUBLIC, EMAIL)
    passwordless.create_code(PUBLIC, BOB.email)
    users.delete_user(method.id)
    assert [device.email for device in PasswordlessDevice.objects.all()] == [BOB.email]


def test_expired_devices_are_cleaned_up_with_their_codes(clock: Clock) -> None:
    passwordless.create_code(PUBLIC, EMAIL)
    clock.advance(2 * 3600 + 901)
    passwordless.create_code(PUBLIC, BOB.email)
    assert cleaned_up() == {"passwordless devices": 1, "passwordless codes": 1}
    assert PasswordlessCode.objects.get().device.email == BOB.email


def test_an_expired_code_is_known_as_long_as_its_device(clock: Clock) -> None:
    made = passwordless.create_code(PUBLIC, EMAIL)
    clock.advance(600)
    passwordless.create_new_code_for_device(PUBLIC, made.device_id)
    clock.advance(3600 + 301)
    assert cleaned_up() == {"passwordless devices": 0, "passwordless codes": 0}


def test_the_code_of_a_sign_in_is_cleaned_up_when_it_would_have_expired(clock: Clock, device: Device) -> None:
    device.ask()
    device.type(mailed_code())
    clock.advance(3600 + 899)
    assert cleaned_up() == {"passwordless devices": 0, "passwordless codes": 0}
    clock.advance(2)
    assert cleaned_up() == {"passwordless devices": 0, "passwordless codes": 1}
    assert not PasswordlessCode.objects.exists()


def cleaned_up() -> dict[str, int]:
    kinds = [kind for kind in clean_up.kinds() if kind.name.startswith("passwordless")]
    return {kind.name: clean_up.delete_batch(kind, 100).deleted for kind in kinds}


def test_staff_change_where_codes_are_sent_and_end_them(admin_client: Client) -> None:
    method, _ = passwordless.signinup(PUBLIC, EMAIL)
    passwordless.create_code(PUBLIC, EMAIL)
    place = f"/admin/supertokens_django/user/{method.id}/tool"
    page: Any = admin_client.post(f"{place}/passwordless-codes/", {}, follow=True)
    assert "The codes have ended." in page.content.decode()
    assert not PasswordlessDevice.objects.exists()
    fields = {"email": "", "phone_number": "+36 30 123 4567"}
    page = admin_client.post(f"{place}/passwordless-contact/", fields, follow=True)
    assert f"Codes are sent to {NUMBER} now." in page.content.decode()
    found: Any = admin_client.get("/admin/supertokens_django/user/?q=%2B3630123")
    assert method.id in found.content.decode()
    assert get_user_model()._default_manager.filter(email=EMAIL).count() == 0
    assert json_of(Device().open(f"https://x/?preAuthSessionId=x#{'A' * 43}")) == RESTART
