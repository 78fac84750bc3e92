"""What is answered to too many tries: to frontends, to other clients, on the pages, in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from tests.base import ALICE, BOB, Clock, supertokens_settings
from tests.client import FrontendClient, Mode, json_of
from tests.limits.conftest import ELSEWHERE, HOME, VisitorFrom, rates, too_many
from tests.pages.test_account import change_password
from tests.pages.visiting import ORIGIN, Visitor
from tests.recipes.emailpassword.bodies import OK, WRONG_CREDENTIALS

pytestmark = pytest.mark.django_db

CALLS = {
    "emailpassword:signin": lambda browser: browser.sign_in(ALICE.email, "guess"),
    "emailpassword:signup": lambda browser: browser.sign_up(ALICE.email, ALICE.password),
    "emailpassword:email_exists": lambda browser: browser.email_exists(ALICE.email),
    "emailpassword:reset_token": lambda browser: browser.request_reset_token(ALICE.email),
    "emailpassword:reset": lambda browser: browser.reset_password("token", ALICE.password),
}
BY_ACCOUNT = sorted(set(CALLS) - {"emailpassword:email_exists", "emailpassword:reset"})


@pytest.mark.parametrize("endpoint", CALLS)
class TestEveryEndpoint:
    def test_by_address(self, endpoint: str, alice: str, mode: Mode) -> None:
        with rates(endpoint, IP="2/h"):
            browser, other = VisitorFrom(HOME, mode), VisitorFrom(ELSEWHERE, mode)
            passed = [json_of(CALLS[endpoint](browser)) for _ in range(2)]
            response = CALLS[endpoint](browser)
            assert (response.status_code, json_of(response)) == (200, too_many("70 minutes"))
            assert response.headers["Retry-After"] == "4200"
            assert [json_of(CALLS[endpoint](other)) for _ in range(2)] == passed

    def test_other_clients_are_told_by_the_http_status(self, endpoint: str, alice: str) -> None:
        with rates(endpoint, IP="2/h"):
            curl = VisitorFrom(HOME, **{"rid": None, "fdi-version": None})
            statuses = [CALLS[endpoint](curl).status_code for _ in range(2)]
            response = CALLS[endpoint](curl)
        assert statuses == [200, 200]
        assert (response.status_code, json_of(response)) == (429, too_many("70 minutes"))
        assert response.headers["Retry-After"] == "4200"
        assert response.headers["Access-Control-Expose-Headers"] == "Retry-After"
        assert "no-store" in response.headers["Cache-Control"]

    def test_either_header_of_an_sdk_will_do(self, endpoint: str, alice: str) -> None:
        with rates(endpoint, IP="1/h"):
            for headers in ({"rid": None}, {"fdi-version": None}):
                browser = VisitorFrom(HOME, **headers)
                CALLS[endpoint](browser)
                assert CALLS[endpoint](browser).status_code == 200


@pytest.mark.parametrize("endpoint", BY_ACCOUNT)
class TestEveryEndpointAboutAnAccount:
    def test_by_account(self, endpoint: str, alice: str) -> None:
        with rates(endpoint, ACCOUNT="2/h"):
            for n in range(2):
                assert json_of(CALLS[endpoint](VisitorFrom(f"192.0.2.{n}")))["status"] != "GENERAL_ERROR"
            assert json_of(CALLS[endpoint](VisitorFrom(HOME))) == too_many("70 minutes")

    def test_by_account_and_address(self, endpoint: str, alice: str) -> None:
        with rates(endpoint, ACCOUNT_AND_IP="2/h"):
            for _ in range(2):
                assert json_of(CALLS[endpoint](VisitorFrom(HOME)))["status"] != "GENERAL_ERROR"
            assert json_of(CALLS[endpoint](VisitorFrom(HOME))) == too_many("70 minutes")
            assert json_of(CALLS[endpoint](VisitorFrom(ELSEWHERE)))["status"] != "GENERAL_ERROR"

    def test_without_an_address_the_account_is_counted_all_the_same(self, endpoint: str, alice: str) -> None:
        """A server behind a Unix socket that was told of no proxy."""
        with rates(endpoint, IP="1/h", ACCOUNT="2/h", ACCOUNT_AND_IP="1/h"):
            answers = [json_of(CALLS[endpoint](VisitorFrom("unknown"))) for _ in range(3)]
        assert [answer["status"] == "GENERAL_ERROR" for answer in answers] == [False, False, True]


class TestResetMails:
    def test_nobodys_mailbox_is_flooded(self, alice: str, mailoutbox: list[Any]) -> None:
        answers = [json_of(VisitorFrom(f"192.0.2.{n}").request_reset_token(ALICE.email)) for n in range(6)]
        assert answers == [OK] * 5 + [too_many("70 minutes")]

    def test_a_limit_does_not_tell_who_has_an_account(self, alice: str) -> None:
        def asked(email: str) -> list[Any]:
            found = [VisitorFrom(f"192.0.2.{n}").request_reset_token(email) for n in range(7)]
            return [(json_of(answer), answer.headers.get("Retry-After")) for answer in found]

        assert asked(ALICE.email) == asked(BOB.email)


class TestEndpointsWithoutLimits:
    def test_refresh_and_sign_out_have_none(self, alice: str) -> None:
        browser = VisitorFrom(HOME)
        for _ in range(3):
            browser.sign_in(ALICE.email, ALICE.password)
            assert all(browser.refresh().status_code == 200 for _ in range(50))
            assert json_of(browser.sign_out()) == OK

    def test_any_can_be_given_one(self, alice: str) -> None:
        browser = VisitorFrom(HOME)
        browser.sign_in(ALICE.email, ALICE.password)
        with rates("session:refresh", IP="2/m"):
            assert [json_of(browser.refresh()) for _ in range(3)] == [{}, {}, too_many("2 minutes")]
        assert browser.is_signed_in

    def test_any_can_be_freed_of_its_own(self, alice: str) -> None:
        with supertokens_settings(RATE_LIMITS={"LIMITS": {"emailpassword:signin": None}}):
            answers = [json_of(VisitorFrom(HOME).sign_in(ALICE.email, "guess")) for _ in range(120)]
        assert answers == [WRONG_CREDENTIALS] * 120

    def test_all_can_be_switched_off(self, alice: str) -> None:
        with supertokens_settings(RATE_LIMITS={"ENABLED": False}):
            answers = [json_of(VisitorFrom(HOME).sign_in(ALICE.email, "guess")) for _ in range(120)]
        assert answers == [WRONG_CREDENTIALS] * 120


GERMAN = {
    "MIDDLEWARE": ["django.middleware.locale.LocaleMiddleware", *settings.MIDDLEWARE],
    "LANGUAGES": [("en", "English"), ("de", "Deutsch")],
}


@override_settings(**GERMAN)
def test_the_text_is_in_the_visitors_language(alice: str) -> None:
    browser = VisitorFrom(HOME, **{"accept-language": "de"})
    for _ in range(5):
        browser.sign_in(ALICE.email, "guess")
    text = "Zu viele Versuche. Bitte versuchen Sie es in 2 Minuten noch einmal."
    assert json_of(browser.sign_in(ALICE.email, "guess")) == {"status": "GENERAL_ERROR", "message": text}


class TestPages:
    @pytest.fixture(autouse=True)
    def one_origin(self, limits: None) -> Iterator[None]:
        with supertokens_settings(API_DOMAIN=ORIGIN, WEBSITE_DOMAIN=ORIGIN, TRUSTED_PROXY_COUNT=0):
            yield

    def guess(self, visitor: Visitor, times: int) -> Any:
        for _ in range(times):
            page = visitor.submit(visitor.open("/auth/"), email=ALICE.email, password="guess")
        return page

    def test_the_form_says_so(self, alice: str) -> None:
        page = self.guess(Visitor(), 5)
        assert (page.status, page.alerts) == (200, ["The e-mail address or the password is not right."])
        page = self.guess(Visitor(), 1)
        assert (page.status, page.alerts) == (429, ["Too many attempts. Please try again in 2 minutes."])
        assert page.response.headers["Retry-After"] == "70"
        assert page.one("input", name="email").attributes  # the form is still there

    def test_pages_and_api_count_together(self, alice: str) -> None:
        self.guess(Visitor(), 3)
        answers = [json_of(FrontendClient("header").sign_in(ALICE.email, "guess")) for _ in range(3)]
        assert answers == [WRONG_CREDENTIALS] * 2 + [too_many("2 minutes")]

    def test_sign_up_and_reset_pages_say_so_too(self, alice: str) -> None:
        visitor = Visitor()
        for path, endpoint, fields in (
            (
                "/auth/?show=signup",
                "emailpassword:signup",
                {"email": ALICE.email, "password": ALICE.password},
            ),
            ("/auth/reset-password", "emailpassword:reset_token", {"email": ALICE.email}),
            ("/auth/reset-password?token=x", "emailpassword:reset", {"password": ALICE.password}),
        ):
            with rates(endpoint, IP="1/m"):
                visitor.submit(visitor.open(path), **fields)
                page = visitor.submit(visitor.open(path), **fields)
            assert (page.status, page.alerts) == (429, ["Too many attempts. Please try again in 2 minutes."])

    @override_settings(**GERMAN)
    def test_in_german(self, alice: str) -> None:
        visitor = Visitor(headers={"accept-language": "de"})
        page = self.guess(visitor, 6)
        assert page.alerts == ["Zu viele Versuche. Bitte versuchen Sie es in 2 Minuten noch einmal."]

    def test_a_session_does_not_let_its_thief_guess_the_password(self, alice: str, clock: Clock) -> None:
        visitor = Visitor()
        visitor.submit(visitor.open("/auth/"), email=ALICE.email, password=ALICE.password)

        for n in range(10):
            assert change_password(visitor, f"guess {n}").errors == {
                "current_password": "This is not your password."
            }
        page = change_password(visitor)
        assert (page.status, page.alerts) == (429, ["Too many attempts. Please try again in 18 minutes."])
        clock.advance(1050)
        assert change_password(visitor).status == 302
