"""What the delivery is given, under the names of SuperTokens' template input, and what comes of it where it fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest
from django.test import override_settings

from supertokens_django.recipes.passwordless.service import PasswordlessService
from tests.assertions import assert_json
from tests.base import ALICE, Clock, supertokens_settings
from tests.client import json_of
from tests.mail import mail_settings
from tests.recipes.passwordless.device import BOTH, EMAIL, NUMBER, OK, Device

pytestmark = pytest.mark.django_db

Given = list[tuple[str, str, dict[str, Any]]]


class Listening(PasswordlessService):
    given: ClassVar[Given] = []

    def send_email(self, to: str, context: dict[str, Any]) -> None:
        self.given.append(("email", to, context))

    def send_sms(self, to: str, context: dict[str, Any]) -> None:
        self.given.append(("sms", to, context))


class Down:
    """A gateway, and a mail server, that answer nothing."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        pass

    def send_messages(self, messages: Sequence[Any]) -> int:
        raise ConnectionRefusedError("nobody there")


@pytest.fixture
def given() -> Iterator[Given]:
    Listening.given = []
    with supertokens_settings(PASSWORDLESS={"SERVICE_CLASS": f"{__name__}.Listening"}):
        yield Listening.given


@pytest.mark.parametrize("flow", ["USER_INPUT_CODE", "MAGIC_LINK", BOTH])
@pytest.mark.parametrize(("email", "number"), [(" Alice@example.com", None), (None, "+36 30 123 4567")])
def test_the_names_are_those_of_supertokens(
    device: Device, given: Given, tenant_acme: str, flow: str, email: str | None, number: str | None
) -> None:
    contact = {"phoneNumber": number} if number else {}
    with supertokens_settings(PASSWORDLESS={"FLOW_TYPE": flow, "CODE_LIFETIME": 600}):
        device.ask(email, tenant=tenant_acme, **contact)
        device.ask_again(tenant=tenant_acme)
    assert len(given) == 2
    codes, links = set(), set()
    for channel, to, context in given:
        assert (channel, to) == (("sms", NUMBER) if number else ("email", EMAIL))
        codes.add(context.pop("user_input_code"))
        links.add(context.pop("url_with_link_code"))
        assert context == {
            **({"phone_number": NUMBER} if number else {"email": EMAIL}),
            "code_lifetime": 600_000,
            "pre_auth_session_id": device.attempt["preAuthSessionId"],
            "tenant_id": "acme",
            "is_first_factor": True,
        }
    assert (codes == {None}) is (flow == "MAGIC_LINK")
    assert (links == {None}) is (flow == "USER_INPUT_CODE")
    assert (len(codes), len(links)) == (
        1 if flow == "MAGIC_LINK" else 2,
        1 if flow == "USER_INPUT_CODE" else 2,
    )
    for code in codes - {None}:
        assert (len(code), code.isdigit()) == (6, True)
    key = device.attempt["preAuthSessionId"]
    for link in links - {None}:
        assert link.startswith(f"https://acme.com/auth/verify?preAuthSessionId={key}&tenantId=acme#")


@pytest.mark.parametrize("contact", [{"email": EMAIL}, {"phoneNumber": NUMBER}])
def test_a_gateway_that_fails_is_the_projects_affair(
    device: Device, caplog: pytest.LogCaptureFixture, contact: dict[str, str]
) -> None:
    """The client hears nothing of it, unlike from SuperTokens' SDK; the log does, without the code."""
    settings = override_settings(**mail_settings(f"{__name__}.Down"))
    with settings, supertokens_settings(SMS_BACKEND=f"{__name__}.Down"):
        response = device.call("", contact)
        answer = json_of(response)
        kept = {name: answer[name] for name in ("deviceId", "preAuthSessionId")}
        assert_json(response, 200, {"status": "OK", **kept, "flowType": BOTH})
        assert_json(device.call("/resend", kept), 200, OK)
    assert caplog.text.count("ConnectionRefusedError: nobody there") == 2
    assert kept["deviceId"] not in caplog.text


@pytest.mark.parametrize("contact", [{"email": EMAIL}, {"phoneNumber": NUMBER}])
def test_nothing_leaves_for_a_code_that_was_not_made(
    clock: Clock, device: Device, given: Given, contact: dict[str, str]
) -> None:
    for body in ({**contact, "shouldTryLinkingWithSessionUser": True}, {"email": "nonsense"}):
        device.call("", body)
    device.call("/resend", {"deviceId": "AAAA", "preAuthSessionId": "x"})
    device.call("", {"email": "x@stfakeemail.supertokens.com"})
    device.call("", contact, tenant="nowhere")
    assert given == []
    assert json_of(device.call("", {"email": ALICE.email}))["status"] == "OK"
    assert len(given) == 1
