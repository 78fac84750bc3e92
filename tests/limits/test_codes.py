"""Codes to sign in by: nobody's mailbox is filled, on however many devices, and nobody keeps the owner from theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import TestCase

from supertokens_django.delivery.backends import locmem
from supertokens_django.services import passwordless, ratelimits
from tests.base import Clock, supertokens_settings
from tests.client import json_of
from tests.limits.conftest import HOME, VisitorFrom, rates, too_many
from tests.recipes.passwordless.device import (
    EMAIL,
    NUMBER,
    OK,
    RECIPES,
    RESTART,
    code_in,
    mailed_code,
    mailed_link,
    texts_of_sms,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _recipe_is_on(limits: None) -> Iterator[None]:
    locmem.outbox.clear()
    with supertokens_settings(**RECIPES):
        yield
    locmem.outbox.clear()


def call(path: str, body: dict[str, Any], address: str = HOME) -> dict[str, Any]:
    with TestCase.captureOnCommitCallbacks(execute=True):
        response = VisitorFrom(address).post(
            f"/auth/signinup/code{path}", body, headers={"rid": "passwordless"}
        )
    return dict(json_of(response))


def ask(address: str = HOME, **contact: str) -> dict[str, str]:
    answer = call("", contact or {"email": EMAIL}, address)
    return {name: answer[name] for name in ("deviceId", "preAuthSessionId")}


def fill(number: int, elsewhere: str = "198.51.100") -> list[str]:
    """Somebody who has many addresses asks for codes to one mailbox."""
    bodies = (call("", {"email": EMAIL}, f"{elsewhere}.{n}") for n in range(1, number + 1))
    return [body["status"] for body in bodies]


class TestAskingAgain:
    def test_another_contact_in_the_request_is_nobody_else(self) -> None:
        device = ask()
        with rates("passwordless:resend", ACCOUNT="1/h"):
            assert call("/resend", {**device, "email": "one@example.com"}) == OK
            assert call("/resend", {**device, "email": "two@example.com"}) == too_many("70 minutes")
            assert call("/resend", {**device, "phoneNumber": NUMBER}) == too_many("70 minutes")
        assert len(mail.outbox) == 2

    @pytest.mark.parametrize("contact", [{"email": EMAIL}, {"phoneNumber": NUMBER}])
    def test_many_devices_fill_but_one_mailbox(self, contact: dict[str, str]) -> None:
        devices = [ask(f"198.51.100.{n}", **contact) for n in range(3)]
        with rates("passwordless:resend", ACCOUNT="2/h"):
            answers = [call("/resend", device, "192.0.2.1") for device in devices]
        assert answers == [OK, OK, too_many("70 minutes")]
        assert len(mail.outbox) + len(locmem.outbox) == 5

    def test_in_a_day_it_has_an_end(self, clock: Clock) -> None:
        sent = 0
        device = ask()
        for number in range(30):
            clock.advance(600)
            sent += call("/resend", device, f"198.51.100.{number}") == OK
        assert sent == 20

    def test_an_unknown_device_is_nobody(self) -> None:
        with rates("passwordless:resend", ACCOUNT="1/h"):
            for _ in range(3):
                assert call("/resend", {"deviceId": "AAAA", "preAuthSessionId": "x"}) == RESTART

    def test_it_can_be_lifted_by_the_address(self) -> None:
        device = ask()
        for number in range(6):
            call("/resend", device, f"198.51.100.{number}")
        assert [found.endpoint for found in ratelimits.get_lockouts("public", EMAIL)] == [
            "passwordless:resend"
        ]
        ratelimits.lift("public", EMAIL)
        assert call("/resend", device) == OK


class TestSomebodyElseAsks:
    @pytest.mark.parametrize("by_link", [False, True])
    def test_the_owner_has_codes_sent_home_all_the_same(self, by_link: bool) -> None:
        device = ask(HOME)
        if by_link:
            key = device["preAuthSessionId"]
            proof = {"preAuthSessionId": key, "linkCode": mailed_link().partition("#")[2]}
        else:
            proof = {**device, "userInputCode": mailed_code()}
        assert call("/consume", proof)["status"] == "OK"

        assert fill(6) == ["OK"] * 4 + ["GENERAL_ERROR"] * 2
        again = ask(HOME)
        assert call("/resend", again) == OK

    def test_so_has_who_signs_in_by_a_number_and_has_an_address_besides(self) -> None:
        method, _ = passwordless.signinup("public", phone_number=NUMBER)
        passwordless.update_user(method.id, email=EMAIL)
        proof = {**ask(HOME, phoneNumber=NUMBER), "userInputCode": code_in(texts_of_sms()[-1])}
        assert call("/consume", proof)["status"] == "OK"

        for n in range(6):
            call("", {"phoneNumber": NUMBER}, f"198.51.100.{n}")
        assert call("", {"phoneNumber": NUMBER})["status"] == "OK"
        fill(6)
        assert call("", {"email": EMAIL})["status"] == "GENERAL_ERROR"

    def test_a_wrong_code_makes_no_address_known(self) -> None:
        call("/consume", {**ask(HOME), "userInputCode": "nonsense"})
        fill(6)
        assert call("", {"email": EMAIL})["status"] == "GENERAL_ERROR"

    def test_at_home_there_is_a_limit_as_well(self) -> None:
        call("/consume", {**ask(HOME), "userInputCode": mailed_code()})
        answers = [call("", {"email": EMAIL})["status"] for _ in range(5)]
        assert answers == ["OK"] * 4 + ["GENERAL_ERROR"]
