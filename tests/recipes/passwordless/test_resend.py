"""``POST /signinup/code/resend``."""

from __future__ import annotations

import pytest

from supertokens_django.recipes.passwordless.models import PasswordlessDevice
from tests.assertions import assert_json, assert_session_is_untouched
from tests.base import Clock, supertokens_settings
from tests.client import json_of
from tests.recipes.passwordless.device import (
    BOTH,
    CODE,
    LINK,
    NUMBER,
    OK,
    RESTART,
    Device,
    code_in,
    mailed_code,
    mailed_link,
    texts_of_mails,
    texts_of_sms,
)

pytestmark = pytest.mark.django_db


def test_it_sends_another_code_and_both_are_good(device: Device) -> None:
    device.ask()
    first_code, first_link = mailed_code(), mailed_link()
    response = device.ask_again()
    assert_json(response, 200, OK)
    assert_session_is_untouched(response)
    assert len(texts_of_mails()) == 2
    assert mailed_link().partition("#")[0] == first_link.partition("#")[0]
    assert mailed_link() != first_link
    assert json_of(device.type(first_code))["status"] == "OK"


def test_the_newer_code_is_good(device: Device) -> None:
    device.ask(None, phoneNumber=NUMBER)
    device.ask_again()
    assert json_of(device.type(code_in(texts_of_sms()[1])))["status"] == "OK"


def test_the_device_lives_on_as_long_as_its_last_code(clock: Clock, device: Device) -> None:
    device.ask()
    clock.advance(600)
    device.ask_again()
    row = PasswordlessDevice.objects.get()
    assert (row.expires_at - row.created_at).total_seconds() == 1500


def test_an_unknown_device_starts_over(device: Device) -> None:
    assert_json(device.call("/resend", {"deviceId": "AAAA", "preAuthSessionId": "x"}), 200, RESTART)


def test_one_that_was_used_starts_over(device: Device) -> None:
    device.ask()
    device.type(mailed_code())
    assert json_of(device.ask_again()) == RESTART


def test_one_of_another_tenant_starts_over(device: Device, tenant_acme: str) -> None:
    device.ask()
    assert json_of(device.ask_again(tenant=tenant_acme)) == RESTART


def test_a_kind_of_contact_that_is_not_wanted_any_more_starts_over(device: Device) -> None:
    device.ask()
    with supertokens_settings(PASSWORDLESS={"CONTACT_METHOD": "PHONE"}):
        assert json_of(device.ask_again()) == RESTART
    device.ask(None, phoneNumber=NUMBER)
    with supertokens_settings(PASSWORDLESS={"CONTACT_METHOD": "EMAIL"}):
        assert json_of(device.ask_again()) == RESTART


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "Please provide preAuthSessionId"),
        ({"preAuthSessionId": "x"}, "Please provide deviceId"),
        ({"deviceId": "x"}, "Please provide preAuthSessionId"),
        ({"deviceId": "&", "preAuthSessionId": "x"}, "Please provide a valid deviceId"),
    ],
)
def test_what_is_missing_is_said(device: Device, body: dict[str, str], text: str) -> None:
    assert_json(device.call("/resend", body), 400, {"message": text})


@pytest.mark.parametrize("key", ["", "x", "é" * 99])
def test_the_device_alone_is_looked_at(device: Device, key: str) -> None:
    """Of the other id it is asked only that it is there (FDI)."""
    device.ask()
    assert_json(device.call("/resend", {**device.attempt, "preAuthSessionId": key}), 200, OK)
    assert len(texts_of_mails()) == 2


@pytest.mark.parametrize("flow", ["USER_INPUT_CODE", "MAGIC_LINK", BOTH])
def test_it_sends_what_the_settings_say(device: Device, flow: str) -> None:
    with supertokens_settings(PASSWORDLESS={"FLOW_TYPE": flow}):
        device.ask()
        device.ask_again()
        device.ask(None, phoneNumber=NUMBER)
        device.ask_again()
    texts = [*texts_of_mails(), *texts_of_sms()]
    assert len(texts) == 4
    assert {"/verify?" in text for text in texts} == {flow != "USER_INPUT_CODE"}
    assert {bool(CODE.search(LINK.sub("", text))) for text in texts} == {flow != "MAGIC_LINK"}


def test_a_code_that_was_there_is_tried_anew(device: Device) -> None:
    codes = iter(["1111", "1111", "1111", "2222"])
    with supertokens_settings(PASSWORDLESS={"GET_CUSTOM_USER_INPUT_CODE": lambda tenant_id: next(codes)}):
        device.ask()
        assert_json(device.ask_again(), 200, OK)
    assert "2222" in texts_of_mails()[1]
    assert json_of(device.type("2222"))["status"] == "OK"


def test_a_code_of_another_device_is_no_repetition(device: Device) -> None:
    with supertokens_settings(PASSWORDLESS={"GET_CUSTOM_USER_INPUT_CODE": lambda tenant_id: "open sesame"}):
        device.ask()
        other = Device()
        assert json_of(other.ask())["status"] == "OK"
    assert json_of(device.type("open sesame"))["status"] == "OK"
