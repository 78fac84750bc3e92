"""The examples of docs/delivery.md."""

from __future__ import annotations

import json
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import override_settings

from supertokens_django.delivery import email, sms
from supertokens_django.delivery.backends import locmem
from supertokens_django.services import usermetadata
from tests.base import ALICE, PUBLIC, sign_up, supertokens_settings
from tests.delivery.drafts import PHONE, RESET, TEXTS
from tests.docs.conftest import ProjectOf
from tests.docs.project import PLAIN_URLS, Project, run_in_shell
from tests.mail import mail_settings
from tests.outgoing.servers import Server

pytestmark = pytest.mark.django_db(transaction=True)

LOCMEM = "supertokens_django.delivery.backends.locmem.SmsBackend"


@pytest.fixture
def project(project_of: ProjectOf) -> Project:
    return project_of("docs/delivery.md")


@contextmanager
def running(project: Project, *texts: str) -> Iterator[None]:
    snippets = [project.settings_with(text) for text in texts]
    with project.running(*snippets, ROOT_URLCONF=PLAIN_URLS):
        yield


def mailed(template: str = "reset_password", tenant_id: str = PUBLIC, **user: Any) -> EmailMultiAlternatives:
    email.send(template, ALICE.email, {**RESET, "user": {"email": ALICE.email, **user}}, tenant_id=tenant_id)
    message = mail.outbox[-1]
    assert isinstance(message, EmailMultiAlternatives)
    return message


def test_the_console_prints(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    with running(project, "console.SmsBackend"):
        sms.send("passwordless_login", PHONE, TEXTS["code"])
    assert "482913 is your code to sign in to Acme." in capsys.readouterr().out


def test_senders_differ_by_tenant(project: Project) -> None:
    with running(project, "FROM_EMAIL"), supertokens_settings(SMS_BACKEND=LOCMEM):
        senders = [mailed(tenant_id=tenant).from_email for tenant in ("public", "umbrella")]
        sms.send("passwordless_login", PHONE, TEXTS["code"], tenant_id="umbrella")
    assert senders == ["Acme <hello@acme.com>", "Umbrella <login@umbrella.example>"]
    assert locmem.outbox[0].sender == "Umbrella"


def test_a_tenant_has_a_head_of_its_own(project: Project) -> None:
    with running(project, "FROM_EMAIL"):
        own, other = (str(mailed(tenant_id=tenant).alternatives[0][0]) for tenant in ("umbrella", "public"))
    assert ">Umbrella</p>" in own
    assert "Umbrella" not in other


def test_the_language_is_kept_with_the_user(project: Project) -> None:
    user_id = sign_up(ALICE)
    usermetadata.update_user_metadata(user_id, {"language": "fr"})
    with running(project, "acme.people.language"):
        assert mailed(id=user_id).subject == "Réinitialisez votre mot de passe Acme"
        assert mailed(id="somebody").subject == "Reset your Acme password"


def test_somebody_is_told_of_failures(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    no_server = mail_settings("tests.delivery.test_way.NoMailServer")
    with running(project, "FROM_EMAIL"), override_settings(**no_server):
        project.load("acme/receivers.py")
        email.send("reset_password", ALICE.email, RESET)
    told = [record.getMessage() for record in caplog.records if record.name == "acme.oncall"]
    assert told == ["reset_password by email for public: ConnectionRefusedError: no mail server"]


def test_a_thread_sends_later(project: Project) -> None:
    with running(project, "acme.tasks.send_later"):
        email.send("reset_password", ALICE.email, RESET)
        project.load("acme/tasks.py").workers.shutdown(wait=True)
    assert [message.to for message in mail.outbox] == [[ALICE.email]]


def test_an_own_backend_sends(project: Project) -> None:
    server = Server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    options = {"url": server.url("/v1"), "key": "k"}
    with running(project, "acme.sms.SmsBackend"), supertokens_settings(SMS_BACKEND_OPTIONS=options):
        sms.send("passwordless_login", PHONE, TEXTS["code"])
    server.close()
    (request,) = server.requests
    assert "x-key: k\r\n" in request
    body = json.loads(request.partition("\r\n\r\n")[2])
    assert (body["to"], body["from"]) == (PHONE, "Acme")
    assert body["text"].startswith("482913 is your code")


def test_a_brand_has_its_colours(project: Project) -> None:
    with running(project, "acme.branding.Delivery"):
        html = str(mailed().alternatives[0][0])
    assert "#3347c9" not in html
    for value in ("#0a7d4f", "#7fe0b5", "#04271a", "https://acme.com/logo.png"):
        assert value in html


def test_a_message_of_ones_own(project: Project) -> None:
    (snippet,) = [one for one in project.snippets if one.file == "manage.py shell"]
    with running(project, "FROM_EMAIL"):
        folder = project.folder / "acme/templates/supertokens_django/email"
        folder.mkdir(parents=True)
        (folder / "welcome_subject.txt").write_text("Welcome to {{ app_name }}")
        (folder / "welcome.txt").write_text("Hi {{ first_name }}")
        run_in_shell(snippet, {})
    (message,) = mail.outbox
    assert (message.subject, message.body) == ("Welcome to Acme", "Hi Carol\n")


def test_the_tests_of_the_page_pass(project: Project) -> None:
    with running(project, "console.SmsBackend"), supertokens_settings(SMS_BACKEND=LOCMEM):
        suite = unittest.defaultTestLoader.loadTestsFromModule(project.load("acme/tests.py"))
        result = suite.run(unittest.TestResult())
    assert [text for _, text in result.errors + result.failures] == []
    assert result.testsRun == 1
