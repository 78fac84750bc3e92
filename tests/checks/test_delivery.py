"""Whether mails and text messages can leave, as the system checks see it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest

from supertokens_django.registry import Recipe
from tests.checks.messages import numbers, the_only
from tests.checks.test_cors_and_cookies import project
from tests.checks.test_deployment import PROXIED, production

BACKENDS = "supertokens_django.delivery.backends"
LOCMEM = f"{BACKENDS}.locmem.SmsBackend"
TWILIO: Mapping[str, Any] = {
    "SMS_BACKEND": f"{BACKENDS}.twilio.SmsBackend",
    "SMS_BACKEND_OPTIONS": {"account_sid": "AC1", "auth_token": "very secret", "from_": "+15005550006"},
}


class Phones(Recipe):
    """A recipe that texts people."""

    name = "phones"

    def channels(self) -> Collection[str]:
        return ("sms",)


class Mails(Recipe):
    name = "mails"

    def channels(self) -> Collection[str]:
        return ("email",)


class NoBackend:
    """Sends nothing."""


class Telltale:
    def __init__(self, *, key: str) -> None:
        raise ValueError(f"the key {key} is wrong")

    def send_messages(self, messages: Sequence[Any]) -> int:
        return 0


TEXTING = {**PROXIED, "RECIPES": [f"{__name__}.Phones"]}


class TestSmsBackend:
    def test_one_that_can_be_used_has_no_message(self) -> None:
        with project({**PROXIED, **TWILIO}):
            assert numbers() == []

    def test_nobody_needs_one_who_texts_nobody(self) -> None:
        with project(PROXIED):
            assert numbers() == []

    def test_who_texts_needs_one(self) -> None:
        with project(TEXTING):
            id_, text, hint = the_only()
        assert id_ == "supertokens_django.W081"
        assert text == "phones sends text messages, and SUPERTOKENS['SMS_BACKEND'] is not set."
        assert hint is not None
        assert "twilio.SmsBackend" in hint

    @pytest.mark.parametrize(
        ("options", "text"),
        [
            ({"from_": None}, "exactly one of from_ and messaging_service_sid"),
            ({"messaging_service_sid": "MG1"}, "exactly one of from_ and messaging_service_sid"),
            ({"auth_tokn": "very secret"}, "auth_tokn"),
        ],
    )
    def test_options_that_it_does_not_take(self, options: dict[str, Any], text: str) -> None:
        given = {**TWILIO["SMS_BACKEND_OPTIONS"], **options}
        with project({**PROXIED, **TWILIO, "SMS_BACKEND_OPTIONS": given}):
            id_, message, _ = the_only()
        assert id_ == "supertokens_django.E080"
        assert text in message
        assert "very secret" not in message

    def test_options_that_are_missing(self) -> None:
        with project({**PROXIED, "SMS_BACKEND": f"{BACKENDS}.webhook.SmsBackend"}):
            id_, message, _ = the_only()
        assert id_ == "supertokens_django.E080"
        assert "'url' and 'secret'" in message

    def test_what_sends_nothing_is_none(self) -> None:
        with project({**PROXIED, "SMS_BACKEND": f"{__name__}.NoBackend"}):
            id_, message, _ = the_only()
        assert (id_, message) == (
            "supertokens_django.E080",
            "SUPERTOKENS['SMS_BACKEND'] names a class without send_messages(messages).",
        )

    def test_no_message_repeats_an_option(self) -> None:
        options = {"key": "very secret"}
        backend = {"SMS_BACKEND": f"{__name__}.Telltale", "SMS_BACKEND_OPTIONS": options}
        with project({**PROXIED, **backend}):
            _, message, _ = the_only()
        assert "the key ******** is wrong" in message

    def test_a_path_that_leads_nowhere(self) -> None:
        with project({**PROXIED, "SMS_BACKEND": "acme.sms.Backend"}):
            id_, message, _ = the_only()
        assert id_ == "supertokens_django.E004"
        assert message.startswith(
            "SUPERTOKENS['SMS_BACKEND'] names 'acme.sms.Backend', which cannot be imported"
        )

    @pytest.mark.parametrize("options", ["x", [], {"a b": 1}, {1: 2}])
    def test_options_are_a_dict(self, options: Any) -> None:
        with project({**PROXIED, "SMS_BACKEND": LOCMEM, "SMS_BACKEND_OPTIONS": options}):
            assert numbers() == ["E003"]


class TestDelivery:
    @pytest.mark.parametrize(
        ("settings", "number"),
        [
            ({"TASK": "acme.tasks.later"}, "E004"),
            ({"TASK": 1}, "E003"),
            ({"LANGUAGE": "acme.people.language"}, "E004"),
            ({"SERVICE_CLASS": "acme.delivery.Delivery"}, "E004"),
            ({"SERVICE_CLASS": f"{__name__}.NoBackend"}, "E003"),
            ({"FROM_EMAIL": "acme.tenants.sender"}, "E004"),
            ({"FROM_EMAIL": "nobody"}, "E003"),
            ({"FROM_EMAIL": "a@b.com\nBcc: c@d.com"}, "E003"),
            ({"FROM_EMAIL": {"acme": "nobody"}}, "E003"),
            ({"FROM_EMAIL": 1}, "E003"),
            ({"SMS_SENDER": {"acme": 1}}, "E003"),
            ({"TASKS": None}, "E002"),
        ],
    )
    def test_mistakes_are_found(self, settings: dict[str, Any], number: str) -> None:
        with project({**PROXIED, "DELIVERY": settings}):
            assert numbers() == [number]


class TestDeployment:
    @pytest.mark.parametrize("name", ["console", "locmem"])
    def test_text_messages_are_sent(self, name: str) -> None:
        with production({**TEXTING, "SMS_BACKEND": f"{BACKENDS}.{name}.SmsBackend"}):
            assert numbers() == []
            id_, text, _ = the_only(deploy=True)
        assert (id_, text) == (
            "supertokens_django.W082",
            f"{BACKENDS}.{name}.SmsBackend sends nothing.",
        )

    def test_a_gateway_sends_them(self) -> None:
        with production({**TEXTING, **TWILIO}):
            assert numbers(deploy=True) == []

    def test_every_recipe_that_mails_wants_a_sender(self) -> None:
        with production(
            {**PROXIED, "RECIPES": [f"{__name__}.Mails"]}, DEFAULT_FROM_EMAIL="webmaster@localhost"
        ):
            assert numbers(deploy=True) == ["W065"]

    @pytest.mark.parametrize(
        ("sender", "found"),
        [("Acme <a@acme.com>", []), ({"acme": "a@acme.com"}, ["W065"]), (lambda tenant_id: "a@acme.com", [])],
    )
    def test_a_sender_of_the_delivery_will_do(self, sender: Any, found: list[str]) -> None:
        with production(
            {**PROXIED, "DELIVERY": {"FROM_EMAIL": sender}}, DEFAULT_FROM_EMAIL="webmaster@localhost"
        ):
            assert numbers(deploy=True) == found
