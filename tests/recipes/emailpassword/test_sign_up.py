"""``POST /signup``."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model

from supertokens_django.services import session, users
from tests.base import ALICE, BOB, Clock, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import (
    BAD_EMAIL,
    EMAIL_TAKEN,
    NOT_OPTIONAL,
    TOO_SHORT,
    field_error,
    user_with_login_methods,
)

pytestmark = pytest.mark.django_db

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def test_it_answers_with_the_new_user(clock: Clock, browser: FrontendClient) -> None:
    clock.advance(0.001)
    response = browser.sign_up(ALICE.email, ALICE.password)
    assert response.status_code == 200
    user = user_with_login_methods(browser.user_id, ALICE.email, clock.milliseconds)
    assert json_of(response) == {"status": "OK", "user": user}


def test_it_gives_the_user_a_random_uuid(visitor: FrontendClient) -> None:
    ids = [json_of(visitor.sign_up(who.email, who.password))["user"]["id"] for who in (ALICE, BOB)]
    assert all(UUID.fullmatch(user_id) for user_id in ids)
    assert ids[0] != ids[1]


def test_it_signs_the_new_user_in(browser: FrontendClient) -> None:
    user_id = json_of(browser.sign_up(ALICE.email, ALICE.password))["user"]["id"]
    assert session.get_all_session_handles_for_user(user_id) == [browser.session_handle]
    claims = browser.access_token_payload
    assert (claims["sub"], claims["rsub"], claims["tId"]) == (user_id, user_id, "public")


def test_a_refused_one_gives_no_session(browser: FrontendClient, alice: str) -> None:
    answers = [browser.sign_up(ALICE.email, BOB.password), browser.sign_up("nobody", "short")]
    assert [json_of(answer)["status"] for answer in answers] == ["FIELD_ERROR", "FIELD_ERROR"]
    assert not browser.is_signed_in
    assert browser.access_token is None
    assert session.get_all_session_handles_for_user(alice) == []


class TestTakenEmail:
    @pytest.mark.parametrize(
        "email", [ALICE.email, "ALICE@example.com", "Alice@EXAMPLE.com", "  alice@example.com\n"]
    )
    def test_it_is_a_field_error_however_it_is_typed(
        self, email: str, visitor: FrontendClient, alice: str
    ) -> None:
        response = visitor.sign_up(email, BOB.password)
        assert response.status_code == 200
        assert json_of(response) == field_error(("email", EMAIL_TAKEN))

    def test_it_leaves_the_owner_and_nothing_else(self, visitor: FrontendClient, alice: str) -> None:
        visitor.sign_up(ALICE.email, BOB.password)
        assert users.get_user_count() == 1
        assert get_user_model().objects.count() == 1
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password))["user"]["id"] == alice

    def test_the_form_is_judged_first(self, visitor: FrontendClient, alice: str) -> None:
        assert json_of(visitor.sign_up(ALICE.email, "short")) == field_error(("password", TOO_SHORT))


class TestFakeEmail:
    FAKE = [
        "alice@stfakeemail.supertokens.com",
        "alice@acme.fakeemail.com",
        "ALICE@STFAKEEMAIL.SUPERTOKENS.COM",
    ]

    @pytest.mark.parametrize("email", FAKE)
    def test_it_is_answered_as_if_taken_and_makes_no_user(self, email: str, visitor: FrontendClient) -> None:
        assert json_of(visitor.sign_up(email, ALICE.password)) == field_error(("email", EMAIL_TAKEN))
        assert users.get_user_count() == 0
        assert not visitor.is_signed_in

    @pytest.mark.parametrize("email", ["alice@fakeemail.com", "a@stfakeemail.supertokens.com.example.com"])
    def test_an_address_that_only_looks_like_one_is_real(self, email: str, visitor: FrontendClient) -> None:
        assert json_of(visitor.sign_up(email, ALICE.password))["user"]["emails"] == [email]


class TestFieldErrors:
    def test_missing_and_empty_fields_are_not_optional(self, visitor: FrontendClient) -> None:
        both = field_error(("password", NOT_OPTIONAL), ("email", NOT_OPTIONAL))
        assert json_of(visitor.submit_form("/signup", {})) == both
        assert json_of(visitor.sign_up("", "")) == both
        assert json_of(visitor.sign_up("   ", "")) == both

    def test_they_come_password_first_whatever_the_order_of_the_input(self, visitor: FrontendClient) -> None:
        expected = field_error(("password", TOO_SHORT), ("email", BAD_EMAIL))
        assert json_of(visitor.submit_form("/signup", {"email": "alice", "password": "a1"})) == expected
        assert json_of(visitor.submit_form("/signup", {"password": "a1", "email": "alice"})) == expected

    def test_a_missing_password_and_a_bad_email_are_both_told(self, visitor: FrontendClient) -> None:
        expected = field_error(("password", NOT_OPTIONAL), ("email", BAD_EMAIL))
        assert json_of(visitor.submit_form("/signup", {"email": "alice"})) == expected


class TestNormalisation:
    TYPED = "  Alice.Liddell+Rabbit@Example.COM\t"
    STORED = "alice.liddell+rabbit@example.com"

    def test_an_email_is_stored_trimmed_and_in_lower_case(self, visitor: FrontendClient) -> None:
        user = json_of(visitor.sign_up(self.TYPED, ALICE.password))["user"]
        assert (user["emails"], user["loginMethods"][0]["email"]) == ([self.STORED], self.STORED)
        stored = users.get_user(user["id"])
        assert stored is not None
        assert json_of(visitor.sign_in(self.STORED, ALICE.password))["user"] == user

    def test_letters_beyond_ascii_are_lowered_too(self, visitor: FrontendClient) -> None:
        user = json_of(visitor.sign_up("JÜRGEN.Ñandú@example.com", ALICE.password))["user"]
        assert user["emails"] == ["jürgen.ñandú@example.com"]
        assert json_of(visitor.sign_in("jürgen.ñandú@EXAMPLE.com", ALICE.password))["user"] == user

    def test_addresses_that_differ_in_an_accent_are_two_people(self, visitor: FrontendClient) -> None:
        first = json_of(visitor.sign_up("jose@example.com", ALICE.password))
        second = json_of(visitor.sign_up("josé@example.com", ALICE.password))
        assert (first["status"], second["status"]) == ("OK", "OK")
        assert first["user"]["id"] != second["user"]["id"]
        assert json_of(visitor.sign_in("josé@example.com", ALICE.password))["user"] == second["user"]

    def test_a_password_is_taken_as_typed(self, visitor: FrontendClient) -> None:
        visitor.sign_up(ALICE.email, "  Rabbit hole 1  ")
        assert json_of(visitor.sign_in(ALICE.email, "Rabbit hole 1"))["status"] == "WRONG_CREDENTIALS_ERROR"
        assert json_of(visitor.sign_in(ALICE.email, "  Rabbit hole 1  "))["status"] == "OK"


@pytest.mark.parametrize("length", [64, 200, 241, 242, 243, 244, 300, 500, 2_000])
@pytest.mark.parametrize("letter", ["a", "ä", "İ", "😀"])  # İ is two characters in lower case
def test_a_long_address_is_taken_or_refused(letter: str, length: int, visitor: FrontendClient) -> None:
    body = json_of(visitor.sign_up(letter * length + "@example.com", ALICE.password))
    assert body["status"] == "OK" or body == field_error(("email", BAD_EMAIL))
    assert visitor.is_signed_in is (body["status"] == "OK")


def test_a_long_address_that_an_own_rule_lets_pass_is_refused_all_the_same(visitor: FrontendClient) -> None:
    fields = [{"id": "email", "validate": lambda value, tenant_id: None}]
    with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": fields}):
        body = json_of(visitor.sign_up("a" * 1_000 + "@example.com", ALICE.password))
    assert (body["status"], body["formFields"][0]["id"]) == ("FIELD_ERROR", "email")
