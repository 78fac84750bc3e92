"""``POST /signinup/code/consume``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest

from supertokens_django.exceptions import GeneralError
from supertokens_django.flow.attempt import Attempt
from supertokens_django.flow.gates import Gate
from supertokens_django.flow.signals import user_signed_in, user_signed_up
from supertokens_django.recipes.passwordless.models import PasswordlessDevice
from supertokens_django.services import emailpassword, session, users
from supertokens_django.users.models import LoginMethod, User, VerifiedEmail
from tests.assertions import assert_json, assert_session_is_set, assert_session_is_untouched
from tests.base import ALICE, BOB, Clock, supertokens_settings
from tests.client import json_of
from tests.recipes.passwordless.device import (
    EMAIL,
    NUMBER,
    RESTART,
    Device,
    code_in,
    expired,
    incorrect,
    link_in,
    mailed_code,
    mailed_link,
    refused,
    signed_in,
    texts_of_mails,
    texts_of_sms,
    user,
    wrong,
)

pytestmark = pytest.mark.django_db

BAD_ID = "Please provide a valid deviceId"


class TestSigningUp:
    def test_by_a_code(self, clock: Clock, device: Device) -> None:
        device.ask()
        response = device.type(mailed_code())
        made = user(device.user_id, clock.milliseconds, email=EMAIL)
        assert_json(response, 200, signed_in(made, is_new=True))
        assert_session_is_set(response, device.mode)
        assert device.get("/test/checked").status_code == 200

    def test_by_a_link_on_another_device(self, clock: Clock, device: Device) -> None:
        Device().ask()
        response = device.open(mailed_link())
        made = user(device.user_id, clock.milliseconds, email=EMAIL)
        assert_json(response, 200, signed_in(made, is_new=True))
        assert_session_is_set(response, device.mode)

    def test_by_a_phone_number(self, clock: Clock, device: Device) -> None:
        device.ask(None, phoneNumber="+36 30 123 4567")
        response = device.type(code_in(texts_of_sms()[0]))
        made = user(device.user_id, clock.milliseconds, phoneNumber=NUMBER)
        assert_json(response, 200, signed_in(made, is_new=True))
        assert not VerifiedEmail.objects.exists()

    def test_by_the_link_of_a_text_message(self, clock: Clock, device: Device) -> None:
        Device().ask(None, phoneNumber=NUMBER)
        response = device.open(link_in(texts_of_sms()[0]))
        made = user(device.user_id, clock.milliseconds, phoneNumber=NUMBER)
        assert_json(response, 200, signed_in(made, is_new=True))

    def test_in_a_tenant(self, clock: Clock, device: Device, tenant_acme: str) -> None:
        device.ask(tenant=tenant_acme)
        assert json_of(device.type(mailed_code())) == RESTART  # it is not of the tenant public
        response = device.type(mailed_code(), tenant=tenant_acme)
        made = user(device.user_id, clock.milliseconds, "acme", email=EMAIL)
        assert_json(response, 200, signed_in(made, is_new=True))
        assert device.access_token_payload["tId"] == "acme"

    @pytest.mark.parametrize("version", ["1.17", "2.0"])
    def test_an_old_client(self, clock: Clock, device: Device, version: str) -> None:
        device.fdi_version = version
        device.ask()
        answer = json_of(device.type(mailed_code()))
        old = {"id": device.user_id, "timeJoined": clock.milliseconds, "email": EMAIL}
        assert answer == {"status": "OK", "createdNewUser": True, "user": old}

    def test_an_old_client_with_a_number(self, clock: Clock, device: Device) -> None:
        device.fdi_version = "2.0"
        device.ask(None, phoneNumber=NUMBER)
        answer = json_of(device.type(code_in(texts_of_sms()[0])))
        old = {"id": device.user_id, "timeJoined": clock.milliseconds, "phoneNumber": NUMBER}
        assert answer == {"status": "OK", "createdNewUser": True, "user": old}


class TestSigningIn:
    def test_it_is_the_same_user_as_before(self, clock: Clock, device: Device) -> None:
        first = Device()
        first.ask()
        first.type(mailed_code())
        joined = clock.milliseconds
        clock.advance(timedelta(days=3))
        device.ask("Alice@example.com")
        response = device.type(mailed_code())
        known = user(first.user_id, joined, email=EMAIL)
        assert_json(response, 200, signed_in(known, is_new=False))
        assert_session_is_set(response, device.mode)
        assert session.get_all_session_handles_for_user(first.user_id)

    def test_an_account_with_a_password_is_another_one(self, device: Device, alice: str) -> None:
        device.ask(ALICE.email)
        with supertokens_settings(DJANGO_USER={"CREATE": False}):
            assert json_of(device.type(mailed_code()))["createdNewRecipeUser"] is True
        assert device.user_id != alice

    def test_each_tenant_has_its_own(self, device: Device, tenant_acme: str) -> None:
        device.ask()
        device.type(mailed_code())
        first = device.user_id
        device.ask(tenant=tenant_acme)
        assert json_of(device.type(mailed_code(), tenant=tenant_acme))["createdNewRecipeUser"] is True
        assert device.user_id != first

    def test_it_proves_the_address(self, device: Device) -> None:
        from supertokens_django.services import passwordless

        method, _ = passwordless.signinup("public", EMAIL)
        passwordless.update_user(method.id, email="new@example.com")
        found = users.get_user(method.id)
        assert found is not None
        assert not VerifiedEmail.objects.filter(email="new@example.com").exists()
        device.ask("new@example.com")
        answer = json_of(device.type(mailed_code()))
        assert answer["user"]["loginMethods"][0]["verified"] is True

    def test_a_user_who_is_switched_off_is_refused_and_the_code_stays(self, device: Device) -> None:
        first = Device()
        first.ask()
        first.type(mailed_code())
        get_user_model()._default_manager.update(is_active=False)
        device.ask()
        response = device.type(mailed_code())
        assert_json(response, 200, refused("ERR_CODE_003"))
        assert_session_is_untouched(response)
        get_user_model()._default_manager.update(is_active=True)
        assert json_of(device.type(mailed_code()))["status"] == "OK"


class TestOnce:
    def test_a_code_works_once(self, device: Device) -> None:
        device.ask()
        device.type(mailed_code())
        assert json_of(device.type(mailed_code())) == RESTART

    def test_code_and_link_are_one(self, device: Device) -> None:
        device.ask()
        device.open(mailed_link())
        assert json_of(device.type(mailed_code())) == RESTART
        assert json_of(device.open(mailed_link())) == RESTART

    def test_all_that_was_sent_to_the_contact_ends(self, device: Device) -> None:
        other, somebody_else = Device(), Device()
        other.ask()
        code_of_other = mailed_code()
        somebody_else.ask(BOB.email)
        code_of_somebody_else = mailed_code()
        device.ask()
        device.ask_again()
        device.type(mailed_code())
        assert json_of(other.type(code_of_other)) == RESTART
        assert PasswordlessDevice.objects.get().email == BOB.email
        assert json_of(somebody_else.type(code_of_somebody_else))["status"] == "OK"
        assert not PasswordlessDevice.objects.exists()


class TestWrongCodes:
    def test_four_are_counted_and_the_fifth_ends_it(self, device: Device) -> None:
        device.ask()
        code = mailed_code()
        answers = [json_of(device.type(wrong(code))) for _ in range(5)]
        assert answers == [incorrect(1), incorrect(2), incorrect(3), incorrect(4), RESTART]
        response = device.type(code)
        assert_json(response, 200, RESTART)
        assert_session_is_untouched(response)
        assert not PasswordlessDevice.objects.exists()
        assert not User.objects.exists()

    def test_the_right_one_is_good_after_four(self, device: Device) -> None:
        device.ask()
        code = mailed_code()
        for _ in range(4):
            device.type(wrong(code))
        assert json_of(device.type(code))["status"] == "OK"

    def test_a_new_code_does_not_give_new_tries(self, device: Device) -> None:
        device.ask()
        device.type(wrong(mailed_code()))
        device.ask_again()
        assert json_of(device.type("abc")) == incorrect(2)

    def test_as_many_as_are_set(self, device: Device) -> None:
        with supertokens_settings(PASSWORDLESS={"MAX_CODE_INPUT_ATTEMPTS": 2}):
            device.ask()
            code = mailed_code()
            assert json_of(device.type(wrong(code))) == incorrect(1, 2)
            assert json_of(device.type(wrong(code))) == RESTART

    def test_a_lower_limit_ends_devices_that_are_above_it(self, device: Device) -> None:
        device.ask()
        code = mailed_code()
        for _ in range(3):
            device.type(wrong(code))
        with supertokens_settings(PASSWORDLESS={"MAX_CODE_INPUT_ATTEMPTS": 3}):
            assert json_of(device.type(code)) == RESTART
        assert not PasswordlessDevice.objects.exists()

    def test_an_expired_one_counts_like_a_wrong_one(self, clock: Clock, device: Device) -> None:
        device.ask()
        code = mailed_code()
        device.type(wrong(code))
        clock.advance(900)
        clock.advance(0.001)
        answers = [json_of(device.type(code)) for _ in range(4)]
        assert answers == [expired(2), expired(3), expired(4), RESTART]

    def test_it_is_good_to_the_last_millisecond(self, clock: Clock, device: Device) -> None:
        device.ask()
        clock.advance(900)
        assert json_of(device.type(mailed_code()))["status"] == "OK"

    def test_a_newer_code_is_good_when_the_first_has_expired(self, clock: Clock, device: Device) -> None:
        device.ask()
        first = mailed_code()
        clock.advance(600)
        device.ask_again()
        second = mailed_code()
        clock.advance(600)
        assert json_of(device.type(first)) == expired(1)
        assert json_of(device.type(second))["status"] == "OK"

    def test_signals_name_no_code(self, device: Device) -> None:
        heard: list[Any] = []

        def note(**arguments: Any) -> None:
            heard.append(arguments["credentials"])

        user_login_failed.connect(note)
        device.ask()
        device.type(wrong(mailed_code()))
        user_login_failed.disconnect(note)
        assert heard == [{"pre_auth_session_id": device.attempt["preAuthSessionId"]}]


class TestLinks:
    def test_an_expired_one_starts_over_and_counts_nothing(self, clock: Clock, device: Device) -> None:
        device.ask()
        clock.advance(901)
        assert json_of(device.open(mailed_link())) == RESTART
        assert PasswordlessDevice.objects.get().failed_attempts == 0

    def test_a_made_up_one_starts_over_and_counts_nothing(self, device: Device) -> None:
        device.ask()
        link = mailed_link().partition("#")[0] + "#" + "A" * 43
        assert json_of(device.open(link)) == RESTART
        assert PasswordlessDevice.objects.get().failed_attempts == 0

    def test_who_knows_the_device_cannot_make_one(self, device: Device) -> None:
        """The salt is the server's: otherwise the counter of wrong codes could be passed by."""
        from supertokens_django.recipes.passwordless import codes

        device.ask()
        guess = codes.link_code_of(device.attempt["deviceId"], "", mailed_code())
        assert json_of(device.open(mailed_link().partition("#")[0] + "#" + guess)) == RESTART

    def test_one_of_another_device_is_malformed(self, device: Device) -> None:
        device.ask()
        first = mailed_link()
        device.ask()
        mixed = first.partition("#")[0] + "#" + mailed_link().partition("#")[2]
        text = "preAuthSessionId and linkCode do not belong together"
        assert_json(device.open(mixed), 400, {"message": text})

    def test_padding_makes_no_difference(self, device: Device) -> None:
        device.ask()
        link = mailed_link().replace("&tenantId", "%3D&tenantId") + "="
        assert json_of(device.open(link))["status"] == "OK"


class TestMalformed:
    ONE_OF = "Please provide one of (linkCode) or (deviceId+userInputCode) and not both"

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({}, "Please provide preAuthSessionId"),
            ({"preAuthSessionId": 7}, "The preAuthSessionId must be a string"),
            ({"preAuthSessionId": "x"}, ONE_OF),
            ({"preAuthSessionId": "x", "linkCode": "l", "deviceId": "d"}, ONE_OF),
            ({"preAuthSessionId": "x", "linkCode": "l", "userInputCode": "1"}, ONE_OF),
            ({"preAuthSessionId": "x", "deviceId": "d"}, "Please provide both deviceId and userInputCode"),
            (
                {"preAuthSessionId": "x", "userInputCode": "1"},
                "Please provide both deviceId and userInputCode",
            ),
            (
                {"preAuthSessionId": "x", "deviceId": "d", "userInputCode": 1},
                "The userInputCode must be a string",
            ),
        ],
    )
    def test_it_says_what_is_missing(self, device: Device, body: dict[str, Any], text: str) -> None:
        assert_json(device.call("/consume", body), 400, {"message": text})

    def test_an_unknown_device_starts_over_whatever_the_rest_is(self, device: Device) -> None:
        body = {"preAuthSessionId": "unknown", "deviceId": "&&&", "userInputCode": "1"}
        assert_json(device.call("/consume", body), 200, RESTART)
        assert_json(device.call("/consume", {"preAuthSessionId": "é" * 99, "linkCode": "&"}), 200, RESTART)

    def test_ids_that_do_not_belong_together(self, device: Device) -> None:
        device.ask()
        kept = device.attempt
        device.ask()
        body = {**kept, "deviceId": device.attempt["deviceId"], "userInputCode": mailed_code()}
        text = "preAuthSessionId and deviceId do not belong together"
        assert_json(device.call("/consume", body), 400, {"message": text})
        body = {**kept, "deviceId": "&&&", "userInputCode": "1"}
        assert_json(device.call("/consume", body), 400, {"message": BAD_ID})
        assert {row.failed_attempts for row in PasswordlessDevice.objects.all()} == {0}

    def test_an_empty_code_starts_over(self, device: Device) -> None:
        device.ask()
        assert json_of(device.type("  ")) == RESTART

    def test_an_unknown_tenant(self, device: Device) -> None:
        body = {"preAuthSessionId": "x", "linkCode": "y"}
        text = "Tenant with the following tenantId not found: nowhere"
        assert_json(device.call("/consume", body, tenant="nowhere"), 400, {"message": text})


class TestPipeline:
    def test_gates_see_the_factor(self, device: Device) -> None:
        seen: list[tuple[str, bool, str | None, str | None]] = []

        class Watching(Gate):
            def check(self, attempt: Attempt, request: HttpRequest) -> None:
                seen.append((attempt.factor_id, attempt.is_sign_up, attempt.email, attempt.phone_number))

        with supertokens_settings(FLOW_GATES=[Watching]):
            device.ask()
            device.type(mailed_code())
            device.ask()
            device.open(mailed_link())
            device.ask(None, phoneNumber=NUMBER)
            device.type(code_in(texts_of_sms()[0]))
            device.ask(None, phoneNumber=NUMBER)
            device.open(link_in(texts_of_sms()[1]))
        assert seen == [
            ("otp-email", True, EMAIL, None),
            ("link-email", False, EMAIL, None),
            ("otp-phone", True, None, NUMBER),
            ("link-phone", False, None, NUMBER),
        ]

    def test_a_gate_that_refuses_leaves_the_code_good(self, device: Device) -> None:
        class Closed(Gate):
            def check(self, attempt: Attempt, request: HttpRequest) -> None:
                raise GeneralError("Closed on Sundays")

        device.ask()
        with supertokens_settings(FLOW_GATES=[Closed]):
            response = device.type(mailed_code())
        assert_json(response, 200, {"status": "GENERAL_ERROR", "message": "Closed on Sundays"})
        assert_session_is_untouched(response)
        assert not User.objects.exists()
        assert json_of(device.type(mailed_code()))["status"] == "OK"

    def test_signals_go_out(self, device: Device) -> None:
        heard: list[str] = []
        receivers = {
            signal: lambda name=name, **_: heard.append(name)
            for name, signal in {
                "up": user_signed_up,
                "in": user_signed_in,
                "django": user_logged_in,
            }.items()
        }
        for signal, receiver in receivers.items():
            signal.connect(receiver)
        device.ask()
        device.type(mailed_code())
        for signal, receiver in receivers.items():
            signal.disconnect(receiver)
        assert heard == ["django", "up", "in"]

    def test_the_session_of_an_old_client_has_its_address_verified(self, device: Device, alice: str) -> None:
        device.sign_in(ALICE.email, ALICE.password)
        device.fdi_version = "3.0"
        device.ask(ALICE.email)
        with supertokens_settings(DJANGO_USER={"CREATE": False}):
            assert json_of(device.type(mailed_code()))["status"] == "OK"
        assert VerifiedEmail.objects.filter(user_id=alice, email=ALICE.email).exists()
        assert device.user_id != alice


class TestDjangoUsers:
    def test_an_address_becomes_theirs(self, device: Device) -> None:
        device.ask()
        device.type(mailed_code())
        made = get_user_model()._default_manager.get()
        assert (made.email, made.get_username()) == (EMAIL, device.user_id)
        assert not made.has_usable_password()

    def test_somebody_with_a_number_has_an_empty_one(self, device: Device) -> None:
        for number in (NUMBER, "+36301234568"):
            device.ask(None, phoneNumber=number)
            assert json_of(device.type(code_in(texts_of_sms()[-1])))["status"] == "OK"
        found = get_user_model()._default_manager.all()
        assert {row.email for row in found} == {""}
        assert len({row.get_username() for row in found}) == 2

    def test_a_hook_may_keep_the_number(self, device: Device) -> None:
        def fields(_: User, method: LoginMethod) -> dict[str, Any]:
            return {"last_name": method.phone_number or ""}

        with supertokens_settings(DJANGO_USER={"FIELDS": fields}):
            device.ask(None, phoneNumber=NUMBER)
            device.type(code_in(texts_of_sms()[0]))
        assert get_user_model()._default_manager.get().last_name == NUMBER

    def test_a_unique_field_that_is_taken_refuses_and_leaves_the_code_good(self, device: Device) -> None:
        get_user_model()._default_manager.create(username="taken")
        device.ask()
        with supertokens_settings(DJANGO_USER={"FIELDS": lambda *_: {"username": "taken"}}):
            assert_json(device.type(mailed_code()), 200, refused("ERR_CODE_002"))
        assert not User.objects.exists()
        assert json_of(device.type(mailed_code()))["status"] == "OK"


def test_a_session_made_by_a_code_is_like_any_other(device: Device, bob: str) -> None:
    device.ask()
    device.type(mailed_code())
    assert device.refresh().status_code == 200
    assert json_of(device.sign_out()) == {"status": "OK"}
    assert emailpassword.email_exists("public", BOB.email)
    assert len(texts_of_mails()) == 1
