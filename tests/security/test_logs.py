"""Nothing that signs anybody in is logged, whatever goes wrong."""

from __future__ import annotations

import logging

import pytest
from django.core import mail
from django.test import override_settings

from tests.base import ALICE, BOB, Clock
from tests.client import FrontendClient, Mode
from tests.mail import mail_settings

NEW_PASSWORD = "chosen at the looking-glass 6"
WRONG_PASSWORD = "drink me and eat me 4"


@pytest.mark.django_db(transaction=True)
def test_a_whole_life_leaves_no_secret_in_the_logs(
    clock: Clock, acme: None, mode: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = FrontendClient(mode)
    secrets = {ALICE.password, NEW_PASSWORD, WRONG_PASSWORD}

    def keep_tokens() -> None:
        secrets.update(token for token in (browser.access_token, browser.refresh_token) if token)

    browser.sign_up(ALICE.email, ALICE.password)
    keep_tokens()
    thief = browser.clone()
    browser.sign_in(ALICE.email, WRONG_PASSWORD)
    browser.sign_in(BOB.email, WRONG_PASSWORD)
    browser.refresh()
    keep_tokens()
    clock.advance(3601)
    browser.get("/test/sync")
    thief.refresh()
    browser.request_reset_token(ALICE.email)
    reset_token = mail.outbox[-1].body.partition("token=")[2].partition("&")[0]
    browser.reset_password(reset_token[:-1], NEW_PASSWORD)
    browser.reset_password(reset_token, NEW_PASSWORD)
    with override_settings(**mail_settings("tests.security.test_logs.NoMailServer")):
        browser.request_reset_token(ALICE.email)
    browser.sign_out()

    assert "could not be sent" in caplog.text
    assert len(secrets | {reset_token}) == 8
    assert [secret for secret in (*secrets, reset_token) if secret in caplog.text] == []


class NoMailServer:
    """A mail backend without a server."""

    def __init__(self, **kwargs: object) -> None:
        pass

    def send_messages(self, messages: object) -> int:
        raise ConnectionRefusedError("no mail server")
