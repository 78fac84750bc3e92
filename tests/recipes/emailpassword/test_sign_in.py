"""``POST /signin``."""

from __future__ import annotations

from datetime import timedelta

import pytest

from supertokens_django.services import emailpassword, session
from tests.base import ALICE, BOB, MALLORY, Clock, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import (
    BAD_EMAIL,
    NOT_OPTIONAL,
    WRONG_CREDENTIALS,
    field_error,
    form,
    message,
    user_with_login_methods,
)

pytestmark = pytest.mark.django_db


def test_it_answers_with_the_user_as_signed_up(clock: Clock, browser: FrontendClient, alice: str) -> None:
    joined = clock.milliseconds
    clock.advance(timedelta(days=3))
    response = browser.sign_in(ALICE.email, ALICE.password)
    assert response.status_code == 200
    user = user_with_login_methods(alice, ALICE.email, joined)
    assert json_of(response) == {"status": "OK", "user": user}


def test_it_makes_one_more_session(browser: FrontendClient, alice: str) -> None:
    browser.sign_in(ALICE.email, ALICE.password)
    first = browser.session_handle
    browser.sign_in(ALICE.email, ALICE.password)
    handles = session.get_all_session_handles_for_user(alice)
    assert len(handles) == 2
    assert {first, browser.session_handle} == set(handles)


class TestWrongCredentials:
    def test_a_wrong_password_and_an_unknown_email_look_the_same(
        self, clock: Clock, browser: FrontendClient, alice: str
    ) -> None:
        answers = [
            browser.sign_in(ALICE.email, BOB.password),
            browser.sign_in(MALLORY.email, ALICE.password),
            browser.sign_in("alice@stfakeemail.supertokens.com", ALICE.password),
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert [json_of(answer) for answer in answers] == [WRONG_CREDENTIALS] * 3
        assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1

    def test_they_give_no_session(self, browser: FrontendClient, alice: str) -> None:
        browser.sign_in(ALICE.email, BOB.password)
        assert not browser.is_signed_in
        assert browser.access_token is None
        assert session.get_all_session_handles_for_user(alice) == []

    @pytest.mark.parametrize(
        "password", ["WONDERLAND 1865", " wonderland 1865", "wonderland 1865 ", "wonderland 186"]
    )
    def test_a_password_must_match_to_the_letter(
        self, password: str, visitor: FrontendClient, alice: str
    ) -> None:
        assert json_of(visitor.sign_in(ALICE.email, password)) == WRONG_CREDENTIALS
        assert not visitor.is_signed_in

    def test_a_fake_address_never_signs_in_as_first_factor(self, visitor: FrontendClient) -> None:
        emailpassword.sign_up("public", "alice@acme.fakeemail.com", ALICE.password)
        assert json_of(visitor.sign_in("alice@acme.fakeemail.com", ALICE.password)) == WRONG_CREDENTIALS


class TestForm:
    @pytest.mark.parametrize("typed", ["ALICE@example.com", "  alice@Example.com ", "\talice@example.com\n"])
    def test_an_email_may_be_typed_with_capitals_and_blanks(
        self, typed: str, visitor: FrontendClient, alice: str
    ) -> None:
        assert json_of(visitor.sign_in(typed, ALICE.password))["user"]["id"] == alice

    def test_the_password_policy_plays_no_part(self, visitor: FrontendClient) -> None:
        emailpassword.sign_up("public", ALICE.email, "x")
        assert json_of(visitor.sign_in(ALICE.email, "x"))["status"] == "OK"
        assert json_of(visitor.sign_in(ALICE.email, "y" * 300)) == WRONG_CREDENTIALS

    def test_errors_come_password_first(self, visitor: FrontendClient) -> None:
        both = field_error(("password", NOT_OPTIONAL), ("email", NOT_OPTIONAL))
        assert json_of(visitor.submit_form("/signin", {})) == both
        assert json_of(visitor.sign_in(" ", "")) == both
        bad = field_error(("password", NOT_OPTIONAL), ("email", BAD_EMAIL))
        assert json_of(visitor.sign_in("alice", "")) == bad

    def test_custom_sign_up_fields_are_not_asked_for_and_too_many(
        self, visitor: FrontendClient, alice: str
    ) -> None:
        with supertokens_settings(
            EMAILPASSWORD={"FORM_FIELDS": [{"id": "name"}, {"id": "age", "optional": True}]}
        ):
            assert json_of(visitor.sign_in(ALICE.email, ALICE.password))["status"] == "OK"
            body = form(email=ALICE.email, password=ALICE.password, name="Alice")
            response = visitor.call_recipe("POST", "/auth/signin", rid="emailpassword", json_body=body)
        assert response.status_code == 400
        assert json_of(response) == message("Are you sending too many formFields?")
