"""Who guesses passwords is stopped, and the owner of the account is not."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.db import connection

from supertokens_django.exceptions import GeneralError
from supertokens_django.services import emailpassword
from tests.accounts import make_tenant, tenant_acme
from tests.base import ALICE, BOB, MALLORY, Clock, sql_statements, supertokens_settings
from tests.client import FDI_VERSIONS, FrontendClient, Mode, json_of
from tests.limits.conftest import ELSEWHERE, HOME, VisitorFrom, rates, too_many
from tests.recipes.emailpassword.bodies import WRONG_CREDENTIALS, form
from tests.recipes.emailpassword.mailbox import Commit, the_mail, token_in

__all__ = ["make_tenant", "tenant_acme"]

pytestmark = pytest.mark.django_db


def status_of(browser: FrontendClient, password: str = MALLORY.password, email: str = ALICE.email) -> str:
    return str(json_of(browser.sign_in(email, password))["status"])


def fail(browser: FrontendClient, times: int, email: str = ALICE.email) -> list[str]:
    return [status_of(browser, email=email) for _ in range(times)]


WRONG, REFUSED = "WRONG_CREDENTIALS_ERROR", "GENERAL_ERROR"


class TestFromOneAddress:
    def test_the_sixth_guess_in_a_minute_is_refused(self, alice: str, mode: Mode) -> None:
        mallory = VisitorFrom(mode=mode)
        assert [json_of(mallory.sign_in(ALICE.email, f"guess {n}")) for n in range(5)] == [
            WRONG_CREDENTIALS
        ] * 5

        response = mallory.sign_in(ALICE.email, "guess 6")

        assert (response.status_code, json_of(response)) == (200, too_many("2 minutes"))
        assert response.headers["Retry-After"] == "70"
        assert response.headers["Access-Control-Expose-Headers"] == "Retry-After"
        assert "no-store" in response.headers["Cache-Control"]
        assert (len(response.cookies), mallory.is_signed_in) == (0, False)

    def test_the_right_password_is_refused_as_well(self, alice: str) -> None:
        """Or else the refusal would be a wrong password told."""
        mallory = VisitorFrom()
        fail(mallory, 5)
        assert json_of(mallory.sign_in(ALICE.email, ALICE.password)) == too_many("2 minutes")
        assert not mallory.is_signed_in

    def test_nothing_is_asked_of_the_database_or_hashed(self, alice: str) -> None:
        mallory = VisitorFrom()
        fail(mallory, 5)
        with sql_statements() as statements:
            assert fail(mallory, 3) == [REFUSED] * 3
        assert statements == []

    def test_it_ends_when_it_said(self, alice: str, clock: Clock) -> None:
        mallory = VisitorFrom()
        fail(mallory, 6)
        clock.advance(69)
        assert json_of(mallory.sign_in(ALICE.email, "guess")) == too_many("1 second")
        clock.advance(1)
        assert fail(mallory, 6) == [WRONG] * 5 + [REFUSED]

    def test_refused_guesses_make_it_no_longer(self, alice: str, clock: Clock) -> None:
        mallory = VisitorFrom()
        fail(mallory, 5)
        for _ in range(69):
            clock.advance(1)
            assert fail(mallory, 2) == [REFUSED] * 2
        clock.advance(1)
        assert status_of(mallory, ALICE.password) == "OK"

    def test_spelling_the_address_otherwise_does_not_help(self, alice: str) -> None:
        mallory = VisitorFrom()
        fail(mallory, 5)
        assert status_of(mallory, email="  ALICE@Example.COM ") == REFUSED

    def test_nor_do_other_fields_or_the_same_twice(self, alice: str) -> None:
        mallory = VisitorFrom()
        fail(mallory, 5)
        email, password = form(email=ALICE.email, password="x")["formFields"]
        twice = {"formFields": [email, {"id": "email", "value": BOB.email}]}
        assert json_of(mallory.call_recipe("POST", "/auth/signin", rid="x", json_body=twice)) == too_many(
            "2 minutes"
        )
        turned = {"formFields": [password, email], "fruit": "banana"}
        assert json_of(mallory.call_recipe("POST", "/auth/signin", rid="x", json_body=turned)) == too_many(
            "2 minutes"
        )

    def test_an_unknown_address_is_counted_like_a_known_one(self, alice: str) -> None:
        """Or else the limit would tell which of them has an account."""
        known, unknown = VisitorFrom("198.51.100.1"), VisitorFrom("198.51.100.2")
        answers = [
            (json_of(found), found.headers.get("Retry-After"))
            for browser, email in ((known, ALICE.email), (unknown, MALLORY.email))
            for found in [browser.sign_in(email, "guess") for _ in range(7)]
        ]
        assert answers[:7] == answers[7:]
        assert answers[6][0] == too_many("2 minutes")

    def test_many_accounts_are_too_many_as_well(self, alice: str) -> None:
        mallory = VisitorFrom()
        stuffed = [status_of(mallory, email=f"user{n}@example.com") for n in range(101)]
        assert stuffed == [WRONG] * 100 + [REFUSED]
        assert status_of(mallory, ALICE.password) == REFUSED
        assert status_of(VisitorFrom(HOME), ALICE.password) == "OK"

    def test_malformed_input_is_counted_by_address(self, alice: str) -> None:
        with rates("emailpassword:signin", IP="3/m"):
            mallory = VisitorFrom()
            sent = [mallory.post("/auth/signin", {"formFields": 7}).status_code for _ in range(4)]
        assert sent == [400, 400, 400, 200]


class TestSuccess:
    def test_it_is_not_counted(self, alice: str) -> None:
        """A hundred colleagues behind one router sign in at nine."""
        assert [status_of(VisitorFrom(HOME), ALICE.password) for _ in range(120)] == ["OK"] * 120

    def test_it_forgets_the_mistakes_before_it(self, alice: str) -> None:
        browser = VisitorFrom(HOME)
        for _ in range(3):
            assert fail(browser, 4) == [WRONG] * 4
            assert status_of(browser, ALICE.password) == "OK"

    def test_it_does_not_forget_guesses_at_others(self, alice: str, bob: str) -> None:
        """Mallory has an account, too."""
        mallory = VisitorFrom()
        assert fail(mallory, 5) == [WRONG] * 5
        assert status_of(mallory, BOB.password, BOB.email) == "OK"
        assert fail(mallory, 1) == [REFUSED]

    def test_it_does_not_forget_what_the_address_did(self, alice: str, bob: str) -> None:
        with rates("emailpassword:signin", IP="6/m"):
            mallory = VisitorFrom()
            for _ in range(3):
                assert status_of(mallory, BOB.password, BOB.email) == "OK"
                assert fail(mallory, 2) == [WRONG] * 2
            assert fail(mallory, 1) == [REFUSED]

    def test_an_account_of_the_same_name_in_another_tenant_forgets_nothing(
        self, alice: str, tenant_acme: str
    ) -> None:
        emailpassword.sign_up(tenant_acme, ALICE.email, MALLORY.password)
        mallory = VisitorFrom()
        assert fail(mallory, 5) == [WRONG] * 5
        assert json_of(mallory.sign_in(ALICE.email, MALLORY.password, tenant=tenant_acme))["status"] == "OK"
        assert fail(mallory, 1) == [REFUSED]


class TestFromEverywhere:
    def flood(self, times: int, start: int = 0) -> list[str]:
        return [status_of(VisitorFrom(f"192.0.2.{start + n}")) for n in range(times)]

    def test_an_account_is_guessed_at_ten_times_in_a_quarter_of_an_hour(
        self, alice: str, clock: Clock
    ) -> None:
        assert self.flood(12) == [WRONG] * 10 + [REFUSED] * 2
        response = VisitorFrom(ELSEWHERE).sign_in(ALICE.email, ALICE.password)
        assert (json_of(response), response.headers["Retry-After"]) == (too_many("18 minutes"), "1050")
        clock.advance(1050)
        assert status_of(VisitorFrom(ELSEWHERE), ALICE.password) == "OK"

    def test_other_accounts_are_not_touched(self, alice: str, bob: str) -> None:
        self.flood(12)
        assert status_of(VisitorFrom(ELSEWHERE), BOB.password, BOB.email) == "OK"

    def test_the_same_address_in_another_tenant_is_another_account(
        self, alice: str, tenant_acme: str
    ) -> None:
        emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password)
        self.flood(12)
        browser = VisitorFrom(ELSEWHERE)
        assert json_of(browser.sign_in(ALICE.email, ALICE.password, tenant=tenant_acme))["status"] == "OK"

    def test_its_owner_comes_in_from_where_they_always_do(self, alice: str, clock: Clock) -> None:
        assert status_of(VisitorFrom(HOME), ALICE.password) == "OK"
        clock.advance(29 * 86400)
        self.flood(12)
        assert status_of(VisitorFrom(HOME), ALICE.password) == "OK"
        assert status_of(VisitorFrom(ELSEWHERE), ALICE.password) == REFUSED

    def test_from_there_nobody_guesses_more_than_from_elsewhere(self, alice: str) -> None:
        status_of(VisitorFrom(HOME), ALICE.password)
        assert fail(VisitorFrom(HOME), 7) == [WRONG] * 5 + [REFUSED] * 2

    def test_without_a_limit_of_both_a_known_address_is_no_way_around(self, alice: str) -> None:
        status_of(VisitorFrom(HOME), ALICE.password)
        with rates("emailpassword:signin", ACCOUNT="3/m"):
            status_of(VisitorFrom(HOME), ALICE.password)
            assert fail(VisitorFrom(HOME), 4) == [WRONG] * 3 + [REFUSED]

    def test_an_account_of_the_same_name_in_another_tenant_makes_no_address_known(
        self, alice: str, tenant_acme: str
    ) -> None:
        emailpassword.sign_up(tenant_acme, ALICE.email, MALLORY.password)
        mallory = VisitorFrom(ELSEWHERE)
        mallory.sign_in(ALICE.email, MALLORY.password, tenant=tenant_acme)
        self.flood(10)
        assert fail(mallory, 1) == [REFUSED]

    def test_known_addresses_can_be_switched_off(self, alice: str) -> None:
        with supertokens_settings(RATE_LIMITS={"KNOWN_ADDRESS_LIFETIME": 0}):
            status_of(VisitorFrom(HOME), ALICE.password)
            self.flood(12)
            assert status_of(VisitorFrom(HOME), ALICE.password) == REFUSED

    def test_who_resets_the_password_gets_in_at_once(
        self, alice: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        self.flood(12)
        traveller = VisitorFrom(ELSEWHERE)
        assert status_of(traveller, ALICE.password) == REFUSED
        with django_capture_on_commit_callbacks(execute=True):
            traveller.request_reset_token(ALICE.email)
        with django_capture_on_commit_callbacks(execute=True):
            answer = json_of(traveller.reset_password(token_in(the_mail()), "rabbit hole 1"))
        assert answer["status"] == "OK"
        assert self.flood(12, start=100) == [WRONG] * 10 + [REFUSED] * 2
        assert status_of(traveller, "rabbit hole 1") == "OK"

    def test_who_signs_up_is_at_home_there(self) -> None:
        """Whatever somebody has tried before there was an account."""
        self.flood(12)
        owner = VisitorFrom(HOME)
        assert json_of(owner.sign_up(ALICE.email, ALICE.password))["status"] == "OK"
        self.flood(12, start=100)
        assert status_of(owner, ALICE.password) == "OK"


class TestTenants:
    def test_a_session_does_not_open_a_back_door_of_tenants(self, alice: str, bob: str) -> None:
        """Before FDI 3.1 the tenant of a session counts, whatever the URL says; so it does for the limit."""
        mallory = VisitorFrom()
        mallory.sign_in(BOB.email, BOB.password)
        mallory.fdi_version = "3.0"
        assert fail(mallory, 5) == [WRONG] * 5
        answers = [json_of(mallory.sign_in(ALICE.email, "guess", tenant=f"t{n}")) for n in range(3)]
        assert answers == [too_many("2 minutes")] * 3
        mallory.fdi_version = FDI_VERSIONS
        assert fail(mallory, 1) == [REFUSED]


class Crashing:
    def check(self, *args: object) -> None:
        raise RuntimeError("the captcha's server is away")


class Refusing:
    def check(self, *args: object) -> None:
        raise GeneralError("Please solve the captcha")


class TestGuards:
    def test_an_outage_ends_without_lock_outs(self, alice: str) -> None:
        browser = VisitorFrom(HOME)
        with supertokens_settings(GUARDS=[Crashing]):
            for _ in range(7):
                with pytest.raises(RuntimeError):
                    browser.sign_in(ALICE.email, ALICE.password)
        assert fail(browser, 6) == [WRONG] * 5 + [REFUSED]

    def test_a_flood_does_not_reach_them(self, alice: str) -> None:
        with supertokens_settings(GUARDS=[Refusing]):
            answers = [json_of(VisitorFrom().sign_in(ALICE.email, "guess"))["message"] for _ in range(6)]
        assert answers == ["Please solve the captcha"] * 5 + [too_many("2 minutes")["message"]]

    def test_an_expired_session_is_not_counted(self, alice: str, clock: Clock) -> None:
        """The frontend refreshes and calls again."""
        browser = VisitorFrom(HOME)
        browser.sign_in(ALICE.email, ALICE.password)
        browser.fdi_version = "3.0"
        clock.advance(3601)
        assert [browser.sign_in(ALICE.email, "x").status_code for _ in range(6)] == [401] * 6


def test_the_cache_knows_no_address_and_no_email(alice: str) -> None:
    browser = VisitorFrom(HOME)
    status_of(browser, ALICE.password)
    fail(browser, 6)
    stored = repr(caches["default"]._cache)  # type: ignore[attr-defined]
    assert "supertokens-limits:" in stored
    assert [text for text in (ALICE.email, "alice", HOME) if text in stored] == []


def test_no_statement_is_added(alice: str) -> None:
    connection.ensure_connection()
    browser = VisitorFrom(HOME)
    status_of(browser, ALICE.password)
    with sql_statements() as limited:
        assert status_of(browser, ALICE.password) == "OK"
    with supertokens_settings(RATE_LIMITS={"ENABLED": False}), sql_statements() as unlimited:
        assert status_of(browser, ALICE.password) == "OK"
    assert len(limited) == len(unlimited)
