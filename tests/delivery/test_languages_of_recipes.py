"""Every mail and text message of the recipes speaks the language of the request that has it sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import override_settings

from supertokens_django.delivery.backends import locmem
from supertokens_django.services import emailverification
from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient
from tests.delivery.test_languages import FIVE, LOCALE
from tests.recipes.emailpassword.mailbox import Commit
from tests.recipes.emailverification.verification import ask, verify
from tests.recipes.passwordless.device import EMAIL, NUMBER

NEW = "liddell@example.com"
FRENCH = {"accept-language": "fr-CA,fr;q=0.9,en;q=0.5"}
ORIGIN = "tests.recipes.emailpassword.test_reset_token.origin_of_request"


@pytest.fixture(autouse=True, params=["with LocaleMiddleware", "without"])
def _languages(request: pytest.FixtureRequest, acme: None, db: None) -> Iterator[None]:
    locmem.outbox.clear()
    heard: dict[str, Any] = {"LANGUAGES": FIVE} if request.param == "without" else {"MIDDLEWARE": LOCALE}
    with (
        override_settings(**heard),
        supertokens_settings(
            RECIPES=["emailpassword", "emailverification", "passwordless"],
            EMAILVERIFICATION={"MODE": "OPTIONAL"},
            PASSWORDLESS={"CONTACT_METHOD": "EMAIL_OR_PHONE"},
            SMS_BACKEND="supertokens_django.delivery.backends.locmem.SmsBackend",
        ),
    ):
        yield
    locmem.outbox.clear()


def the_subject() -> str:
    (message,) = mail.outbox
    return str(message.subject)


def test_a_link_that_verifies(frontend: FrontendClient, django_capture_on_commit_callbacks: Commit) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ask(frontend, headers=FRENCH)
    assert the_subject() == "Confirmez votre adresse e-mail pour Acme"


def test_the_notice_that_an_address_was_replaced(
    frontend: FrontendClient, alice: str, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        emailverification.request_email_change("public", alice, NEW)
    token = str(mail.outbox.pop().body).partition("token=")[2].partition("&")[0]
    with django_capture_on_commit_callbacks(execute=True):
        verify(frontend, token, headers=FRENCH)
    assert mail.outbox[0].to == [ALICE.email]
    assert the_subject() == "Votre compte Acme a une nouvelle adresse e-mail"


def test_a_code_by_mail_and_by_text_message(
    browser: FrontendClient, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for contact in ({"email": EMAIL}, {"phoneNumber": NUMBER}):
            browser.post("/auth/signinup/code", contact, headers=FRENCH)
    assert the_subject() == "Connectez-vous à Acme"
    assert "est votre code" in locmem.outbox[0].text


def test_the_website_in_it_is_the_one_that_asked(
    frontend: FrontendClient, django_capture_on_commit_callbacks: Commit
) -> None:
    with supertokens_settings(ORIGIN=ORIGIN), django_capture_on_commit_callbacks(execute=True):
        ask(frontend, headers={"origin": "https://shop.example"})
        frontend.post(
            "/auth/signinup/code", {"phoneNumber": NUMBER}, headers={"origin": "https://shop.example"}
        )
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert "shop.example" in html.replace("https://shop.example/auth/verify-email", "")
    assert "acme.com" not in html
    assert locmem.outbox[0].text.splitlines()[-1].startswith("@shop.example #")
