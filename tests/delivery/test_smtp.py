"""Mails as a mail server receives them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import django
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core import mail
from django.test import override_settings

from supertokens_django.delivery import email
from supertokens_django.services import users
from supertokens_django.signals import delivery_failed, message_sent
from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.delivery.drafts import CODE, LOGIN_LINK, MAILS, RESET_LINK, TOKEN
from tests.mail import settled
from tests.recipes.emailpassword.mailbox import Commit

BACKEND = "django.core.mail.backends.smtp.EmailBackend"


class Postman:
    """Takes every mail, or answers as it is told."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answer = "250 Taken"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            self.envelopes.append(envelope)
            return self.answer
        content = envelope.content
        assert isinstance(content, bytes)
        # Filters quote what they dislike.
        said = " ".join(line for line in content.decode().splitlines() if "http" in line or CODE in line)
        return f"{self.answer} {said[:400]}"

    def mail(self) -> EmailMessage:
        settled()
        (envelope,) = self.envelopes
        assert isinstance(envelope.content, bytes)
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found


@pytest.fixture
def postman() -> Iterator[Postman]:
    """An SMTP server, and Django's settings for it."""
    handler = Postman()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with override_settings(**smtp_settings(port)):
            yield handler
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def smtp_settings(port: int) -> dict[str, Any]:
    if django.VERSION < (6, 1):
        return {"EMAIL_BACKEND": BACKEND, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port, "EMAIL_TIMEOUT": 10}
    options = {"host": "127.0.0.1", "port": port, "timeout": 10}
    return {"MAILERS": {"default": {"BACKEND": BACKEND, "OPTIONS": options}}}


@pytest.fixture
def send(django_capture_on_commit_callbacks: Commit) -> Any:
    def send_one(name: str, to: str = ALICE.email, **options: Any) -> None:
        template, context = MAILS[name]
        with django_capture_on_commit_callbacks(execute=True):
            email.send(template, to, context, **options)

    return send_one


def part(message: EmailMessage, kind: str) -> str:
    (found,) = (one for one in message.walk() if one.get_content_type() == kind)
    return str(found.get_content())


class TestOnTheWire:
    def test_it_is_an_alternative_of_text_and_html(self, postman: Postman, send: Any) -> None:
        send("login_by_both")
        message = postman.mail()
        assert message.get_content_type() == "multipart/alternative"
        assert [one.get_content_type() for one in message.iter_parts()] == ["text/plain", "text/html"]
        assert CODE in part(message, "text/plain")
        assert LOGIN_LINK in part(message, "text/plain")
        assert LOGIN_LINK.replace("&", "&amp;") in part(message, "text/html")

    def test_its_headers_are_in_order(self, postman: Postman, send: Any) -> None:
        with supertokens_settings(DELIVERY={"FROM_EMAIL": "Acmé <hello@acme.com>"}):
            send("reset_password")
        message, (envelope,) = postman.mail(), postman.envelopes
        assert message["Subject"] == "Reset your Acme password"
        assert message["From"] == "Acmé <hello@acme.com>"
        assert message["To"] == ALICE.email
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Message-ID"]
        assert message["Date"]
        assert (envelope.mail_from, envelope.rcpt_tos) == ("hello@acme.com", [ALICE.email])

    def test_japanese_arrives_as_japanese(self, postman: Postman, send: Any) -> None:
        send("reset_password", language="ja")
        message, (envelope,) = postman.mail(), postman.envelopes
        assert message["Subject"] == "Acme のパスワードの再設定"
        assert isinstance(envelope.content, bytes)
        subject = next(line for line in envelope.content.splitlines() if line.startswith(b"Subject:"))
        assert subject.startswith(b"Subject: =?utf-8?")
        text = part(message, "text/plain")
        assert "新しいパスワードを設定してください。" in text
        assert RESET_LINK in text
        assert '<html lang="ja"' in part(message, "text/html")
        assert all(len(line) <= 998 for line in envelope.content.splitlines())  # RFC 5322 §2.1.1

    def test_an_address_cannot_add_headers(self, postman: Postman, send: Any) -> None:
        send("reset_password", to="alice@example.com\nBcc: mallory@example.com")
        assert postman.envelopes == []


class TestFailures:
    @pytest.fixture
    def failures(self) -> Iterator[list[dict[str, Any]]]:
        heard: list[dict[str, Any]] = []

        def hear(sender: Any, **kwargs: Any) -> None:
            heard.append(kwargs)

        delivery_failed.connect(hear)
        yield heard
        delivery_failed.disconnect(hear)

    @pytest.mark.parametrize("name", ["reset_password", "verify_email", "login_by_both"])
    def test_a_server_that_quotes_the_mail_puts_no_secret_into_the_log(
        self,
        name: str,
        postman: Postman,
        send: Any,
        failures: list[dict[str, Any]],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        postman.answer = "554 5.7.1 rejected as spam:"
        send(name)
        (failure,) = failures
        secrets = [CODE, LOGIN_LINK, LOGIN_LINK.partition("#")[2], RESET_LINK, TOKEN, TOKEN[:12]]
        for text in (caplog.text, str(failure["error"]), repr(failure["error"])):
            assert "554" in text
            assert "rejected as spam" in text
            assert [secret for secret in secrets if secret in text] == []
        assert "********" in caplog.text
        assert failure["template"] == MAILS[name][0]
        assert failure["to"] == ALICE.email
        assert all(record.exc_info is None for record in caplog.records)

    @pytest.mark.django_db(transaction=True)
    def test_the_client_hears_nothing_of_it(
        self, postman: Postman, alice: str, failures: list[dict[str, Any]]
    ) -> None:
        postman.answer = "451 4.3.0 come back later"
        browser = FrontendClient("cookie")
        known = browser.request_reset_token(ALICE.email)
        unknown = browser.request_reset_token("nobody@example.com")
        assert json_of(known) == json_of(unknown) == {"status": "OK"}
        assert len(failures) == 1
        assert users.get_user(alice) is not None

    def test_a_server_that_is_away(
        self, send: Any, failures: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
    ) -> None:
        with override_settings(**smtp_settings(free_port())):
            send("reset_password")
        (failure,) = failures
        assert str(failure["error"]).startswith("ConnectionRefusedError: ")
        assert "could not be sent" in caplog.text


def test_who_was_sent_a_mail_is_told(postman: Postman, send: Any) -> None:
    heard: list[dict[str, Any]] = []

    def hear(sender: Any, **kwargs: Any) -> None:
        heard.append({name: value for name, value in kwargs.items() if name not in ("signal", "message_id")})

    message_sent.connect(hear)
    try:
        send("verify_email", language="fr", tenant_id="public")
    finally:
        message_sent.disconnect(hear)
    assert heard == [
        {
            "channel": "email",
            "template": "verify_email",
            "to": ALICE.email,
            "tenant_id": "public",
            "language": "fr",
        }
    ]
    assert mail.outbox == []
