"""``POST /signinup/code``."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from django.core import mail
from django.test import TestCase
from django.utils import translation

from supertokens_django.recipes.passwordless.models import PasswordlessCode, PasswordlessDevice
from supertokens_django.services import passwordless
from supertokens_django.users.models import User
from tests.assertions import assert_json, assert_session_is_untouched
from tests.base import ALICE, Clock, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.passwordless.device import (
    BOTH,
    EMAIL,
    NUMBER,
    Device,
    code_in,
    link_in,
    mailed_code,
    mailed_link,
    refused,
    texts_of_mails,
    texts_of_sms,
)

pytestmark = pytest.mark.django_db


def settings(**values: Any) -> supertokens_settings:
    return supertokens_settings(PASSWORDLESS=values)


def general(text: str) -> dict[str, str]:
    return {"status": "GENERAL_ERROR", "message": text}


def test_it_answers_with_what_the_device_has_to_keep(device: Device) -> None:
    response = device.ask()
    answer = json_of(response)
    kept = {name: answer[name] for name in ("deviceId", "preAuthSessionId")}
    assert_json(response, 200, {"status": "OK", **kept, "flowType": BOTH})
    assert_session_is_untouched(response)
    raw = base64.b64decode(answer["deviceId"], validate=True)
    assert (len(raw), len(answer["deviceId"])) == (32, 44)
    hashed = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).decode()
    assert answer["preAuthSessionId"] == hashed.rstrip("=")


def test_the_mail_has_code_and_link(device: Device) -> None:
    device.ask()
    (message,) = mail.outbox
    assert message.to == [EMAIL]
    assert len(mailed_code()) == 6
    key = device.attempt["preAuthSessionId"]
    head, _, fragment = mailed_link().partition("#")
    assert head == f"https://acme.com/auth/verify?preAuthSessionId={key}&tenantId=public"
    assert len(fragment) == 43


def test_no_user_is_made_before_the_code_comes_back(device: Device) -> None:
    device.ask()
    assert not User.objects.exists()


def test_a_number_is_sent_a_text_message(device: Device) -> None:
    assert json_of(device.ask(None, phoneNumber=" +36 (30) 123-4567 "))["status"] == "OK"
    (text,) = texts_of_sms()
    assert len(code_in(text)) == 6
    assert link_in(text).startswith("https://acme.com/auth/verify?preAuthSessionId=")
    assert mail.outbox == []
    assert PasswordlessDevice.objects.get().phone_number == NUMBER


def test_an_address_is_stored_in_lower_case(device: Device) -> None:
    device.ask("  Alice@Example.COM ")
    assert PasswordlessDevice.objects.get().email == EMAIL
    assert mail.outbox[0].to == [EMAIL]


class TestWhatIsStored:
    def test_neither_code_nor_link_nor_device_id(self, device: Device) -> None:
        device.ask()
        rows = repr([*PasswordlessDevice.objects.values(), *PasswordlessCode.objects.values()])
        for secret in (mailed_code(), mailed_link().partition("#")[2], device.attempt["deviceId"]):
            assert secret not in rows

    def test_the_salt_is_encrypted(self, device: Device) -> None:
        from supertokens_django.crypto.secrets import decrypt

        device.ask()
        salt = decrypt(PasswordlessDevice.objects.get().link_code_salt)
        assert len(base64.b64decode(salt, validate=True)) == 32

    def test_secrets_are_in_no_repr(self) -> None:
        made = passwordless.create_code("public", EMAIL)
        for secret in (made.user_input_code, made.link_code, made.device_id):
            assert secret not in repr(made)


class TestFlowTypes:
    @pytest.mark.parametrize(
        ("flow", "code", "link"),
        [("USER_INPUT_CODE", True, False), ("MAGIC_LINK", False, True), (BOTH, True, True)],
    )
    def test_the_message_has_what_is_asked_for(
        self, device: Device, flow: str, code: bool, link: bool
    ) -> None:
        with settings(FLOW_TYPE=flow):
            assert json_of(device.ask())["flowType"] == flow
            device.ask(None, phoneNumber=NUMBER)
        for text in (*texts_of_mails(), *texts_of_sms()):
            assert ("/verify?" in text) is link
            without_link = text.replace(link_in(text), "") if link else text
            assert any(word.isdigit() and len(word) == 6 for word in without_link.split()) is code

    def test_who_is_signed_in_is_sent_a_code_alone(self, device: Device, alice: str) -> None:
        """Before FDI 3.1 a session takes part without being asked to."""
        device.sign_in(ALICE.email, ALICE.password)
        device.fdi_version = "3.0"
        assert json_of(device.ask())["flowType"] == "USER_INPUT_CODE"
        assert "/verify?" not in texts_of_mails()[0]


class TestRefusals:
    @pytest.mark.parametrize("email", ["", "alice", "alice@", "a b@example.com", "x" * 250 + "@example.com"])
    def test_a_bad_address(self, device: Device, email: str) -> None:
        assert_json(device.call("", {"email": email}), 200, general("Email is invalid"))
        assert not PasswordlessDevice.objects.exists()

    @pytest.mark.parametrize("number", ["", "123", "0036301234567", "+3630", "+" + "1" * 40, "call me"])
    def test_a_bad_number(self, device: Device, number: str) -> None:
        assert_json(device.call("", {"phoneNumber": number}), 200, general("Phone number is invalid"))

    def test_a_rule_of_the_project_decides_instead(self, device: Device) -> None:
        def only_acme(value: str, tenant_id: str) -> str | None:
            return None if value.endswith("@acme.com") else f"Not at {tenant_id}"

        with settings(VALIDATE_EMAIL_ADDRESS=only_acme, VALIDATE_PHONE_NUMBER=lambda value: "No phones"):
            assert json_of(device.ask()) == general("Not at public")
            assert json_of(device.ask(None, phoneNumber=NUMBER)) == general("No phones")
            assert json_of(device.ask("x@acme.com"))["status"] == "OK"

    def test_a_rule_of_the_project_is_told_the_tenant(self, device: Device, tenant_acme: str) -> None:
        def refuse(value: str, tenant_id: str) -> str:
            return f"{value} is not welcome at {tenant_id}"

        with settings(VALIDATE_EMAIL_ADDRESS=refuse, VALIDATE_PHONE_NUMBER=refuse):
            answer = device.call("", {"email": " Bob@b.co "}, tenant=tenant_acme)
            assert_json(answer, 200, general("Bob@b.co is not welcome at acme"))
            answer = device.call("", {"phoneNumber": " 007 "}, tenant=tenant_acme)
            assert_json(answer, 200, general("007 is not welcome at acme"))

    def test_a_rule_of_the_project_takes_nothing_that_cannot_be_stored(self, device: Device) -> None:
        with settings(VALIDATE_EMAIL_ADDRESS=lambda value: None, VALIDATE_PHONE_NUMBER=lambda value: None):
            assert json_of(device.ask("x" * 300)) == general("Email is invalid")
            assert json_of(device.ask(None, phoneNumber="1" * 33)) == general("Phone number is invalid")
            assert json_of(device.ask(None, phoneNumber="1" * 32))["status"] == "OK"

    @pytest.mark.parametrize("body", [{}, {"email": EMAIL, "phoneNumber": NUMBER}, {"email": None}])
    def test_both_contacts_or_none(self, device: Device, body: dict[str, Any]) -> None:
        text = "Please provide exactly one of email or phoneNumber"
        assert_json(device.call("", body), 400, {"message": text})

    def test_a_contact_that_is_not_wanted(self, device: Device) -> None:
        with settings(CONTACT_METHOD="EMAIL"):
            text = 'Please provide an email since you have set the contactMethod to "EMAIL"'
            assert_json(device.call("", {"phoneNumber": NUMBER}), 400, {"message": text})
        with settings(CONTACT_METHOD="PHONE"):
            text = 'Please provide a phoneNumber since you have set the contactMethod to "PHONE"'
            assert_json(device.call("", {"email": EMAIL}), 400, {"message": text})

    @pytest.mark.parametrize("name", ["email", "phoneNumber"])
    def test_a_contact_that_is_no_text(self, device: Device, name: str) -> None:
        assert_json(device.call("", {name: 7}), 400, {"message": f"The {name} must be a string"})

    def test_a_bad_number_where_numbers_alone_are_wanted(self, device: Device) -> None:
        with settings(CONTACT_METHOD="PHONE"):
            answer = device.call("", {"phoneNumber": "0301234567"})
        assert_json(answer, 200, general("Phone number is invalid"))

    @pytest.mark.parametrize("path", ["", "/resend", "/consume"])
    def test_json_null(self, device: Device, path: str) -> None:
        response = device.request("POST", f"/auth/signinup/code{path}", body=b"null")
        assert_json(response, 400, {"message": "Please provide a JSON body"})

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("", "Please provide exactly one of email or phoneNumber"),
            ("/resend", "Please provide preAuthSessionId"),
            ("/consume", "Please provide preAuthSessionId"),
        ],
    )
    @pytest.mark.parametrize("body", [b"", b"no json", b"{"])
    def test_what_is_no_json_counts_as_an_empty_object(
        self, device: Device, path: str, message: str, body: bytes
    ) -> None:
        response = device.request("POST", f"/auth/signinup/code{path}", body=body)
        assert_json(response, 400, {"message": message})

    def test_an_address_that_stands_for_none(self, device: Device) -> None:
        assert json_of(device.ask("alice@stfakeemail.supertokens.com")) == refused("ERR_CODE_002")
        assert mail.outbox == []

    @pytest.mark.parametrize("language", ["de", "es", "fr", "ja"])
    def test_frontends_translate_the_texts_themselves(self, device: Device, language: str) -> None:
        """They are keys of their catalogues, and so the same to everybody (FDI)."""
        with translation.override(language), settings(GET_CUSTOM_USER_INPUT_CODE=lambda tenant_id: "1234"):
            assert json_of(device.call("", {"email": "alice"})) == general("Email is invalid")
            assert json_of(device.call("", {"phoneNumber": "1"})) == general("Phone number is invalid")
            assert json_of(device.ask("a@b.fakeemail.com")) == refused("ERR_CODE_002")
            device.ask()
            answer = json_of(device.ask_again())
        assert answer == general("Failed to generate a one time code. Please try again")

    def test_an_unknown_tenant(self, device: Device) -> None:
        text = "Tenant with the following tenantId not found: nowhere"
        assert_json(device.call("", {"email": EMAIL}, tenant="nowhere"), 400, {"message": text})


class TestCustomCodes:
    def test_it_is_asked_once_for_each(self, device: Device) -> None:
        asked: list[str] = []

        def next_code(tenant_id: str) -> str:
            asked.append(tenant_id)
            return f"rabbit-{len(asked)}"

        with settings(GET_CUSTOM_USER_INPUT_CODE=next_code):
            device.ask()
            assert "rabbit-1" in texts_of_mails()[0]
            device.ask_again()
            assert "rabbit-2" in texts_of_mails()[1]
            assert asked == ["public", "public"]
            assert json_of(device.type(" rabbit-1 "))["status"] == "OK"

    def test_one_that_repeats_itself_is_given_up_after_three_tries(self, device: Device) -> None:
        asked: list[str] = []

        def always_the_same(tenant_id: str) -> str:
            asked.append(tenant_id)
            return "1234"

        with settings(GET_CUSTOM_USER_INPUT_CODE=always_the_same):
            device.ask()
            answer = json_of(device.ask_again())
        assert answer == general("Failed to generate a one time code. Please try again")
        assert len(asked) == 4
        assert (len(mail.outbox), PasswordlessCode.objects.count()) == (1, 1)


def test_the_link_says_which_tenant(device: Device, tenant_acme: str) -> None:
    device.ask(tenant=tenant_acme)
    assert "&tenantId=acme#" in mailed_link()
    assert PasswordlessDevice.objects.get().tenant_id == "acme"


def test_the_origin_may_depend_on_the_request(device: Device) -> None:
    shop = {"origin": "https://shop.acme.com"}
    with (
        supertokens_settings(ORIGIN=lambda request: request and request.headers.get("origin", "")),
        TestCase.captureOnCommitCallbacks(execute=True),
    ):
        response = device.request("POST", "/auth/signinup/code", json_body={"email": EMAIL}, headers=shop)
        again = {name: json_of(response)[name] for name in ("deviceId", "preAuthSessionId")}
        device.request("POST", "/auth/signinup/code/resend", json_body=again, headers=shop)
    assert [link_in(text).partition("?")[0] for text in texts_of_mails()] == [
        "https://shop.acme.com/auth/verify",
        "https://shop.acme.com/auth/verify",
    ]


@pytest.mark.parametrize("path", ["", "/resend", "/consume"])
def test_it_is_not_there_by_another_method_or_switched_off(device: Device, path: str) -> None:
    name = path.removeprefix("/") or "code"
    assert device.get(f"/auth/signinup/code{path}").status_code == 404
    with supertokens_settings(DISABLED_ENDPOINTS=[f"passwordless:{name}"]):
        assert device.post(f"/auth/signinup/code{path}", {"email": EMAIL}).status_code == 404
    assert device.post(f"/auth/signinup/code{path}", {"email": EMAIL}).status_code != 404


def test_it_is_not_there_while_the_recipe_is_off(clock: Clock) -> None:
    with supertokens_settings(RECIPES=["emailpassword"]):
        for path in ("", "/resend", "/consume"):
            response = FrontendClient().post(f"/auth/signinup/code{path}", {"email": EMAIL})
            assert response.status_code == 404
