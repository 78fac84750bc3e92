"""The default rules for e-mails and passwords, and the project's ``AUTH_PASSWORD_VALIDATORS``."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.test import override_settings

from supertokens_django.recipes.emailpassword.exceptions import PasswordPolicyViolated
from supertokens_django.services import emailpassword
from tests.base import ALICE, BOB
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import (
    BAD_EMAIL,
    INVALID_RESET_TOKEN,
    NO_LETTER,
    NO_NUMBER,
    OK,
    TOO_LONG,
    TOO_SHORT,
    field_error,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_validators_of_the_project() -> Iterator[None]:
    with override_settings(AUTH_PASSWORD_VALIDATORS=[]):
        yield


class TestPassword:
    BAD = {
        "a1": TOO_SHORT,
        "abcdef1": TOO_SHORT,
        "7": TOO_SHORT,
        "        "[:7]: TOO_SHORT,
        "a1" * 50: TOO_LONG,
        "a" * 100: TOO_LONG,
        "a1" * 5000: TOO_LONG,
        "12345678": NO_LETTER,
        "--------": NO_LETTER,
        "пароль1234": NO_LETTER,
        "密码密码密码密码12": NO_LETTER,
        "abcdefgh": NO_NUMBER,
        "        abc": NO_NUMBER,
        "abcdefgh٣٤٥": NO_NUMBER,
        "abcd\n1234": NO_LETTER,
    }
    GOOD = ["abcdefg1", "1bcdefgh", "a1------", "a1" + "é" * 20, "a" * 98 + "1", " a 1     ", "Straße 12 🙂"]

    @pytest.mark.parametrize("password", BAD)
    def test_sign_up_and_reset_refuse_a_bad_one(self, password: str, visitor: FrontendClient) -> None:
        refused = field_error(("password", self.BAD[password]))
        assert json_of(visitor.sign_up(ALICE.email, password)) == refused
        assert json_of(visitor.reset_password("no such token", password)) == refused

    @pytest.mark.parametrize("password", GOOD)
    def test_sign_up_and_reset_take_a_good_one(self, password: str, visitor: FrontendClient) -> None:
        assert json_of(visitor.sign_up(ALICE.email, password))["status"] == "OK"
        assert json_of(visitor.sign_in(ALICE.email, password))["status"] == "OK"
        assert json_of(visitor.reset_password("no such token", password)) == INVALID_RESET_TOKEN


class TestEmail:
    GOOD = [
        "a@b.io",
        "first.last@example.com",
        "o'neil+tag@example.co.uk",
        "!#$%&*/=?^_`{|}~-@example.com",
        "jürgen@example.com",
        "用户@example.com",
        '"quoted"@example.com',
        '"two words"@example.com',
        '"a \\"nick\\" b"@example.com',
        "a@[127.0.0.1]",
        "a@[1.22.333.444]",
        "a@b.c.d.e.com",
        "a@a-b.com",
        "a@123.com",
    ]
    BAD = [
        "alice",
        "@example.com",
        "alice@",
        "alice@example",
        "alice@example.c",
        "alice@example.c0m",
        "alice@.com",
        "alice@exa_mple.com",
        "alice@exämple.com",
        "alice@@example.com",
        "a b@example.com",
        "a@b@example.com",
        ".alice@example.com",
        "alice.@example.com",
        "al..ice@example.com",
        "alice,bob@example.com",
        "<alice@example.com>",
        "Alice <alice@example.com>",
        "a(b)@example.com",
        "a:b@example.com",
        "a;b@example.com",
        "a[b]@example.com",
        "a\\b@example.com",
        '""@example.com',
        '"a"@evil.example,"b"@example.com',
        '"a"@evil.example, "b"@example.com',
        '"a\\"@example.com',
        '"a\x85b"@example.com',
        '"a\u2028b"@example.com',
        'a"b@example.com',
        "=?utf-8?q?alic=65?=@example.com",
        "a.=?utf-8?q?lice?=@example.com",
        '"=?utf-8?b?YWxpY2U=?="@example.com',
        "a@[1.2.3]",
        "a@[1.2.3.4.5]",
        "a@[1234.1.1.1]",
        "a@1.2.3.4",
        "a@example.com\nb@example.com",
        "a\n@example.com",
        "a@exam ple.com",
        "a@example..com",
        "a@example.com.",
    ]

    @pytest.mark.parametrize("email", GOOD)
    def test_a_good_one_is_taken(self, email: str, visitor: FrontendClient) -> None:
        assert json_of(visitor.sign_up(email, ALICE.password))["status"] == "OK"
        assert json_of(visitor.sign_in(email, ALICE.password))["user"]["emails"] == [email.lower()]
        assert json_of(visitor.request_reset_token(email)) == OK

    @pytest.mark.parametrize("email", BAD)
    def test_a_bad_one_is_a_field_error_everywhere(self, email: str, visitor: FrontendClient) -> None:
        refused = field_error(("email", BAD_EMAIL))
        assert json_of(visitor.sign_up(email, ALICE.password)) == refused
        assert json_of(visitor.sign_in(email, ALICE.password)) == refused
        assert json_of(visitor.request_reset_token(email)) == refused

    @pytest.mark.parametrize(
        "email", ["a." * 5000 + "@example.com", "a@" + "b." * 5000, "a" * 100_000, '"' * 20_000]
    )
    def test_a_huge_one_is_refused_in_no_time(self, email: str, visitor: FrontendClient) -> None:
        started = time.perf_counter()
        assert json_of(visitor.request_reset_token(email)) == field_error(("email", BAD_EMAIL))
        assert time.perf_counter() - started < 1


class TestValidatorsOfTheProject:
    COMMON = [{"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"}]
    TWELVE = [
        {
            "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
            "OPTIONS": {"min_length": 12},
        }
    ]
    SIMILAR = [{"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"}]
    TOO_COMMON = "This password is too common."

    @pytest.fixture(autouse=True)
    def common_passwords_are_refused(self, no_validators_of_the_project: None) -> Iterator[None]:
        with override_settings(AUTH_PASSWORD_VALIDATORS=self.COMMON):
            yield

    def test_they_judge_sign_up(self, visitor: FrontendClient) -> None:
        assert json_of(visitor.sign_up(ALICE.email, "password1")) == field_error(
            ("password", self.TOO_COMMON)
        )

    def test_they_judge_the_reset_before_the_token(self, visitor: FrontendClient) -> None:
        assert json_of(visitor.reset_password("token", "password1")) == field_error(
            ("password", self.TOO_COMMON)
        )

    def test_they_judge_a_change_of_password(self, visitor: FrontendClient, alice: str) -> None:
        with pytest.raises(PasswordPolicyViolated, match="too common"):
            emailpassword.update_email_or_password(alice, password="password1")
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password))["status"] == "OK"

    def test_they_do_not_judge_sign_in(self, visitor: FrontendClient) -> None:
        emailpassword.sign_up("public", BOB.email, "password1")
        assert json_of(visitor.sign_in(BOB.email, "password1"))["status"] == "OK"

    def test_our_own_rules_come_first(self, visitor: FrontendClient) -> None:
        assert json_of(visitor.sign_up(ALICE.email, "12345678")) == field_error(("password", NO_LETTER))

    def test_they_know_the_email_of_the_new_user(self, visitor: FrontendClient) -> None:
        with override_settings(AUTH_PASSWORD_VALIDATORS=self.SIMILAR):
            body = json_of(visitor.sign_up("wonderland1865@example.com", "wonderland1865"))
        assert (body["status"], body["formFields"][0]["id"]) == ("FIELD_ERROR", "password")
        assert "too similar" in body["formFields"][0]["error"]

    def test_they_know_the_email_of_a_user_who_changes_the_password(self, alice: str) -> None:
        emailpassword.update_email_or_password(alice, email="wonderland1865@example.com")
        with (
            override_settings(AUTH_PASSWORD_VALIDATORS=self.SIMILAR),
            pytest.raises(PasswordPolicyViolated, match="too similar"),
        ):
            emailpassword.update_email_or_password(alice, password="wonderland1865")

    def test_a_change_of_them_holds_from_the_next_request_on(self, visitor: FrontendClient) -> None:
        with override_settings(AUTH_PASSWORD_VALIDATORS=self.TWELVE):
            body = json_of(visitor.sign_up(ALICE.email, "password1"))
        assert body["formFields"][0]["error"].startswith("This password is too short.")
