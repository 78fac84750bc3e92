"""``HIDE_ACCOUNT_EXISTENCE``: whatever is asked, nobody learns who has an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.http import HttpRequest
from django.test import override_settings

from supertokens_django.exceptions import GeneralError
from supertokens_django.services import users
from tests.base import ALICE, BOB, MALLORY, sql_statements, supertokens_settings
from tests.client import FrontendClient, Mode, json_of, session_headers
from tests.hashing.hashers import CountingHasher
from tests.limits.conftest import HOME, VisitorFrom
from tests.pages.visiting import ORIGIN, Visitor
from tests.recipes.emailpassword.bodies import OK, TOO_SHORT, WRONG_CREDENTIALS, field_error
from tests.recipes.emailpassword.mailbox import Commit, the_mail, token_in

pytestmark = pytest.mark.django_db

SENT = "We have sent a mail to this address. Open the link in it and choose a password to finish signing up."
BY_MAIL = {"status": "GENERAL_ERROR", "message": SENT}


@pytest.fixture(autouse=True)
def hidden(limits: None) -> Iterator[None]:
    with supertokens_settings(HIDE_ACCOUNT_EXISTENCE=True):
        yield


def whole(response: Any) -> Any:
    """Everything that a client is told, but for the time."""
    headers = {name: value for name, value in response.headers.items() if name not in ("Date", "Expires")}
    return response.status_code, json_of(response), headers, dict(response.cookies)


def of_both(ask: Callable[[str], Any]) -> Any:
    """What is answered about Alice, who has an account, and Bob, who has none."""
    known, unknown = whole(ask(ALICE.email)), whole(ask(BOB.email))
    assert known == unknown
    return known


class TestAnswers:
    def test_sign_up(self, alice: str, mode: Mode) -> None:
        status, body, _, cookies = of_both(
            lambda email: VisitorFrom(HOME, mode).sign_up(email, MALLORY.password)
        )
        assert (status, body, cookies) == (200, BY_MAIL, {})

    def test_sign_up_with_a_bad_form(self, alice: str) -> None:
        _, body, _, _ = of_both(lambda email: VisitorFrom(HOME).sign_up(email, "short"))
        assert body == field_error(("password", TOO_SHORT))

    def test_email_exists(self, alice: str) -> None:
        _, body, _, _ = of_both(lambda email: VisitorFrom(HOME).email_exists(email))
        assert body == {"status": "OK", "exists": False}

    def test_reset(self, alice: str) -> None:
        assert of_both(lambda email: VisitorFrom(HOME).request_reset_token(email))[1] == OK

    def test_sign_in(self, alice: str) -> None:
        assert of_both(lambda email: VisitorFrom(HOME).sign_in(email, "guess"))[1] == WRONG_CREDENTIALS

    def test_signing_in_with_what_was_signed_up_with_tells_nothing(self, alice: str) -> None:
        of_both(lambda email: VisitorFrom(HOME).sign_up(email, MALLORY.password))
        answer = of_both(lambda email: VisitorFrom(HOME).sign_in(email, MALLORY.password))
        assert answer[1] == WRONG_CREDENTIALS

    def test_nor_does_signing_up_again_and_again(self, alice: str) -> None:
        for _ in range(5):
            of_both(lambda email: VisitorFrom(HOME).sign_up(email, MALLORY.password))
        assert of_both(lambda email: VisitorFrom(HOME).sign_up(email, MALLORY.password))[1][
            "message"
        ].startswith("Too many attempts.")

    def test_an_unknown_tenant_is_one(self) -> None:
        assert VisitorFrom(HOME).email_exists(ALICE.email, tenant="nowhere").status_code == 400

    def test_without_the_setting_all_is_as_ever(self, alice: str) -> None:
        with supertokens_settings(HIDE_ACCOUNT_EXISTENCE=False):
            assert json_of(VisitorFrom(HOME).email_exists(ALICE.email))["exists"] is True
            assert json_of(VisitorFrom(HOME).sign_up(ALICE.email, ALICE.password))["status"] == "FIELD_ERROR"
            assert json_of(VisitorFrom(HOME).sign_up(BOB.email, BOB.password))["status"] == "OK"


class TestWork:
    """What takes time is the same in both cases."""

    def test_hashes(self, alice: str) -> None:
        with override_settings(PASSWORD_HASHERS=["tests.hashing.hashers.CountingHasher"]):
            counts = [
                CountingHasher.count(VisitorFrom(HOME).sign_up, email, MALLORY.password)
                for email in (ALICE.email, BOB.email)
            ]
        assert counts == [1, 1]

    def test_mails(self, alice: str, django_capture_on_commit_callbacks: Commit) -> None:
        for email in (ALICE.email, BOB.email):
            with django_capture_on_commit_callbacks(execute=True):
                VisitorFrom(HOME).sign_up(email, MALLORY.password)
        first, second = mail.outbox
        assert (first.to, second.to) == ([ALICE.email], [BOB.email])
        # Whoever reads a mailbox is told what nobody else is.
        assert first.subject == "You already have an account at Acme"
        assert second.subject == "Finish signing up at Acme"

    def test_email_exists_asks_the_same(self, alice: str) -> None:
        asked = []
        for email in (ALICE.email, BOB.email):
            with sql_statements() as statements:
                VisitorFrom(HOME).email_exists(email)
            asked.append(list(statements))
        assert asked[0] == asked[1]


class TestSigningUp:
    def finish(self, commit: Commit, person: Any) -> FrontendClient:
        browser = VisitorFrom(HOME)
        with commit(execute=True):
            browser.sign_up(person.email, person.password)
        with commit(execute=True):
            answer = json_of(browser.reset_password(token_in(the_mail()), "rabbit hole 1"))
        assert answer == OK
        return browser

    def test_the_link_makes_the_account_good(self, django_capture_on_commit_callbacks: Commit) -> None:
        browser = self.finish(django_capture_on_commit_callbacks, BOB)
        assert json_of(browser.sign_in(BOB.email, BOB.password)) == WRONG_CREDENTIALS
        assert json_of(browser.sign_in(BOB.email, "rabbit hole 1"))["status"] == "OK"
        assert browser.is_signed_in
        assert users.get_user_count() == get_user_model().objects.count() == 1

    def test_whoever_has_an_account_gets_into_it(
        self, alice: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        browser = self.finish(django_capture_on_commit_callbacks, ALICE)
        browser.sign_in(ALICE.email, "rabbit hole 1")
        assert browser.user_id == alice

    def test_no_session_begins(self, mode: Mode) -> None:
        browser = VisitorFrom(HOME, mode)
        response = browser.sign_up(BOB.email, BOB.password)
        assert (session_headers(response), browser.is_signed_in) == ({}, False)

    def test_gates_refuse_alike(self, alice: str) -> None:
        with supertokens_settings(FLOW_GATES=[NobodyElse]):
            answer = of_both(lambda email: VisitorFrom(HOME).sign_up(email, MALLORY.password))
        assert answer[1] == {"status": "GENERAL_ERROR", "message": "We are full"}
        assert users.get_user_count() == 1


class NobodyElse:
    def check(self, attempt: Any, request: HttpRequest) -> None:
        raise GeneralError("We are full")


def test_the_page_says_the_same_to_both(alice: str) -> None:
    with supertokens_settings(API_DOMAIN=ORIGIN, WEBSITE_DOMAIN=ORIGIN, TRUSTED_PROXY_COUNT=0):
        for email in (ALICE.email, BOB.email):
            visitor = Visitor()
            page = visitor.submit(visitor.open("/auth/?show=signup"), email=email, password=MALLORY.password)
            page = visitor.follow(page)
            assert (page.heading, page.status_messages) == ("Check your e-mail", [SENT])
            assert not visitor.is_signed_in
