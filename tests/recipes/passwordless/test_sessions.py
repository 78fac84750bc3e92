"""Sessions that are there already: before FDI 3.1 they take part, from then on only where the flag says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from supertokens_django.models import Session
from supertokens_django.recipes.passwordless.models import PasswordlessDevice
from supertokens_django.services import passwordless
from supertokens_django.users.models import LoginMethod, VerifiedEmail
from tests.assertions import (
    assert_json,
    assert_session_is_set,
    assert_session_is_untouched,
    assert_try_refresh_token,
    assert_unauthorised,
)
from tests.base import ALICE, Clock, sign_up, supertokens_settings
from tests.client import json_of
from tests.recipes.passwordless.device import (
    BOTH,
    EMAIL,
    NUMBER,
    OK,
    RESTART,
    Device,
    code_in,
    expired,
    incorrect,
    mailed_code,
    texts_of_mails,
    texts_of_sms,
    wrong,
)

pytestmark = pytest.mark.django_db

NEW = "liddell@example.com"
NEWEST_WITHOUT_FLAG = "3.0"
CANNOT_LINK = {
    "message": "shouldDoAutomaticAccountLinking returned false when creating primary user but "
    "shouldTryLinkingWithSessionUser is true"
}


@pytest.fixture
def member(device: Device, alice: str) -> Device:
    """Alice, signed in by her password."""
    device.sign_in(ALICE.email, ALICE.password)
    return device


@pytest.fixture
def old_member(member: Device) -> Device:
    member.fdi_version = NEWEST_WITHOUT_FLAG
    return member


class TestWithoutTheFlag:
    @pytest.mark.parametrize("flag", [{}, {"shouldTryLinkingWithSessionUser": False}])
    def test_a_session_is_not_looked_at_and_replaced(
        self, clock: Clock, member: Device, alice: str, flag: dict[str, Any]
    ) -> None:
        before = member.session_handle
        assert json_of(member.ask(NEW, **flag))["flowType"] == BOTH
        assert json_of(member.call("/resend", {**member.attempt, **flag})) == OK
        response = member.call("/consume", {**member.attempt, "userInputCode": mailed_code(), **flag})
        assert json_of(response)["createdNewRecipeUser"] is True
        assert_session_is_set(response, member.mode)
        assert member.user_id != alice
        assert member.session_handle != before

    def test_not_even_one_that_has_expired(self, clock: Clock, member: Device) -> None:
        clock.advance(3601)
        assert json_of(member.ask(NEW))["status"] == "OK"
        assert json_of(member.type(mailed_code()))["status"] == "OK"


class TestWithTheFlag:
    FLAG: dict[str, Any] = {"shouldTryLinkingWithSessionUser": True}

    def bodies(self, device: Device) -> dict[str, dict[str, Any]]:
        device.ask(NEW)
        kept = device.attempt
        return {
            "": {"email": NEW},
            "/resend": kept,
            "/consume": {**kept, "userInputCode": mailed_code()},
        }

    @pytest.mark.parametrize("path", ["", "/resend", "/consume"])
    def test_there_must_be_one(self, device: Device, path: str) -> None:
        body = self.bodies(device)[path]
        assert_unauthorised(device.call(path, {**body, **self.FLAG}))
        self.assert_nothing_was_done()

    @pytest.mark.parametrize("path", ["", "/resend", "/consume"])
    def test_accounts_are_not_linked(self, member: Device, path: str) -> None:
        body = self.bodies(member)[path]
        response = member.call(path, {**body, **self.FLAG})
        assert_json(response, 400, CANNOT_LINK)
        assert_session_is_untouched(response)
        self.assert_nothing_was_done()

    @pytest.mark.parametrize("path", ["", "/resend", "/consume"])
    def test_one_that_has_expired_is_to_be_refreshed(self, clock: Clock, member: Device, path: str) -> None:
        body = self.bodies(member)[path]
        clock.advance(3601)
        assert_try_refresh_token(member.call(path, {**body, **self.FLAG}))
        self.assert_nothing_was_done()

    @staticmethod
    def assert_nothing_was_done() -> None:
        (device,) = passwordless.list_codes_by_email("public", NEW)
        assert (len(device.codes), len(mail.outbox)) == (1, 1)
        assert not LoginMethod.objects.filter(recipe_id="passwordless").exists()


class TestOfOldClients:
    @pytest.mark.parametrize("contact", [(EMAIL, {}), (None, {"phoneNumber": NUMBER})])
    @pytest.mark.parametrize("flow", ["USER_INPUT_CODE", "MAGIC_LINK", BOTH])
    def test_who_is_signed_in_is_sent_codes_alone_whatever_the_settings_say(
        self, old_member: Device, flow: str, contact: tuple[str | None, dict[str, str]]
    ) -> None:
        email, others = contact
        with supertokens_settings(PASSWORDLESS={"FLOW_TYPE": flow}):
            answer = json_of(old_member.ask(email, **others))
            assert answer["flowType"] == "USER_INPUT_CODE"
            old_member.ask_again()
        for text in (*texts_of_mails(), *texts_of_sms()):
            assert "/verify?" not in text
            code_in(text)

    def test_an_expired_one_is_to_be_refreshed(self, clock: Clock, old_member: Device) -> None:
        clock.advance(3601)
        assert_try_refresh_token(old_member.call("", {"email": EMAIL}))
        assert mail.outbox == []

    def test_wrong_codes_are_answered_as_everywhere(self, clock: Clock, old_member: Device) -> None:
        """And they show nothing."""
        old_member.ask(ALICE.email)
        code = mailed_code()
        response = old_member.type(wrong(code))
        assert_json(response, 200, incorrect(1))
        assert_session_is_untouched(response)
        clock.advance(901)
        assert_json(old_member.type(code), 200, expired(2))
        link = f"https://acme.com/auth/verify?preAuthSessionId={old_member.attempt['preAuthSessionId']}"
        assert_json(old_member.open(f"{link}#{'A' * 43}"), 200, RESTART)
        assert_json(old_member.type(code), 200, expired(3))
        assert_json(old_member.type(code), 200, expired(4))
        assert_json(old_member.type(code), 200, RESTART)
        assert not VerifiedEmail.objects.exists()

    def test_the_tenant_is_that_of_the_session(self, device: Device, tenant_acme: str) -> None:
        sign_up(ALICE, tenant_acme)
        device.sign_in(ALICE.email, ALICE.password, tenant=tenant_acme)
        device.fdi_version = NEWEST_WITHOUT_FLAG
        device.ask(NEW)
        assert PasswordlessDevice.objects.get().tenant_id == tenant_acme
        assert json_of(device.ask_again(tenant="public")) == OK
        answer = json_of(device.type(mailed_code(), tenant="public"))
        assert (answer["status"], answer["user"]["tenantIds"]) == ("OK", [tenant_acme])
        assert device.access_token_payload["tId"] == tenant_acme

    def test_a_new_session_takes_the_place_of_the_old_one(self, old_member: Device, alice: str) -> None:
        before = old_member.session_handle
        old_member.ask(NEW)
        response = old_member.type(mailed_code())
        assert_session_is_set(response, old_member.mode)
        assert old_member.user_id != alice
        assert old_member.session_handle != before
        assert Session.objects.filter(pk=before).exists()
        # Of Alice's own address a code to another one shows nothing.
        assert not VerifiedEmail.objects.filter(user_id=alice).exists()
