"""When messages leave, by whom, and what becomes of those that do not."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest
from django.core import mail
from django.db import transaction
from django.test import override_settings

from supertokens_django.delivery import email, secrets, sms
from supertokens_django.delivery.backends import locmem
from supertokens_django.delivery.exceptions import DeliveryError
from supertokens_django.delivery.message import Draft, Message, Sms
from supertokens_django.delivery.service import DeliveryService
from supertokens_django.services import delivery
from supertokens_django.signals import delivery_failed, message_sent
from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient, Mode, json_of
from tests.delivery.drafts import (
    CODE,
    LINK_CODE,
    LOGIN_LINK,
    MAILS,
    PHONE,
    PRE_AUTH,
    RESET,
    RESET_LINK,
    TEXTS,
    TOKEN,
)
from tests.mail import mail_settings

Heard = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """The signals of a test, with their arguments."""
    found: Heard = []

    def hear_sent(sender: Any, signal: Any, **kwargs: Any) -> None:
        found.append(("sent", kwargs))

    def hear_failed(sender: Any, signal: Any, **kwargs: Any) -> None:
        found.append(("failed", kwargs))

    message_sent.connect(hear_sent)
    delivery_failed.connect(hear_failed)
    yield found
    message_sent.disconnect(hear_sent)
    delivery_failed.disconnect(hear_failed)


class Queue:
    """A queue as far away as any: what is put into it becomes JSON."""

    waiting: ClassVar[list[dict[str, Any]]] = []

    @classmethod
    def put(cls, message: dict[str, Any]) -> None:
        cls.waiting.append(json.loads(json.dumps(message)))


def no_broker(message: dict[str, Any]) -> None:
    raise ConnectionError(f"the broker did not take {message['text']}")


# A class method has a dotted path of three parts, which Django's import_string does not follow.
put = Queue.put


class Broken:
    """A backend whose gateway quotes what it refuses."""

    def send_messages(self, messages: Sequence[Sms]) -> int:
        (message,) = messages
        raise RuntimeError(f"gateway says no to {message.text!r}")


class Lazy:
    """A backend that sends nothing, and says so."""

    def send_messages(self, messages: Sequence[Sms]) -> int:
        return 0


class NoMailServer:
    def __init__(self, **kwargs: object) -> None:
        pass

    def send_messages(self, messages: Sequence[Any]) -> int:
        raise ConnectionRefusedError("no mail server")


def signed_in_by_nothing(text: str) -> bool:
    return not [
        secret for secret in (CODE, LINK_CODE, LOGIN_LINK, PRE_AUTH, TOKEN, RESET_LINK) if secret in text
    ]


@pytest.mark.django_db(transaction=True)
class TestAfterTheCommit:
    def test_nothing_leaves_before(self) -> None:
        with transaction.atomic():
            email.send("reset_password", ALICE.email, RESET)
            sms.send("passwordless_login", PHONE, TEXTS["code"])
            assert (mail.outbox, locmem.outbox) == ([], [])
        assert (len(mail.outbox), len(locmem.outbox)) == (1, 1)

    def test_nothing_leaves_after_a_rollback(self) -> None:
        with transaction.atomic():
            email.send("reset_password", ALICE.email, RESET)
            sms.send("passwordless_login", PHONE, TEXTS["code"])
            transaction.set_rollback(True)
        assert (mail.outbox, locmem.outbox) == ([], [])

    def test_without_a_transaction_it_leaves_at_once(self, heard: Heard) -> None:
        sms.send("passwordless_login", PHONE, TEXTS["code"])
        (message,) = locmem.outbox
        assert heard == [
            (
                "sent",
                {
                    "channel": "sms",
                    "template": "passwordless_login",
                    "to": PHONE,
                    "tenant_id": "public",
                    "language": "en",
                    "message_id": message.id,
                },
            )
        ]


@pytest.mark.django_db(transaction=True)
class TestTask:
    def test_the_request_waits_for_no_gateway(self, alice: str, mode: Mode) -> None:
        Queue.waiting.clear()
        no_server = mail_settings(f"{__name__}.NoMailServer")
        with supertokens_settings(DELIVERY={"TASK": f"{__name__}.put"}), override_settings(**no_server):
            answer = FrontendClient(mode).request_reset_token(ALICE.email)
        assert json_of(answer) == {"status": "OK"}
        assert [message["template"] for message in Queue.waiting] == ["reset_password"]

    def test_a_worker_sends_it_as_it_was_meant(self, heard: Heard) -> None:
        Queue.waiting.clear()
        senders = {"FROM_EMAIL": {"acme": "Acme <login@acme.com>"}, "TASK": put}
        with supertokens_settings(DELIVERY=senders):
            email.send("reset_password", ALICE.email, RESET, tenant_id="acme", language="de")
            sms.send("passwordless_login", PHONE, TEXTS["code"])
        assert (mail.outbox, locmem.outbox, heard) == ([], [], [])
        for message in Queue.waiting:
            delivery.perform(message)
        (sent,) = mail.outbox
        assert sent.subject == "Ihr Passwort bei Acme zurücksetzen"
        assert sent.from_email == "Acme <login@acme.com>"
        assert RESET_LINK in sent.body
        assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
        assert [text.to for text in locmem.outbox] == [PHONE]
        assert [kind for kind, _ in heard] == ["sent", "sent"]
        assert [values["message_id"] for _, values in heard] == [one["id"] for one in Queue.waiting]

    def test_a_worker_may_try_again(self, heard: Heard) -> None:
        Queue.waiting.clear()
        with supertokens_settings(DELIVERY={"TASK": put}):
            sms.send("passwordless_login", PHONE, TEXTS["code"])
        (message,) = Queue.waiting
        with (
            supertokens_settings(SMS_BACKEND=f"{__name__}.Broken"),
            pytest.raises(DeliveryError) as failure,
        ):
            delivery.perform(message)
        assert signed_in_by_nothing(str(failure.value))
        assert failure.value.__context__ is None
        delivery.perform(message)
        assert [kind for kind, _ in heard] == ["failed", "sent"]
        assert locmem.outbox[0].id == message["id"] == heard[0][1]["message_id"]

    def test_a_queue_that_is_away_is_a_failure(self, heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
        with supertokens_settings(DELIVERY={"TASK": no_broker}):
            sms.send("passwordless_login", PHONE, TEXTS["code"])
        ((kind, values),) = heard
        assert kind == "failed"
        assert "the broker did not take ********" in str(values["error"])
        assert signed_in_by_nothing(caplog.text)

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda message: message.pop("secrets"),
            lambda message: message.update(channel="pigeon"),
            lambda message: message.update(more="1"),
            lambda message: message.pop("to"),
        ],
    )
    def test_what_is_no_message_is_refused(self, spoil: Any) -> None:
        Queue.waiting.clear()
        with supertokens_settings(DELIVERY={"TASK": put}):
            sms.send("passwordless_login", PHONE, TEXTS["code"])
        spoil(Queue.waiting[0])
        with pytest.raises(ValueError, match="message"):
            delivery.perform(Queue.waiting[0])
        assert locmem.outbox == []


class TestFailures:
    @pytest.fixture(autouse=True)
    def at_once(self, django_capture_on_commit_callbacks: Any) -> None:
        self.commit = django_capture_on_commit_callbacks

    def send_sms(self) -> None:
        with self.commit(execute=True):
            sms.send("passwordless_login", PHONE, TEXTS["both"])

    def test_a_gateway_that_quotes_the_message(self, heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        with supertokens_settings(SMS_BACKEND=f"{__name__}.Broken"):
            self.send_sms()
        ((kind, values),) = heard
        assert kind == "failed"
        assert "gateway says no to" in str(values["error"])
        assert "gateway says no to" in caplog.text
        assert "RuntimeError" in caplog.text
        assert signed_in_by_nothing(caplog.text)
        assert signed_in_by_nothing(repr(values["error"]))
        assert [record.exc_info for record in caplog.records if record.exc_info] == []

    def test_a_backend_that_sends_nothing(self, heard: Heard) -> None:
        with supertokens_settings(SMS_BACKEND=f"{__name__}.Lazy"):
            self.send_sms()
        assert "has sent nothing" in str(heard[0][1]["error"])

    def test_no_backend_at_all(self, heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
        with supertokens_settings(SMS_BACKEND=None):
            self.send_sms()
        assert "SUPERTOKENS['SMS_BACKEND'] is not set" in str(heard[0][1]["error"])
        assert signed_in_by_nothing(caplog.text)

    def test_a_template_that_is_not_there(self, heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
        with self.commit(execute=True):
            email.send("no_such_message", ALICE.email, RESET)
        ((kind, values),) = heard
        assert (kind, values["template"]) == ("failed", "no_such_message")
        assert "TemplateDoesNotExist" in caplog.text
        assert signed_in_by_nothing(caplog.text)

    def test_a_receiver_that_fails_changes_nothing(self) -> None:
        def fail(sender: Any, **kwargs: Any) -> None:
            raise ZeroDivisionError

        message_sent.connect(fail)
        try:
            self.send_sms()
        finally:
            message_sent.disconnect(fail)
        assert len(locmem.outbox) == 1


class TestSecrets:
    def test_those_of_every_message_are_known(self) -> None:
        for _, context in MAILS.values():
            hidden = set(secrets.of_context(context))
            assert {CODE, LOGIN_LINK, RESET_LINK} & set(map(str, context.values())) <= hidden
        assert {CODE, LOGIN_LINK, LINK_CODE, PRE_AUTH} <= set(secrets.of_context(TEXTS["both"]))

    def test_what_is_no_secret_can_be_read(self) -> None:
        hidden = secrets.of_context({**TEXTS["both"], **RESET})
        text = "550 5.1.1 <alice@example.com>: Recipient of acme.com rejected, tenant public"
        assert secrets.masked(text, hidden) == text

    def test_a_part_of_a_token_is_no_more_told_than_the_whole(self) -> None:
        text = f"see ?token=3D{TOKEN[:20]} and {TOKEN[30:40]}"
        assert secrets.masked(text, secrets.of_context(RESET)) == "see ?token=******** and ********"

    def test_a_message_does_not_show_what_it_says(self) -> None:
        draft = Draft(
            channel="sms", template="passwordless_login", to=PHONE, context=TEXTS["both"], tenant_id="public"
        )
        message = delivery.compose(draft)
        assert signed_in_by_nothing(repr(draft) + repr(message) + repr(Sms.of(message)))


class Company(DeliveryService):
    """What SuperTokens' overrides did, as methods."""

    def context(self, draft: Draft) -> dict[str, Any]:
        return {**super().context(draft), "app_name": "Company"}

    def sender(self, draft: Draft) -> str | None:
        return "Company <hello@company.example>" if draft.channel == "email" else "Company"

    def language(self, draft: Draft) -> str:
        return "ja"

    def deliver_sms(self, message: Message) -> None:
        Queue.put(message.as_dict())


class TestServiceClass:
    def test_every_step_can_be_overridden(self, django_capture_on_commit_callbacks: Any) -> None:
        Queue.waiting.clear()
        with (
            supertokens_settings(DELIVERY={"SERVICE_CLASS": f"{__name__}.Company"}),
            django_capture_on_commit_callbacks(execute=True),
        ):
            email.send("reset_password", ALICE.email, RESET)
            sms.send("passwordless_login", PHONE, TEXTS["code"])
        (sent,) = mail.outbox
        assert (sent.subject, sent.from_email) == (
            "Company のパスワードの再設定",
            "Company <hello@company.example>",
        )
        assert locmem.outbox == []
        assert Queue.waiting[0]["sender"] == "Company"
