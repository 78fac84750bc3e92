"""The verbs, as a project calls them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.http import HttpRequest
from django.test import override_settings

from supertokens_django.exceptions import BadInputError, GeneralError, UnknownTenantError
from supertokens_django.models import EmailVerificationToken, LoginMethod, VerifiedEmail
from supertokens_django.recipes.emailverification.exceptions import (
    EmailAlreadyVerified,
    EmailTaken,
    EmailVerificationInvalidToken,
    UnknownUserId,
)
from supertokens_django.recipes.emailverification.service import EmailVerificationService
from supertokens_django.services import emailpassword, emailverification, users
from supertokens_django.signals import email_changed, email_verified
from tests.assertions import assert_json
from tests.base import ALICE, BOB, sign_up, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.mailbox import Commit
from tests.recipes.emailverification.verification import (
    INVALID_TOKEN,
    NOT_VERIFIED,
    OK,
    VERIFIED,
    ask,
    claim_of,
    is_verified,
    link_in,
    query_of,
    the_mail,
    token_in,
    verify,
)

NEW = "liddell@example.com"


def token_for(user_id: str, email: str | None = None) -> str:
    return emailverification.create_email_verification_token("public", user_id, email)


class TestVerifying:
    def test_a_token_shows_whose_the_email_is(self, alice: str) -> None:
        found = emailverification.verify_email_using_token("public", token_for(alice))
        assert (found.user_id, found.recipe_user_id, found.email) == (alice, alice, ALICE.email)
        assert emailverification.is_email_verified(alice)

    def test_only_its_hash_is_kept(self, alice: str) -> None:
        token = token_for(alice)
        row = EmailVerificationToken.objects.get()
        assert token not in str(vars(row))
        assert len(row.token_hash) == 64
        assert row.token_hash not in repr(row) + str(row)

    def test_a_verified_email_needs_no_token(self, alice: str) -> None:
        emailverification.mark_email_verified(alice)
        with pytest.raises(EmailAlreadyVerified):
            token_for(alice)
        with pytest.raises(EmailAlreadyVerified):
            emailverification.send_email_verification_email("public", alice, alice)

    def test_nobody_has_nothing_to_verify(self, db: None) -> None:
        for verb in (token_for, emailverification.is_email_verified, emailverification.unverify_email):
            with pytest.raises(UnknownUserId):
                verb("nobody")

    def test_a_user_without_an_email_counts_as_verified(self, alice: str) -> None:
        LoginMethod.objects.filter(pk=alice).update(email=None, phone_number="+491701234567")
        assert emailverification.is_email_verified(alice)
        with pytest.raises(EmailAlreadyVerified):
            token_for(alice)
        emailverification.revoke_email_verification_tokens("public", alice)
        emailverification.unverify_email(alice)
        emailverification.mark_email_verified(alice)
        assert not VerifiedEmail.objects.exists()

    def test_revoked_tokens_are_good_no_more(self, browser: FrontendClient, alice: str) -> None:
        token, other = token_for(alice), token_for(alice, NEW)
        emailverification.revoke_email_verification_tokens("public", alice)
        assert_json(verify(browser, token), 200, INVALID_TOKEN)
        assert_json(verify(browser, other), 200, OK)

    def test_what_is_unverified_can_be_verified_again(self, frontend: FrontendClient, alice: str) -> None:
        emailverification.mark_email_verified(alice)
        assert_json(is_verified(frontend), 200, VERIFIED)
        emailverification.unverify_email(alice)
        assert_json(is_verified(frontend), 200, NOT_VERIFIED)
        assert_json(ask(frontend), 200, OK)

    def test_how_an_email_is_typed_does_not_count(self, alice: str) -> None:
        emailverification.mark_email_verified(alice, f"  {ALICE.email.upper()} ")
        assert emailverification.is_email_verified(alice)
        assert emailverification.is_email_verified(alice, f" {ALICE.email.title()}")
        emailverification.unverify_email(alice, ALICE.email.upper())
        assert not emailverification.is_email_verified(alice)

    def test_it_is_of_one_login_method_and_not_of_the_user(self, alice: str, bob: str) -> None:
        LoginMethod.objects.filter(pk=bob).update(user=alice)
        emailverification.mark_email_verified(alice)
        assert emailverification.is_email_verified(alice)
        assert not emailverification.is_email_verified(bob)
        assert not emailverification.is_email_verified(bob, ALICE.email)

    def test_marking_twice_is_no_error(self, alice: str) -> None:
        emailverification.mark_email_verified(alice)
        emailverification.mark_email_verified(alice)
        assert VerifiedEmail.objects.count() == 1

    def test_an_unknown_tenant_is_refused(self, alice: str) -> None:
        with pytest.raises(UnknownTenantError):
            emailverification.create_email_verification_token("nowhere", alice)
        with pytest.raises(UnknownTenantError):
            emailverification.revoke_email_verification_tokens("nowhere", alice)

    @pytest.mark.parametrize(("user_id", "email"), [("x" * 129, NEW), ("x", "a" * 250 + "@b.com")])
    def test_what_is_too_long_is_refused(self, db: None, user_id: str, email: str) -> None:
        with pytest.raises(BadInputError):
            token_for(user_id, email)
        with pytest.raises(BadInputError):
            emailverification.mark_email_verified(user_id, email)

    def test_a_mapped_id_stands_for_ours(self, clock: Any, browser: FrontendClient, alice: str) -> None:
        token = token_for(alice)
        users.create_user_id_mapping(alice, "alice-of-old")
        browser.sign_in(ALICE.email, ALICE.password)
        clock.advance(1)
        assert_json(verify(browser, token), 200, OK)
        assert claim_of(browser) is True
        assert emailverification.is_email_verified("alice-of-old")
        assert emailverification.is_email_verified(alice)

    def test_the_origin_may_depend_on_the_request(self, alice: str) -> None:
        request = HttpRequest()
        request.META["HTTP_ORIGIN"] = "https://shop.example"
        path = "tests.recipes.emailpassword.test_reset_token.origin_of_request"
        with supertokens_settings(ORIGIN=path):
            link = emailverification.create_email_verification_link("public", alice, request=request)
        assert link.startswith("https://shop.example/auth/verify-email?token=")
        assert dict(query_of(link))["tenantId"] == "public"

    def test_signals_tell_of_it_once(self, alice: str, django_capture_on_commit_callbacks: Commit) -> None:
        told: list[dict[str, Any]] = []
        receiver = lambda sender, signal, **arguments: told.append(arguments)  # noqa: E731
        email_verified.connect(receiver)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                emailverification.verify_email_using_token("public", token_for(alice))
                emailverification.mark_email_verified(alice)
        finally:
            email_verified.disconnect(receiver)
        assert told == [{"recipe_user_id": alice, "email": ALICE.email}]


ADDRESSES = {"robot-1": "robot@example.com", "robot-2": ""}


def email_of(recipe_user_id: str) -> str | None:
    return ADDRESSES.get(recipe_user_id)


async def aemail_of(recipe_user_id: str) -> str | None:
    await asyncio.sleep(0)
    return ADDRESSES.get(recipe_user_id)


@pytest.mark.parametrize("hook", [email_of, f"{__name__}.email_of", aemail_of])
class TestUsersOfTheProject:
    """Ids that no recipe knows work end to end, when the project knows the e-mail."""

    @pytest.fixture(autouse=True)
    def _hook(self, _stage: None, hook: Any) -> Any:
        with supertokens_settings(EMAILVERIFICATION={"GET_EMAIL_FOR_RECIPE_USER_ID": hook}):
            yield

    def test_claim_link_and_verification(
        self, clock: Any, browser: FrontendClient, django_capture_on_commit_callbacks: Commit
    ) -> None:
        browser.post("/test/login", {"userId": "robot-1"})
        assert claim_of(browser) is False
        assert browser.get("/test/sync").status_code == 403
        with django_capture_on_commit_callbacks(execute=True):
            assert_json(ask(browser), 200, OK)
        assert the_mail().recipients() == ["robot@example.com"]
        clock.advance(1)
        assert_json(verify(browser, token_in(the_mail())), 200, OK)
        assert claim_of(browser) is True
        assert browser.get("/test/sync").status_code == 200
        assert_json(is_verified(browser), 200, VERIFIED)

    def test_one_without_an_email_is_verified(self, browser: FrontendClient) -> None:
        browser.post("/test/login", {"userId": "robot-2"})
        assert claim_of(browser) is True
        assert browser.get("/test/sync").status_code == 200

    def test_those_it_does_not_know_are_ours(self, browser: FrontendClient, alice: str) -> None:
        assert emailverification.get_email_for_recipe_user_id(alice) == ALICE.email
        browser.sign_in(ALICE.email, ALICE.password)
        assert claim_of(browser) is False


class Polite(EmailVerificationService):
    def send_email(self, to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
        mail.mail_admins(f"{to} {user['id']} {tenant_id}", link)

    def is_email_verified(self, recipe_user_id: str, email: str | None = None) -> bool:
        return (email or self.get_email_for_recipe_user_id(recipe_user_id) or "").endswith("@example.com")


class Refusing(EmailVerificationService):
    def verify_email_using_token(self, tenant_id: str, token: str) -> Any:
        raise GeneralError("Not today")


class TestSubclass:
    def test_the_claim_follows_it(self, browser: FrontendClient, alice: str) -> None:
        with supertokens_settings(EMAILVERIFICATION={"SERVICE_CLASS": f"{__name__}.Polite"}):
            browser.sign_in(ALICE.email, ALICE.password)
            assert claim_of(browser) is True

    @override_settings(ADMINS=["a@acme.com"])
    def test_mails_may_go_another_way(self, alice: str) -> None:
        sent: list[str] = []

        class Carrier(EmailVerificationService):
            def send_email(self, to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
                sent.append(f"{to} {user} {tenant_id}")

        with supertokens_settings(EMAILVERIFICATION={"SERVICE_CLASS": Carrier}):
            emailverification.send_email_verification_email("public", "the user", alice)
        user = {"id": "the user", "recipe_user_id": alice, "email": ALICE.email}
        assert sent == [f"{ALICE.email} {user} public"]

    def test_its_refusal_is_a_general_error(self, browser: FrontendClient, alice: str) -> None:
        with supertokens_settings(EMAILVERIFICATION={"SERVICE_CLASS": Refusing}):
            assert json_of(verify(browser, "x")) == {"status": "GENERAL_ERROR", "message": "Not today"}


class TestChangingTheEmail:
    @pytest.fixture(autouse=True)
    def _mails(self, alice: str, django_capture_on_commit_callbacks: Commit) -> None:
        self.alice = alice
        self.commit = django_capture_on_commit_callbacks

    def ask_for(self, email: str) -> str:
        """Ask for a change, and give the token that the new address is mailed."""
        with self.commit(execute=True):
            emailverification.request_email_change("public", self.alice, email)
        message = the_mail()
        assert message.recipients() == [email.strip().lower()]
        mail.outbox.clear()
        return token_in(message)

    def test_the_new_one_takes_its_place_when_the_link_is_used(self, browser: FrontendClient) -> None:
        token = self.ask_for(f" {NEW.upper()}")
        assert json_of(browser.sign_in(ALICE.email, ALICE.password))["status"] == "OK"
        assert json_of(browser.sign_in(NEW, ALICE.password))["status"] == "WRONG_CREDENTIALS_ERROR"
        with self.commit(execute=True):
            assert_json(verify(browser, token), 200, OK)
        assert json_of(browser.sign_in(ALICE.email, ALICE.password))["status"] == "WRONG_CREDENTIALS_ERROR"
        answer = json_of(browser.sign_in(NEW, ALICE.password))
        assert answer["user"]["emails"] == [NEW]
        assert answer["user"]["loginMethods"][0]["verified"] is True
        assert claim_of(browser) is True

    def test_the_old_one_is_told(self, browser: FrontendClient) -> None:
        token = self.ask_for(NEW)
        with self.commit(execute=True):
            verify(browser, token)
        message = the_mail()
        assert message.recipients() == [ALICE.email]
        assert message.subject == "Your Acme account has a new e-mail address"
        for text in (str(message.body), str(message.alternatives[0][0])):
            assert ALICE.email in text
            assert NEW in text

    def test_signals_tell_of_it(self, browser: FrontendClient) -> None:
        told: list[dict[str, Any]] = []
        receiver = lambda sender, signal, **arguments: told.append(arguments)  # noqa: E731
        token = self.ask_for(NEW)
        email_changed.connect(receiver)
        try:
            with self.commit(execute=True):
                verify(browser, token)
        finally:
            email_changed.disconnect(receiver)
        assert told == [{"recipe_user_id": self.alice, "old_email": ALICE.email, "new_email": NEW}]

    def test_a_reset_link_of_before_ends(self, browser: FrontendClient) -> None:
        reset = emailpassword.create_reset_password_token("public", self.alice, ALICE.email)
        verify(browser, self.ask_for(NEW))
        answer = json_of(browser.reset_password(reset, "rabbit hole 1"))
        assert answer == {"status": "RESET_PASSWORD_INVALID_TOKEN_ERROR"}

    def test_an_address_of_somebody_else_is_asked_all_the_same_and_changes_nothing(
        self, browser: FrontendClient
    ) -> None:
        sign_up(BOB)
        token = self.ask_for(BOB.email)
        with self.commit(execute=True):
            assert_json(verify(browser, token), 200, INVALID_TOKEN)
        assert mail.outbox == []
        assert not VerifiedEmail.objects.exists()
        assert not EmailVerificationToken.objects.exists()
        assert json_of(browser.sign_in(ALICE.email, ALICE.password))["status"] == "OK"

    def test_the_service_says_that_it_is_taken(self) -> None:
        sign_up(BOB)
        with pytest.raises(EmailTaken):
            emailverification.verify_email_using_token("public", self.ask_for(BOB.email))

    def test_a_link_of_before_another_change_is_good_no_more(self, browser: FrontendClient) -> None:
        first, second = self.ask_for(NEW), self.ask_for("duchess@example.com")
        assert_json(verify(browser, second), 200, OK)
        assert_json(verify(browser, first), 200, INVALID_TOKEN)
        assert LoginMethod.objects.get().email == "duchess@example.com"

    def test_ones_own_address_is_only_to_be_verified(self, browser: FrontendClient) -> None:
        token = self.ask_for(ALICE.email)
        with self.commit(execute=True):
            assert_json(verify(browser, token), 200, OK)
        assert mail.outbox == []
        with pytest.raises(EmailAlreadyVerified):
            emailverification.request_email_change("public", self.alice, ALICE.email)

    def test_who_changes_back_has_the_old_one_verified_still(self, browser: FrontendClient) -> None:
        emailverification.mark_email_verified(self.alice)
        verify(browser, self.ask_for(NEW))
        emailpassword.update_email_or_password(self.alice, email=ALICE.email)
        assert emailverification.is_email_verified(self.alice)

    def test_it_is_refused_where_it_cannot_be(self) -> None:
        LoginMethod.objects.update(recipe_id="thirdparty")
        with pytest.raises(BadInputError):
            emailverification.request_email_change("public", self.alice, NEW)
        with pytest.raises(UnknownUserId):
            emailverification.request_email_change("public", "nobody", NEW)
        LoginMethod.objects.update(recipe_id="emailpassword")
        with pytest.raises(BadInputError):
            emailverification.request_email_change("public", self.alice, "a" * 250 + "@b.com")


def test_an_invalid_token_is_an_exception(db: None) -> None:
    with pytest.raises(EmailVerificationInvalidToken):
        emailverification.verify_email_using_token("public", "x")
    assert issubclass(EmailTaken, EmailVerificationInvalidToken)


def test_links_are_one_for_each_mail(
    frontend: FrontendClient, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ask(frontend)
        ask(frontend)
    links = [link_in(message) for message in mail.outbox]  # type: ignore[arg-type]
    assert len(set(links)) == 2
