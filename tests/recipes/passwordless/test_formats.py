"""Device ids, codes and links as SuperTokens' core makes them, computed here a second time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import uuid

import pytest

from supertokens_django.crypto.secrets import decrypt
from supertokens_django.recipes.passwordless import codes
from supertokens_django.recipes.passwordless.models import PasswordlessCode, PasswordlessDevice
from supertokens_django.services import passwordless
from tests.assertions import assert_json
from tests.base import PUBLIC, Clock, supertokens_settings
from tests.recipes.passwordless.device import EMAIL, NUMBER, RESTART, Device, mailed_code, mailed_link

pytestmark = pytest.mark.django_db


def base64url(raw: bytes, *, padded: bool = False) -> str:
    text = base64.urlsafe_b64encode(raw).decode()
    return text if padded else text.rstrip("=")


def test_the_link_is_an_hmac_of_the_code_by_device_and_salt(device: Device) -> None:
    device.ask()
    row, code = PasswordlessDevice.objects.get(), PasswordlessCode.objects.get()
    device_id = base64.b64decode(device.attempt["deviceId"], validate=True)
    salt = base64.b64decode(decrypt(row.link_code_salt), validate=True)
    secret = hmac.digest(device_id + salt, mailed_code().encode(), hashlib.sha256)
    assert mailed_link().partition("#")[2] == base64url(secret)
    assert code.link_code_hash == base64url(hashlib.sha256(secret).digest(), padded=True)
    assert (len(code.link_code_hash), code.tenant_id) == (44, PUBLIC)
    assert row.pk == device.attempt["preAuthSessionId"] == base64url(hashlib.sha256(device_id).digest())
    assert str(uuid.UUID(code.pk)) == code.pk


def test_each_device_has_a_salt_of_its_own() -> None:
    for _ in range(2):
        passwordless.create_code(PUBLIC, EMAIL)
    salts = {decrypt(row.link_code_salt) for row in PasswordlessDevice.objects.all()}
    assert len(salts) == 2


def test_codes_have_six_digits_also_where_the_first_is_a_nought() -> None:
    made = [codes.new_user_input_code() for _ in range(2000)]
    assert [code for code in made if not re.fullmatch(r"[0-9]{6}", code)] == []
    assert {code[0] for code in made} == set("0123456789")


def test_what_is_made_says_how_long_it_is_good(clock: Clock) -> None:
    with supertokens_settings(PASSWORDLESS={"CODE_LIFETIME": 61}):
        made = passwordless.create_code(PUBLIC, phone_number=NUMBER, user_input_code=" open sesame ")
        assert {row.expires_at.timestamp() for row in ends()} == {clock.now + 61}
        clock.advance(7)
        again = passwordless.create_new_code_for_device(PUBLIC, made.device_id)
    assert (made.user_input_code, made.code_life_time) == ("open sesame", 61_000)
    assert (again.code_life_time, again.time_created - made.time_created) == (61_000, 7_000)
    assert again.time_created == clock.milliseconds
    assert again.device_id == made.device_id
    assert again.pre_auth_session_id == made.pre_auth_session_id
    assert len({made.code_id, again.code_id, *PasswordlessCode.objects.values_list("pk", flat=True)}) == 2


def ends() -> list[PasswordlessDevice | PasswordlessCode]:
    """What goes when it has expired: too early, and the clean-up takes codes away that are good."""
    return [*PasswordlessDevice.objects.all(), *PasswordlessCode.objects.all()]


def test_the_lifetime_is_a_setting(clock: Clock, device: Device) -> None:
    with supertokens_settings(PASSWORDLESS={"CODE_LIFETIME": 60}):
        device.ask()
    clock.advance(60.001)
    assert_json(device.open(mailed_link()), 200, RESTART)


def test_a_link_that_is_no_base64_is_malformed(device: Device) -> None:
    device.ask()
    body = {"preAuthSessionId": device.attempt["preAuthSessionId"], "linkCode": "&&&"}
    assert_json(device.call("/consume", body), 400, {"message": "Please provide a valid linkCode"})
    assert PasswordlessDevice.objects.get().failed_attempts == 0


@pytest.mark.parametrize("cut", ["deviceId", "preAuthSessionId", "both"])
def test_padding_of_what_a_device_keeps_makes_no_difference(device: Device, cut: str) -> None:
    device.ask()
    kept = device.attempt
    if cut in ("deviceId", "both"):
        kept["deviceId"] = kept["deviceId"].rstrip("=")
    if cut in ("preAuthSessionId", "both"):
        kept["preAuthSessionId"] += "="
    assert device.ask_again().status_code == 200
    device.type(mailed_code())
    assert device.is_signed_in
