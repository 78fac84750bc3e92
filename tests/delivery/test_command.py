"""``manage.py supertokens_send_test``."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import override_settings

from supertokens_django.delivery.backends import locmem
from supertokens_django.models import Tenant
from tests.base import ALICE, supertokens_settings
from tests.delivery.drafts import PHONE
from tests.mail import mail_settings

LOCMEM = "supertokens_django.delivery.backends.locmem.SmsBackend"
WAITING: list[dict[str, Any]] = []


def queue(message: dict[str, Any]) -> None:
    WAITING.append(message)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("supertokens_send_test", *arguments, stdout=out)
    return out.getvalue()


def test_a_mail() -> None:
    assert run("email", ALICE.email) == (
        f"Sent: 'reset_password' of tenant 'public' in 'en' to {ALICE.email}, from Example <hello@example.com>, "
        "by django.core.mail.backends.locmem.EmailBackend.\n"
    )
    (message,) = mail.outbox
    assert message.to == [ALICE.email]
    assert "https://acme.com/auth/reset-password?token=this-is-a-test&tenantId=public" in message.body


def test_a_text_message() -> None:
    assert run("sms", PHONE) == (
        f"Sent: 'passwordless_login' of tenant 'public' in 'en' to {PHONE}, from the backend's own sender, "
        f"by {LOCMEM}.\n"
    )
    assert locmem.outbox[0].text.startswith("123456 is your code")


@pytest.mark.parametrize(
    "template",
    [
        "reset_password",
        "finish_sign_up",
        "account_exists",
        "verify_email",
        "passwordless_login",
        "email_changed",
    ],
)
def test_every_mail_can_be_seen(template: str) -> None:
    run("email", ALICE.email, "--template", template, "--language", "ja")
    (message,) = mail.outbox
    assert "Acme" in message.subject
    assert "None" not in message.body


def test_as_a_tenant() -> None:
    Tenant.objects.create(id="acme")
    with supertokens_settings(DELIVERY={"FROM_EMAIL": {"acme": "a@acme.com"}}):
        assert "of tenant 'acme' in 'de'" in run("email", ALICE.email, "--tenant", "acme", "--language", "de")
    assert mail.outbox[0].from_email == "a@acme.com"


def test_by_the_task() -> None:
    WAITING.clear()
    with supertokens_settings(DELIVERY={"TASK": queue}):
        assert run("email", ALICE.email, "--task").startswith("Handed over: 'reset_password'")
        assert (len(WAITING), mail.outbox) == (1, [])
        assert run("email", ALICE.email).startswith("Sent: ")
    assert (len(WAITING), len(mail.outbox)) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["email", "nobody"], "'nobody' is no e-mail address."),
        (["sms", "0151 123"], "'0151 123' is no phone number such as +4915112345678."),
        (["email", ALICE.email, "--tenant", "nowhere"], "nowhere"),
        (["email", ALICE.email, "--language", "xx"], "LANGUAGES has no 'xx'."),
        (["email", ALICE.email, "--template", "no_such"], "Not sent. TemplateDoesNotExist: "),
        (["email", ALICE.email, "--template", "../../etc"], "Not sent. TemplateDoesNotExist: "),
        (["email", ALICE.email, "--task"], "SUPERTOKENS['DELIVERY']['TASK'] is not set."),
    ],
)
def test_what_cannot_be_sent_is_refused(arguments: list[str], text: str) -> None:
    with pytest.raises(CommandError, match=r".") as refusal:
        run(*arguments)
    assert text in str(refusal.value)
    assert mail.outbox == []


def test_a_gateway_that_fails_is_told() -> None:
    with (
        override_settings(**mail_settings("tests.delivery.test_way.NoMailServer")),
        pytest.raises(CommandError, match=r"^Not sent\. ConnectionRefusedError: no mail server$"),
    ):
        run("email", ALICE.email)


def test_without_a_backend_no_text_message_is_sent() -> None:
    with supertokens_settings(SMS_BACKEND=None), pytest.raises(CommandError, match="'SMS_BACKEND'"):
        run("sms", PHONE)
