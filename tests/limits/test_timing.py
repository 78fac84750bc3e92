"""The time of an answer does not tell who has an account: what only one of two does, it does after the answer."""

from __future__ import annotations

import asyncio
import io
import json
import re
import threading
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core import mail
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from django.test.signals import template_rendered
from pytest_django.live_server_helper import LiveServer

from supertokens_django.models import LoginMethod, PasswordResetToken
from supertokens_django.services import emailpassword
from tests.accounts import make_tenant, tenant_acme
from tests.base import ALICE, BOB, MALLORY, sql_statements, supertokens_settings
from tests.delivery.test_smtp import free_port, smtp_settings

__all__ = ["make_tenant", "tenant_acme"]

pytestmark = pytest.mark.django_db(transaction=True)

RESET, SIGN_UP = "/auth/user/password/reset/token", "/auth/signup"
OK = {"status": "OK"}
Form = dict[str, str]


@pytest.fixture
def hidden() -> Iterator[None]:
    with supertokens_settings(HIDE_ACCOUNT_EXISTENCE=True):
        yield


def body_of(form: Form) -> bytes:
    return json.dumps({"formFields": [{"id": name, "value": value} for name, value in form.items()]}).encode()


def _start(status: str, headers: list[tuple[str, str]], error: Any = None, /) -> Callable[[bytes], object]:
    return lambda data: None


class Exchange:
    """One request as a WSGI server makes it: what happens until the answer, and what when it is closed."""

    def __init__(self, path: str, form: Form) -> None:
        body = body_of(form)
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "SERVER_NAME": "api.acme.com",
            "SERVER_PORT": "443",
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json",
            "HTTP_RID": "emailpassword",
            "HTTP_X_FORWARDED_FOR": "203.0.113.7",
        }
        self.renders: list[str] = []
        template_rendered.connect(self._rendered)
        try:
            with sql_statements() as self.statements:
                self.response = WSGIHandler()(environ, _start)
                self.answer = json.loads(b"".join(self.response))
            self.renders_until_the_answer = list(self.renders)
            self.mails_until_the_answer = len(mail.outbox)
            self.tokens_until_the_answer = PasswordResetToken.objects.count()
            self.response.close()
        finally:
            template_rendered.disconnect(self._rendered)

    def _rendered(self, sender: Any, template: Any, **kwargs: Any) -> None:
        self.renders.append(str(template.name))


def ask_reset(email: str) -> Exchange:
    return Exchange(RESET, {"email": email})


def sign_up(email: str) -> Exchange:
    return Exchange(SIGN_UP, {"email": email, "password": MALLORY.password})


def shapes(statements: list[str]) -> list[str]:
    """The statements without what they are about."""
    return [re.sub(r"\b[0-9a-f]{64}\b", "…", text) for text in statements]


class TestReset:
    def test_until_the_answer_the_same_is_done_for_everybody(self, alice: str) -> None:
        known, unknown = ask_reset(ALICE.email), ask_reset(BOB.email)
        assert known.answer == unknown.answer == OK
        assert shapes(known.statements) == shapes(unknown.statements)
        assert len(known.statements) == 1
        assert known.renders_until_the_answer == unknown.renders_until_the_answer == []
        assert (known.mails_until_the_answer, known.tokens_until_the_answer) == (0, 0)

    def test_in_another_tenant_as_well(self, alice: str, tenant_acme: str) -> None:
        emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password)
        known, unknown = (
            Exchange(f"/auth/{tenant_acme}/user/password/reset/token", {"email": email})
            for email in (ALICE.email, BOB.email)
        )
        assert known.answer == unknown.answer == OK
        assert shapes(known.statements) == shapes(unknown.statements)
        assert [message.to for message in mail.outbox] == [[ALICE.email]]

    def test_the_mail_leaves_when_the_answer_is_given(self, alice: str) -> None:
        done = ask_reset(ALICE.email)
        assert done.renders
        assert [message.to for message in mail.outbox] == [[ALICE.email]]
        assert PasswordResetToken.objects.count() == 1
        ask_reset(BOB.email)
        assert len(mail.outbox) == 1

    def test_what_fails_then_is_logged_and_no_more(
        self, alice: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        with supertokens_settings(EMAILPASSWORD={"SERVICE_CLASS": "tests.limits.services.Clumsy"}):
            assert ask_reset(ALICE.email).answer == OK
        assert "What was left to be done after an answer failed." in caplog.text
        assert "KeyError" in caplog.text
        assert mail.outbox == []

    def test_a_task_is_called_then_as_well(self, alice: str) -> None:
        with supertokens_settings(DELIVERY={"TASK": "tests.limits.services.outbox"}):
            done = ask_reset(ALICE.email)
        assert done.mails_until_the_answer == 0
        assert mail.outbox == [{"reset_password": ALICE.email}]  # type: ignore[comparison-overlap]


@pytest.mark.usefixtures("hidden")
class TestHiddenSignUp:
    def test_neither_renders_or_mails_before_the_answer(self, alice: str) -> None:
        known, unknown = sign_up(ALICE.email), sign_up(BOB.email)
        assert known.answer == unknown.answer
        assert known.renders_until_the_answer == unknown.renders_until_the_answer == []
        assert (known.mails_until_the_answer, unknown.mails_until_the_answer) == (0, 1)
        assert [message.to for message in mail.outbox] == [[ALICE.email], [BOB.email]]

    def test_both_write_and_commit_before_it(self, alice: str) -> None:
        """The disk is what takes longest.  A new account is a few rows more: docs/rate-limits.md says so."""
        known, unknown = sign_up(ALICE.email), sign_up(BOB.email)
        assert (known.tokens_until_the_answer, unknown.tokens_until_the_answer) == (1, 2)
        assert LoginMethod.objects.count() == 2
        assert abs(len(known.statements) - len(unknown.statements)) <= 3


class SlowPostman:
    """Takes a mail only when the test says so."""

    def __init__(self) -> None:
        self.is_here = threading.Event()
        self.may_go = threading.Event()
        self.taken: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.is_here.set()
        while not self.may_go.is_set():
            await asyncio.sleep(0.01)
        self.taken += envelope.rcpt_tos
        return "250 Taken"


@pytest.fixture
def slow_postman() -> Iterator[SlowPostman]:
    handler, port = SlowPostman(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with override_settings(**smtp_settings(port)):
            yield handler
    finally:
        handler.may_go.set()
        controller.stop()


def posted(server: LiveServer, path: str, form: Form) -> Any:
    request = urllib.request.Request(
        f"{server.url}{path}", body_of(form), {"Content-Type": "application/json", "rid": "emailpassword"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not happen")


def test_a_mail_server_that_takes_its_time_holds_no_answer(
    alice: str, live_server: LiveServer, slow_postman: SlowPostman
) -> None:
    """Over HTTP and SMTP: the answer is there while the mail is still being handed over."""
    assert posted(live_server, RESET, {"email": ALICE.email}) == OK
    assert slow_postman.is_here.wait(20)
    assert slow_postman.taken == []
    assert posted(live_server, RESET, {"email": BOB.email}) == OK
    slow_postman.may_go.set()
    until(lambda: slow_postman.taken == [ALICE.email])


def test_a_subclass_may_still_refuse_a_request(alice: str) -> None:
    with supertokens_settings(EMAILPASSWORD={"SERVICE_CLASS": "tests.limits.services.Refusing"}):
        assert ask_reset(ALICE.email).answer == {"status": "GENERAL_ERROR", "message": "Call us instead."}
