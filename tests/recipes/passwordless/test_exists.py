"""``GET /passwordless/email/exists`` and ``/passwordless/phonenumber/exists``, and their older paths."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from supertokens_django.services import passwordless
from supertokens_django.users.accounts import AccountInfo
from supertokens_django.users.models import LoginIdentity, LoginMethod
from tests.assertions import assert_json
from tests.base import ALICE, supertokens_settings
from tests.client import json_of
from tests.recipes.passwordless.device import EMAIL, NUMBER, Device

pytestmark = pytest.mark.django_db

NUMBER_PATHS = [
    "/passwordless/phonenumber/exists",
    "/passwordless/phoneNumber/exists",
    "/signup/phonenumber/exists",
    "/signup/phoneNumber/exists",
]


def exists(answer: bool) -> dict[str, Any]:
    return {"status": "OK", "exists": answer}


@pytest.mark.parametrize("path", ["/passwordless/email/exists", "/signup/email/exists"])
def test_an_address_that_codes_are_sent_to(device: Device, path: str) -> None:
    assert_json(device.exists(path, email=EMAIL), 200, exists(False))
    passwordless.signinup("public", EMAIL)
    assert_json(device.exists(path, email=f" {EMAIL.upper()} "), 200, exists(True))
    assert_json(device.exists(path, email="nonsense\x00"), 200, exists(False))
    assert_json(device.exists(path), 400, {"message": "Please provide the email as a GET param"})


@pytest.mark.parametrize("path", NUMBER_PATHS)
def test_a_number(device: Device, path: str) -> None:
    assert_json(device.exists(path, phoneNumber=NUMBER), 200, exists(False))
    passwordless.signinup("public", phone_number=NUMBER)
    assert_json(device.exists(path, phoneNumber="+36 30 123-4567"), 200, exists(True))
    assert_json(device.exists(path, phoneNumber="nonsense\x00"), 200, exists(False))
    assert_json(device.exists(path), 400, {"message": "Please provide the phoneNumber as a GET param"})


def test_an_account_with_a_password_does_not_count(device: Device, alice: str) -> None:
    assert json_of(device.exists("/passwordless/email/exists", email=ALICE.email)) == exists(False)


@pytest.mark.parametrize("path", NUMBER_PATHS[::2])
def test_a_number_counts_by_whatever_somebody_signs_in(device: Device, alice: str, path: str) -> None:
    method = LoginMethod.objects.get(pk=alice)
    for kind, key in AccountInfo(phone_number=NUMBER).identities().items():
        LoginIdentity.of(method, "public", kind, key).save()
    assert method.recipe_id == "emailpassword"
    assert_json(device.exists(path, phoneNumber=NUMBER), 200, exists(True))


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/auth/passwordless/email/exists", "email", EMAIL),
        ("/auth/passwordless/phonenumber/exists", "phoneNumber", quote(NUMBER)),
    ],
)
def test_of_a_repeated_parameter_the_last_one_counts(
    device: Device, path: str, name: str, value: str
) -> None:
    passwordless.signinup("public", EMAIL)
    passwordless.signinup("public", phone_number=NUMBER)
    assert_json(device.get(f"{path}?{name}=x&{name}={value}"), 200, exists(True))
    assert_json(device.get(f"{path}?{name}={value}&{name}=x"), 200, exists(False))


def test_each_tenant_has_its_own(device: Device, tenant_acme: str) -> None:
    passwordless.signinup("public", EMAIL)
    assert json_of(device.exists("/acme/passwordless/email/exists", email=EMAIL)) == exists(False)
    text = "Tenant with the following tenantId not found: nowhere"
    for path in ("/nowhere/passwordless/email/exists", "/nowhere/passwordless/phonenumber/exists"):
        response = device.exists(path, email="x@example.com", phoneNumber=NUMBER)
        assert_json(response, 400, {"message": text})


class TestSharedPath:
    """``/signup/email/exists`` is that of both recipes."""

    PATH = "/signup/email/exists"

    @pytest.mark.parametrize("order", [["emailpassword", "passwordless"], ["passwordless", "emailpassword"]])
    @pytest.mark.parametrize(
        ("rid", "has_password"),
        [
            ("emailpassword", True),
            ("thirdpartyemailpassword", True),
            ("passwordless", False),
            ("thirdpartypasswordless", False),
            ("anti-csrf", None),
            ("random", None),
        ],
    )
    def test_rid_decides_and_else_the_order(
        self, device: Device, alice: str, order: list[str], rid: str, has_password: bool | None
    ) -> None:
        """Alice has a password, and no codes are sent to her."""
        expected = order[0] == "emailpassword" if has_password is None else has_password
        with supertokens_settings(RECIPES=order):
            assert json_of(device.exists(self.PATH, rid=rid, email=ALICE.email)) == exists(expected)

    def test_one_that_is_off_does_not_answer(self, device: Device, alice: str) -> None:
        with supertokens_settings(RECIPES=["passwordless"]):
            assert json_of(device.exists(self.PATH, rid="emailpassword", email=ALICE.email)) == exists(False)
        with supertokens_settings(RECIPES=["emailpassword"]):
            assert json_of(device.exists(self.PATH, email=ALICE.email)) == exists(True)
        with supertokens_settings(DISABLED_ENDPOINTS=["emailpassword:email_exists"]):
            assert json_of(device.exists(self.PATH, rid="emailpassword", email=ALICE.email)) == exists(False)
        disabled = ["emailpassword:email_exists", "passwordless:email_exists"]
        with supertokens_settings(DISABLED_ENDPOINTS=disabled):
            assert device.exists(self.PATH, email=ALICE.email).status_code == 404


def test_without_the_package_addresses_are_enough(device: Device) -> None:
    with supertokens_settings(PASSWORDLESS={"CONTACT_METHOD": "EMAIL"}):
        answer = json_of(device.exists("/passwordless/phonenumber/exists", phoneNumber=NUMBER))
    assert answer == exists(False)


def test_it_may_be_hidden_who_has_an_account(device: Device) -> None:
    passwordless.signinup("public", EMAIL)
    passwordless.signinup("public", phone_number=NUMBER)
    with supertokens_settings(HIDE_ACCOUNT_EXISTENCE=True):
        for path in ("/passwordless/email/exists", "/signup/email/exists"):
            assert json_of(device.exists(path, email=EMAIL)) == exists(False)
        assert json_of(device.exists(NUMBER_PATHS[0], phoneNumber=NUMBER)) == exists(False)
