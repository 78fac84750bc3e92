"""Django's own signals, sent as ``django.contrib.auth.login`` would send them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from tests.accounts import django_user_of
from tests.base import ALICE, BOB, MALLORY
from tests.client import FrontendClient
from tests.recipes.emailpassword.mailbox import Commit

pytestmark = pytest.mark.django_db

SIGNALS = {"in": user_logged_in, "out": user_logged_out, "failed": user_login_failed}


class Ear:
    """Hears Django's signals once the transaction is committed."""

    def __init__(self, commit: Commit) -> None:
        self.commit = commit
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def listen(self, name: str, **kwargs: Any) -> None:
        self.heard.append((name, kwargs))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.heard]


@pytest.fixture
def ear(acme: None, django_capture_on_commit_callbacks: Commit) -> Iterator[Ear]:
    ear = Ear(django_capture_on_commit_callbacks)
    receivers = {}
    for name, signal in SIGNALS.items():

        def receiver(*, name: str = name, **kwargs: Any) -> None:
            ear.listen(name, **kwargs)

        receivers[name] = receiver
        signal.connect(receiver)
    yield ear
    for name, signal in SIGNALS.items():
        signal.disconnect(receivers[name])


def test_sign_up_sends_user_logged_in(ear: Ear, browser: FrontendClient) -> None:
    with ear.commit(execute=True):
        browser.sign_up(ALICE.email, ALICE.password)
    ((name, sent),) = ear.heard
    assert name == "in"
    assert sent["user"] == django_user_of(browser.user_id)
    assert sent["sender"] is type(sent["user"])
    assert isinstance(sent["request"], HttpRequest)
    assert sent["request"].path == "/auth/signup"


def test_sign_in_sends_user_logged_in(ear: Ear, browser: FrontendClient, alice: str) -> None:
    with ear.commit(execute=True):
        browser.sign_in(ALICE.email, ALICE.password)
    ((name, sent),) = ear.heard
    assert (name, sent["user"], sent["request"].path) == ("in", django_user_of(alice), "/auth/signin")


def test_sign_in_notes_the_time_of_the_last_login(ear: Ear, browser: FrontendClient, alice: str) -> None:
    assert django_user_of(alice).last_login is None
    with ear.commit(execute=True):
        browser.sign_in(ALICE.email, ALICE.password)
    assert django_user_of(alice).last_login is not None


@pytest.mark.parametrize(
    ("email", "password"), [(ALICE.email, BOB.password), (MALLORY.email, ALICE.password)]
)
def test_wrong_credentials_send_user_login_failed_without_the_password(
    email: str, password: str, ear: Ear, browser: FrontendClient, alice: str
) -> None:
    with ear.commit(execute=True):
        browser.sign_in(email, password)
    ((name, sent),) = ear.heard
    assert name == "failed"
    assert sent["request"].path == "/auth/signin"
    assert email in sent["credentials"].values()
    assert password not in repr(sent["credentials"])


def test_a_form_that_is_not_filled_in_sends_nothing(ear: Ear, browser: FrontendClient, alice: str) -> None:
    with ear.commit(execute=True):
        browser.sign_in("alice", "")
        browser.sign_up(ALICE.email, BOB.password)
    assert ear.heard == []


def test_sign_out_sends_user_logged_out(ear: Ear, browser: FrontendClient, alice: str) -> None:
    browser.sign_in(ALICE.email, ALICE.password)
    ear.heard.clear()
    with ear.commit(execute=True):
        browser.sign_out()
    ((name, sent),) = ear.heard
    assert (name, sent["user"], sent["request"].path) == ("out", django_user_of(alice), "/auth/signout")


def test_a_refresh_and_a_visit_send_nothing(ear: Ear, browser: FrontendClient, alice: str) -> None:
    browser.sign_in(ALICE.email, ALICE.password)
    ear.heard.clear()
    with ear.commit(execute=True):
        browser.refresh()
        browser.get("/test/whoami")
    assert ear.heard == []


def test_a_receiver_that_fails_does_not_break_the_sign_in(
    ear: Ear, browser: FrontendClient, alice: str
) -> None:
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("a receiver of the project")

    user_logged_in.connect(fail)
    try:
        with ear.commit(execute=True):
            response = browser.sign_in(ALICE.email, ALICE.password)
    finally:
        user_logged_in.disconnect(fail)
    assert response.status_code == 200
    assert browser.is_signed_in


def test_nothing_is_sent_before_the_commit(ear: Ear, browser: FrontendClient) -> None:
    with ear.commit(execute=False):
        browser.sign_up(ALICE.email, ALICE.password)
    assert ear.heard == []
