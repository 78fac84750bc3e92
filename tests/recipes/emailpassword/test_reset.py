"""``POST /user/password/reset``: a token and a new password."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from supertokens_django.services import emailpassword, session, users
from tests.base import ALICE, BOB, Clock, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import (
    INVALID_RESET_TOKEN,
    NOT_OPTIONAL,
    OK,
    TOO_SHORT,
    WRONG_CREDENTIALS,
    field_error,
)

pytestmark = pytest.mark.django_db

NEW = "through the looking-glass 1871"
HOUR = timedelta(hours=1)


@pytest.fixture
def token(alice: str) -> str:
    return emailpassword.create_reset_password_token("public", alice, ALICE.email)


@pytest.fixture
def another(alice: str) -> Callable[[], str]:
    return lambda: emailpassword.create_reset_password_token("public", alice, ALICE.email)


def test_the_new_password_takes_the_place_of_the_old_one(
    visitor: FrontendClient, alice: str, token: str
) -> None:
    response = visitor.reset_password(token, NEW)
    assert (response.status_code, json_of(response)) == (200, OK)
    assert json_of(visitor.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS
    assert json_of(visitor.sign_in(ALICE.email, NEW))["user"]["id"] == alice


def test_it_gives_no_session(browser: FrontendClient, token: str) -> None:
    response = browser.reset_password(token, NEW)
    assert not browser.is_signed_in
    assert not response.cookies


class TestInvalidToken:
    @pytest.mark.parametrize(
        "bad", ["", "x", "a" * 128, "a" * 100_000, "é", "\t", "../../etc", "%00", "' OR 1=1 --"]
    )
    def test_one_that_was_never_issued(self, bad: str, visitor: FrontendClient, alice: str) -> None:
        response = visitor.reset_password(bad, NEW)
        assert (response.status_code, json_of(response)) == (200, INVALID_RESET_TOKEN)
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password))["status"] == "OK"

    def test_one_that_was_altered(self, visitor: FrontendClient, token: str) -> None:
        for altered in (token[:-1], token + "a", token.swapcase(), f" {token}", token[::-1]):
            assert json_of(visitor.reset_password(altered, NEW)) == INVALID_RESET_TOKEN
        assert json_of(visitor.reset_password(token, NEW)) == OK

    def test_one_that_was_used(self, visitor: FrontendClient, token: str) -> None:
        answers = [json_of(visitor.reset_password(token, f"{NEW} {number}")) for number in range(4)]
        assert answers == [OK] + [INVALID_RESET_TOKEN] * 3
        assert json_of(visitor.sign_in(ALICE.email, f"{NEW} 0"))["status"] == "OK"

    def test_one_of_a_deleted_user(self, visitor: FrontendClient, alice: str, token: str) -> None:
        users.delete_user(alice)
        assert json_of(visitor.reset_password(token, NEW)) == INVALID_RESET_TOKEN

    def test_using_one_ends_all_others_of_the_user(
        self, visitor: FrontendClient, token: str, another: Callable[[], str]
    ) -> None:
        others = [another(), another()]
        assert json_of(visitor.reset_password(others[0], NEW)) == OK
        assert json_of(visitor.reset_password(others[1], NEW)) == INVALID_RESET_TOKEN
        assert json_of(visitor.reset_password(token, NEW)) == INVALID_RESET_TOKEN

    def test_using_one_leaves_those_of_other_users(self, visitor: FrontendClient, token: str) -> None:
        bob = emailpassword.sign_up("public", BOB.email, BOB.password).id
        token_of_bob = emailpassword.create_reset_password_token("public", bob, BOB.email)
        assert json_of(visitor.reset_password(token, NEW)) == OK
        assert json_of(visitor.reset_password(token_of_bob, NEW)) == OK

    def test_in_any_order_exactly_one_of_many_tokens_works(
        self, visitor: FrontendClient, token: str, another: Callable[[], str]
    ) -> None:
        tokens = [token, *(another() for _ in range(4))] * 2
        random.shuffle(tokens)
        answers = [json_of(visitor.reset_password(one, NEW)) for one in tokens]
        assert answers == [OK] + [INVALID_RESET_TOKEN] * 9


class TestLifetime:
    def test_it_is_one_hour(
        self, clock: Clock, visitor: FrontendClient, token: str, another: Callable[[], str]
    ) -> None:
        clock.advance(HOUR - timedelta(seconds=5))
        assert json_of(visitor.reset_password(token, NEW)) == OK
        later = another()
        clock.advance(HOUR + timedelta(seconds=1))
        assert json_of(visitor.reset_password(later, NEW)) == INVALID_RESET_TOKEN

    def test_presenting_an_expired_one_ends_all_others_too(
        self, clock: Clock, visitor: FrontendClient, token: str, another: Callable[[], str]
    ) -> None:
        clock.advance(HOUR / 2)
        younger = another()
        clock.advance(HOUR / 2 + timedelta(seconds=1))
        assert json_of(visitor.reset_password(token, NEW)) == INVALID_RESET_TOKEN
        assert json_of(visitor.reset_password(younger, NEW)) == INVALID_RESET_TOKEN


class TestTenant:
    def test_a_token_of_one_tenant_is_taken_through_another(
        self, visitor: FrontendClient, token: str, tenant_acme: str
    ) -> None:
        assert json_of(visitor.reset_password(token, NEW, tenant=tenant_acme)) == OK
        assert json_of(visitor.sign_in(ALICE.email, NEW))["status"] == "OK"

    def test_it_changes_the_password_of_its_own_user_only(
        self, visitor: FrontendClient, token: str, tenant_acme: str
    ) -> None:
        visitor.sign_up(ALICE.email, BOB.password, tenant=tenant_acme)
        visitor.reset_password(token, NEW, tenant=tenant_acme)
        assert json_of(visitor.sign_in(ALICE.email, BOB.password, tenant=tenant_acme))["status"] == "OK"
        assert json_of(visitor.sign_in(ALICE.email, NEW, tenant=tenant_acme)) == WRONG_CREDENTIALS


class TestForm:
    def test_a_bad_password_is_told_before_a_bad_token(self, visitor: FrontendClient) -> None:
        assert json_of(visitor.reset_password("bogus", "a1")) == field_error(("password", TOO_SHORT))
        assert json_of(visitor.reset_password("bogus", "")) == field_error(("password", NOT_OPTIONAL))

    def test_a_bad_password_does_not_use_the_token_up(self, visitor: FrontendClient, token: str) -> None:
        visitor.reset_password(token, "a1")
        assert json_of(visitor.reset_password(token, NEW)) == OK

    def test_the_method_field_is_ignored(self, visitor: FrontendClient, token: str) -> None:
        body = {"formFields": [{"id": "password", "value": NEW}], "token": token, "method": 7}
        response = visitor.call_recipe(
            "POST", "/auth/user/password/reset", rid="emailpassword", json_body=body
        )
        assert json_of(response) == OK

    def test_it_lives_on_when_asking_for_tokens_is_disabled(
        self, visitor: FrontendClient, token: str
    ) -> None:
        with supertokens_settings(DISABLED_ENDPOINTS=["emailpassword:reset_token"]):
            assert json_of(visitor.reset_password(token, NEW)) == OK


class TestSessions:
    def test_all_of_the_user_end(self, browser: FrontendClient, visitor: FrontendClient, token: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        visitor.reset_password(token, NEW)
        assert session.get_all_session_handles_for_user(browser.user_id) == []
        response = browser.refresh()
        assert (response.status_code, json_of(response)) == (401, {"message": "unauthorised"})

    def test_those_of_others_do_not(
        self, browser: FrontendClient, visitor: FrontendClient, token: str
    ) -> None:
        browser.sign_up(BOB.email, BOB.password)
        visitor.reset_password(token, NEW)
        assert browser.refresh().status_code == 200

    def test_they_live_on_where_the_project_says_so(
        self, browser: FrontendClient, visitor: FrontendClient, token: str
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        with supertokens_settings(EMAILPASSWORD={"REVOKE_SESSIONS_ON_PASSWORD_RESET": False}):
            assert json_of(visitor.reset_password(token, NEW)) == OK
        assert browser.refresh().status_code == 200

    def test_a_refused_reset_ends_none(
        self, browser: FrontendClient, visitor: FrontendClient, token: str
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        visitor.reset_password("bogus", NEW)
        visitor.reset_password(token, "a1")
        assert browser.refresh().status_code == 200
