"""``services.emailpassword``: what a project's own code calls."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from supertokens_django.exceptions import BadInputError, UnknownTenantError
from supertokens_django.recipes.emailpassword.exceptions import (
    EmailAlreadyExists,
    PasswordPolicyViolated,
    ResetPasswordInvalidToken,
    UnknownUserId,
    WrongCredentials,
)
from supertokens_django.services import emailpassword, users
from supertokens_django.users.models import LoginMethod
from supertokens_django.users.outputs import user_to_json
from tests.base import ALICE, BOB, MALLORY, Clock, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import TOO_SHORT, WRONG_CREDENTIALS, user_with_login_methods
from tests.recipes.emailpassword.mailbox import Commit, link_in, query_of, the_mail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

NEW = "through the looking-glass 1871"
STRANGER = "7f0c1c54-3a3c-4a8c-9f52-9d3a4c1b2a10"


def test_a_tenant_may_be_named_in_any_case(tenant_acme: str) -> None:
    for number, name in enumerate((tenant_acme, tenant_acme.upper(), f" {tenant_acme.title()} ")):
        email = f"user{number}@example.com"
        method = emailpassword.sign_up(name, email, ALICE.password)
        for other in (tenant_acme, tenant_acme.upper()):
            assert emailpassword.sign_in(other, email, ALICE.password).id == method.id
            assert emailpassword.email_exists(other, email)


class TestSignUp:
    def test_it_returns_the_login_method_of_the_new_user(self, clock: Clock) -> None:
        method = emailpassword.sign_up("public", ALICE.email, ALICE.password)
        assert isinstance(method, LoginMethod)
        expected = user_with_login_methods(method.id, ALICE.email, clock.milliseconds)
        assert user_to_json(method.user) == expected
        stored = users.get_user(method.id)
        assert stored is not None
        assert user_to_json(stored) == expected

    def test_it_normalises_the_email(self) -> None:
        assert emailpassword.sign_up("public", "  Alice@EXAMPLE.com ", ALICE.password).email == ALICE.email

    def test_a_taken_email_is_an_exception_with_its_status(self, alice: str) -> None:
        with pytest.raises(EmailAlreadyExists) as caught:
            emailpassword.sign_up("public", "ALICE@example.com", BOB.password)
        assert caught.value.status == "EMAIL_ALREADY_EXISTS_ERROR"
        assert users.get_user_count() == 1

    def test_an_email_is_taken_per_tenant(self, alice: str, tenant_acme: str) -> None:
        other = emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password)
        assert other.id != alice
        with pytest.raises(EmailAlreadyExists):
            emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password)

    def test_it_does_not_apply_the_rules_of_the_form(self) -> None:
        emailpassword.sign_up("public", "no address at all", "x")
        assert emailpassword.sign_in("public", "no address at all", "x").email == "no address at all"

    def test_it_refuses_an_empty_password(self) -> None:
        with pytest.raises((BadInputError, ValueError)):
            emailpassword.sign_up("public", ALICE.email, "")
        assert users.get_user_count() == 0

    def test_an_unknown_tenant_is_an_exception(self) -> None:
        with pytest.raises(UnknownTenantError):
            emailpassword.sign_up("wonderland", ALICE.email, ALICE.password)


class TestSignIn:
    """And ``verify_credentials``, which asks the same question without a sign-in in mind."""

    @pytest.fixture(params=["sign_in", "verify_credentials"], autouse=True)
    def verb(self, request: pytest.FixtureRequest, acme: None) -> None:
        self.ask = getattr(emailpassword, request.param)

    def test_it_returns_the_login_method(self, alice: str) -> None:
        method = self.ask("public", " ALICE@example.com", ALICE.password)
        assert (method.id, method.user.id) == (alice, alice)

    @pytest.mark.parametrize(
        ("email", "password"), [(ALICE.email, BOB.password), (MALLORY.email, ALICE.password)]
    )
    def test_wrong_credentials_are_an_exception_with_its_status(
        self, email: str, password: str, alice: str
    ) -> None:
        with pytest.raises(WrongCredentials) as caught:
            self.ask("public", email, password)
        assert caught.value.status == "WRONG_CREDENTIALS_ERROR"

    @pytest.mark.parametrize("password", ["", "\x00", "a" * 10_000])
    def test_no_password_is_anything_but_wrong(self, password: str, alice: str) -> None:
        with pytest.raises(WrongCredentials):
            self.ask("public", ALICE.email, password)

    def test_an_unknown_tenant_is_an_exception(self, alice: str) -> None:
        with pytest.raises(UnknownTenantError):
            self.ask("wonderland", ALICE.email, ALICE.password)


class TestCreateResetPasswordToken:
    def test_it_is_128_random_letters_and_digits(self, alice: str) -> None:
        tokens = [emailpassword.create_reset_password_token("public", alice, ALICE.email) for _ in range(3)]
        assert len(set(tokens)) == 3
        assert all(re.fullmatch(r"[A-Za-z0-9]{128}", token) for token in tokens)

    def test_an_unknown_user_is_an_exception_with_its_status(self) -> None:
        with pytest.raises(UnknownUserId) as caught:
            emailpassword.create_reset_password_token("public", STRANGER, ALICE.email)
        assert caught.value.status == "UNKNOWN_USER_ID_ERROR"

    def test_an_unknown_tenant_is_an_exception(self, alice: str) -> None:
        with pytest.raises(UnknownTenantError):
            emailpassword.create_reset_password_token("wonderland", alice, ALICE.email)

    def test_the_email_may_be_empty(self, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, "")
        method, email = emailpassword.consume_password_reset_token("public", token)
        assert (method.id, email) == (alice, "")


class TestConsumePasswordResetToken:
    def test_it_tells_for_whom_the_token_was_and_changes_no_password(self, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        method, email = emailpassword.consume_password_reset_token("public", token)
        assert (method.id, email) == (alice, ALICE.email)
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == alice

    def test_a_second_time_is_an_exception_with_its_status(self, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        emailpassword.consume_password_reset_token("public", token)
        with pytest.raises(ResetPasswordInvalidToken) as caught:
            emailpassword.consume_password_reset_token("public", token)
        assert caught.value.status == "RESET_PASSWORD_INVALID_TOKEN_ERROR"

    def test_after_an_hour_it_is_too_late(self, clock: Clock, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        clock.advance(timedelta(hours=1, milliseconds=1))
        with pytest.raises(ResetPasswordInvalidToken):
            emailpassword.consume_password_reset_token("public", token)

    def test_a_token_is_good_in_every_tenant(self, alice: str, tenant_acme: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        assert emailpassword.consume_password_reset_token(tenant_acme, token)[0].id == alice

    @pytest.mark.parametrize("token", ["", "x", "\x00", "é", "a" * 128])
    def test_any_other_text_is_no_token(self, token: str, alice: str) -> None:
        with pytest.raises(ResetPasswordInvalidToken):
            emailpassword.consume_password_reset_token("public", token)


class TestResetPasswordUsingToken:
    def test_it_sets_the_password(self, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        emailpassword.reset_password_using_token("public", token, NEW)
        assert emailpassword.sign_in("public", ALICE.email, NEW).id == alice
        with pytest.raises(ResetPasswordInvalidToken):
            emailpassword.reset_password_using_token("public", token, NEW)

    def test_with_a_token_for_no_email_it_sets_the_password_alone(self, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, "")
        emailpassword.reset_password_using_token("public", token, NEW)
        assert emailpassword.sign_in("public", ALICE.email, NEW).id == alice

    def test_it_sets_the_email_of_the_token_too(self, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, "alice@wonderland.example")
        emailpassword.reset_password_using_token("public", token, NEW)
        assert emailpassword.sign_in("public", "alice@wonderland.example", NEW).id == alice
        with pytest.raises(WrongCredentials):
            emailpassword.sign_in("public", ALICE.email, NEW)

    def test_it_applies_the_password_policy(self, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        with pytest.raises(PasswordPolicyViolated):
            emailpassword.reset_password_using_token("public", token, "short")
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == alice


class TestResetLinkAndMail:
    def test_the_link_has_token_and_tenant(self, alice: str) -> None:
        link = emailpassword.create_reset_password_link("public", alice, ALICE.email)
        assert re.fullmatch(
            r"https://acme\.com/auth/reset-password\?token=[A-Za-z0-9]{128}&tenantId=public", link
        )
        emailpassword.reset_password_using_token("public", dict(query_of(link))["token"], NEW)

    def test_the_mail_brings_a_link_that_works(
        self, alice: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            emailpassword.send_reset_password_email("public", alice, ALICE.email)
        assert the_mail().recipients() == [ALICE.email]
        token = dict(query_of(link_in(the_mail())))["token"]
        assert emailpassword.consume_password_reset_token("public", token)[0].id == alice

    @pytest.mark.parametrize("verb", ["create_reset_password_link", "send_reset_password_email"])
    def test_an_unknown_user_is_an_exception(
        self, verb: str, alice: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with pytest.raises(UnknownUserId):
            getattr(emailpassword, verb)("public", STRANGER, ALICE.email)
        with django_capture_on_commit_callbacks(execute=True), pytest.raises(UnknownUserId):
            getattr(emailpassword, verb)("public", alice, BOB.email)
        assert mail.outbox == []


class TestUpdateEmailOrPassword:
    def test_it_changes_the_password(self, alice: str) -> None:
        emailpassword.update_email_or_password(alice, password=NEW)
        assert emailpassword.sign_in("public", ALICE.email, NEW).id == alice
        with pytest.raises(WrongCredentials):
            emailpassword.sign_in("public", ALICE.email, ALICE.password)

    def test_it_changes_the_email_everywhere(self, visitor: FrontendClient, alice: str) -> None:
        emailpassword.update_email_or_password(alice, email=" Liddell@Example.COM ")
        user = json_of(visitor.sign_in("liddell@example.com", ALICE.password))["user"]
        assert (user["id"], user["emails"]) == (alice, ["liddell@example.com"])
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS
        assert json_of(visitor.email_exists(ALICE.email))["exists"] is False
        assert json_of(visitor.sign_up(ALICE.email, BOB.password))["status"] == "OK"

    def test_it_changes_both_at_once(self, alice: str) -> None:
        emailpassword.update_email_or_password(alice, "liddell@example.com", NEW)
        assert emailpassword.sign_in("public", "liddell@example.com", NEW).id == alice

    def test_the_own_email_is_not_taken(self, alice: str) -> None:
        emailpassword.update_email_or_password(alice, email="ALICE@example.com")
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == alice

    def test_a_taken_email_changes_nothing(self, alice: str, bob: str) -> None:
        with pytest.raises(EmailAlreadyExists):
            emailpassword.update_email_or_password(alice, email=BOB.email, password=NEW)
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == alice
        assert emailpassword.sign_in("public", BOB.email, BOB.password).id == bob

    def test_an_unknown_user_is_an_exception(self) -> None:
        with pytest.raises(UnknownUserId):
            emailpassword.update_email_or_password(STRANGER, password=NEW)

    def test_one_of_the_two_must_be_given(self, alice: str) -> None:
        with pytest.raises((BadInputError, ValueError)):
            emailpassword.update_email_or_password(alice)

    def test_the_policy_holds_unless_it_is_switched_off(self, alice: str) -> None:
        with pytest.raises(PasswordPolicyViolated, match=re.escape(TOO_SHORT)) as caught:
            emailpassword.update_email_or_password(alice, password="short")
        assert caught.value.status == "PASSWORD_POLICY_VIOLATED_ERROR"
        emailpassword.update_email_or_password(alice, password="short", apply_password_policy=False)
        assert emailpassword.sign_in("public", ALICE.email, "short").id == alice

    def test_the_policy_is_that_of_the_form_in_the_named_tenant(self, alice: str, tenant_acme: str) -> None:
        def refuse(value: str, tenant_id: str) -> str:
            return f"Not in {tenant_id}"

        fields = [{"id": "password", "validate": refuse}]
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": fields}):
            with pytest.raises(PasswordPolicyViolated, match="Not in public"):
                emailpassword.update_email_or_password(alice, password=NEW)
            with pytest.raises(PasswordPolicyViolated, match="Not in acme"):
                emailpassword.update_email_or_password(
                    alice, password=NEW, tenant_id_for_password_policy=tenant_acme
                )

    def test_a_refused_password_changes_no_email(self, alice: str) -> None:
        with pytest.raises(PasswordPolicyViolated):
            emailpassword.update_email_or_password(alice, email="liddell@example.com", password="short")
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == alice

    @pytest.mark.parametrize("change", [{"email": "liddell@example.com"}, {"password": NEW}])
    def test_it_ends_the_reset_tokens_of_the_user(self, change: dict[str, Any], alice: str, bob: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        token_of_bob = emailpassword.create_reset_password_token("public", bob, BOB.email)
        emailpassword.update_email_or_password(alice, **change)
        with pytest.raises(ResetPasswordInvalidToken):
            emailpassword.consume_password_reset_token("public", token)
        assert emailpassword.consume_password_reset_token("public", token_of_bob)[0].id == bob

    def test_it_ends_no_session(self, browser: FrontendClient, alice: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        emailpassword.update_email_or_password(alice, "liddell@example.com", NEW)
        assert browser.refresh().status_code == 200


@pytest.mark.django_db(transaction=True)
class TestAsyncTwins:
    async def test_they_do_the_same(self) -> None:
        method = await emailpassword.asign_up("public", ALICE.email, ALICE.password)
        assert (await emailpassword.asign_in("public", ALICE.email, ALICE.password)).id == method.id
        with pytest.raises(WrongCredentials):
            await emailpassword.asign_in("public", ALICE.email, BOB.password)
        token = await emailpassword.acreate_reset_password_token("public", method.id, ALICE.email)
        await emailpassword.areset_password_using_token("public", token, NEW)
        await emailpassword.aupdate_email_or_password(method.id, email=BOB.email)
        assert (await emailpassword.averify_credentials("public", BOB.email, NEW)).id == method.id

    async def test_the_mail_leaves(self) -> None:
        method = await emailpassword.asign_up("public", ALICE.email, ALICE.password)
        await emailpassword.asend_reset_password_email("public", method.id, ALICE.email)
        assert the_mail().recipients() == [ALICE.email]


def test_the_setting_may_name_no_service_of_another_kind(alice: str) -> None:
    class Impostor:
        pass

    from django.core.exceptions import ImproperlyConfigured

    wrong: dict[str, Any] = {"SERVICE_CLASS": Impostor}
    with (
        supertokens_settings(EMAILPASSWORD=wrong),
        pytest.raises(ImproperlyConfigured, match="SERVICE_CLASS"),
    ):
        emailpassword.sign_in("public", ALICE.email, ALICE.password)
