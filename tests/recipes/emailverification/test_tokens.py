"""Tokens and rows as SuperTokens' core keeps them, and the functions with all of their ends."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from supertokens_django.exceptions import BadInputError, UnknownTenantError
from supertokens_django.models import EmailVerificationToken, LoginMethod, VerifiedEmail
from supertokens_django.recipes.emailverification.exceptions import (
    EmailAlreadyVerified,
    EmailVerificationInvalidToken,
    UnknownUserId,
)
from supertokens_django.services import emailverification
from tests.assertions import assert_access_token_is_replaced, assert_json, assert_session_is_untouched
from tests.base import ALICE, PUBLIC, Clock, supertokens_settings
from tests.client import FrontendClient
from tests.recipes.emailpassword.mailbox import Commit
from tests.recipes.emailverification.verification import (
    INVALID_TOKEN,
    NOT_VERIFIED,
    OK,
    REFUSED,
    ask,
    claim_of,
    is_verified,
    link_in,
    the_mail,
    verify,
)

NEW = "liddell@example.com"
DAY = 86_400


def token_for(user_id: str, email: str | None = None, tenant: str = PUBLIC) -> str:
    return emailverification.create_email_verification_token(tenant, user_id, email)


class TestFormat:
    def test_it_is_48_random_bytes_in_hex_in_base64(self, alice: str) -> None:
        tokens = {token_for(alice) for _ in range(3)}
        assert {len(token) for token in tokens} == {128}
        assert {len(bytes.fromhex(base64.urlsafe_b64decode(token).decode())) for token in tokens} == {48}
        assert len(tokens) == 3

    def test_its_sha_256_is_kept_with_whom_and_where_it_is_for(self, clock: Clock, alice: str) -> None:
        token = token_for(alice, f" {NEW.upper()} ")
        row = EmailVerificationToken.objects.get()
        assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
        assert (row.tenant_id, row.user_id, row.email) == (PUBLIC, alice, NEW)
        assert row.expires_at.timestamp() == clock.now + DAY

    def test_the_link(self, alice: str, tenant_acme: str) -> None:
        link = emailverification.create_email_verification_link(PUBLIC, alice)
        token = link.partition("token=")[2].partition("&")[0]
        assert link == f"https://acme.com/auth/verify-email?token={token}&tenantId=public"
        with supertokens_settings(WEBSITE_DOMAIN="https://login.acme.com:8443", WEBSITE_BASE_PATH="/me"):
            link = emailverification.create_email_verification_link(tenant_acme, alice)
        assert link.startswith("https://login.acme.com:8443/me/verify-email?token=")
        assert link.endswith("&tenantId=acme")


class TestLifetime:
    def test_it_is_good_to_the_last_moment_of_a_day(self, clock: Clock, alice: str) -> None:
        token = token_for(alice)
        clock.advance(DAY)
        assert emailverification.verify_email_using_token(PUBLIC, token).recipe_user_id == alice

    def test_and_no_longer(self, clock: Clock, alice: str) -> None:
        token = token_for(alice)
        clock.advance(DAY + 0.001)
        with pytest.raises(EmailVerificationInvalidToken):
            emailverification.verify_email_using_token(PUBLIC, token)
        assert not EmailVerificationToken.objects.exists()
        assert not VerifiedEmail.objects.exists()


class TestTenants:
    def test_using_one_up_leaves_those_of_other_tenants(
        self, browser: FrontendClient, alice: str, tenant_acme: str
    ) -> None:
        here, elsewhere = token_for(alice), token_for(alice, tenant=tenant_acme)
        assert_json(verify(browser, here), 200, OK)
        assert_json(verify(browser, elsewhere), 200, INVALID_TOKEN)
        assert_json(verify(browser, elsewhere, tenant=tenant_acme), 200, OK)

    def test_what_is_verified_is_so_in_all_of_them(self, alice: str, tenant_acme: str) -> None:
        emailverification.verify_email_using_token(tenant_acme, token_for(alice, tenant=tenant_acme))
        assert emailverification.is_email_verified(alice)
        with pytest.raises(EmailAlreadyVerified):
            token_for(alice)

    def test_revoking_is_for_one(self, alice: str, tenant_acme: str) -> None:
        here, elsewhere = token_for(alice), token_for(alice, tenant=tenant_acme)
        emailverification.revoke_email_verification_tokens(PUBLIC, alice, f" {ALICE.email.upper()}")
        with pytest.raises(EmailVerificationInvalidToken):
            emailverification.verify_email_using_token(PUBLIC, here)
        assert emailverification.verify_email_using_token(tenant_acme, elsewhere).email == ALICE.email


class TestWhose:
    def test_one_for_another_address_verifies_that_one_and_not_the_users_own(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        token = token_for(alice, NEW)
        clock.advance(1)
        response = verify(frontend, token)
        assert_json(response, 200, OK)
        assert_access_token_is_replaced(response, frontend.mode)
        assert claim_of(frontend) is False
        assert emailverification.is_email_verified(alice, NEW)
        assert not emailverification.is_email_verified(alice)
        assert LoginMethod.objects.get().email == ALICE.email

    def test_unverifying_is_for_one_address(self, alice: str) -> None:
        for email in (ALICE.email, NEW):
            emailverification.mark_email_verified(alice, email)
        emailverification.unverify_email(alice, NEW)
        assert emailverification.is_email_verified(alice)
        assert not emailverification.is_email_verified(alice, NEW)

    def test_an_open_session_says_so_at_the_next_look(self, frontend: FrontendClient, alice: str) -> None:
        emailverification.mark_email_verified(alice)
        is_verified(frontend)
        emailverification.unverify_email(alice)
        assert claim_of(frontend) is True
        assert_json(is_verified(frontend), 200, NOT_VERIFIED)
        assert claim_of(frontend) is False

    def test_an_account_with_two_ways_in_is_verified_in_one_of_them(
        self, clock: Clock, browser: FrontendClient, alice: str, bob: str
    ) -> None:
        """The claim is that of the way in, not that of the user (FDI)."""
        emailverification.mark_email_verified(alice)
        LoginMethod.objects.filter(pk=bob).update(user=alice)
        browser.post("/test/login", {"userId": bob})
        assert (browser.access_token_payload["sub"], browser.access_token_payload["rsub"]) == (alice, bob)
        assert claim_of(browser) is False
        assert_json(is_verified(browser), 200, NOT_VERIFIED)
        clock.advance(11)
        response = browser.get("/test/sync")
        assert_json(response, 403, REFUSED)
        assert_access_token_is_replaced(response, browser.mode)  # it was looked up anew
        browser.post("/test/login", {"userId": alice})
        assert claim_of(browser) is True

    def test_the_mail_names_user_and_way_in(
        self, browser: FrontendClient, alice: str, bob: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        from supertokens_django.recipes.emailverification.service import EmailVerificationService

        heard: list[Any] = []

        class Listening(EmailVerificationService):
            def send_email(self, to: str, link: str, user: dict[str, Any], tenant_id: str) -> None:
                heard.append((to, user, tenant_id))
                super().send_email(to, link, user, tenant_id)

        LoginMethod.objects.filter(pk=bob).update(user=alice)
        browser.post("/test/login", {"userId": bob})
        with (
            supertokens_settings(EMAILVERIFICATION={"SERVICE_CLASS": Listening}),
            django_capture_on_commit_callbacks(execute=True),
        ):
            assert_json(ask(browser), 200, OK)
        (bobs_email,) = the_mail().recipients()
        user = {"id": alice, "recipe_user_id": bob, "email": bobs_email}
        assert heard == [(bobs_email, user, PUBLIC)]
        assert link_in(the_mail()).endswith("&tenantId=public")

    def test_the_link_leads_to_the_website_that_asked(
        self, frontend: FrontendClient, django_capture_on_commit_callbacks: Commit
    ) -> None:
        path = "tests.recipes.emailpassword.test_reset_token.origin_of_request"
        with supertokens_settings(ORIGIN=path), django_capture_on_commit_callbacks(execute=True):
            assert_json(ask(frontend, headers={"origin": "https://shop.example"}), 200, OK)
        assert link_in(the_mail()).startswith("https://shop.example/auth/verify-email?token=")


class TestSessionsOfOtherTenants:
    def test_the_session_of_a_linked_login_stays_in_its_tenant(
        self, clock: Clock, browser: FrontendClient, bob: str, alice: str, tenant_acme: str
    ) -> None:
        from supertokens_django.models import User
        from supertokens_django.users import accounts
        from supertokens_django.users.accounts import AccountInfo

        accounts.add_to_tenant(LoginMethod.objects.get(pk=alice), tenant_acme, AccountInfo(ALICE.email))
        browser.sign_in(ALICE.email, ALICE.password, tenant=tenant_acme)
        LoginMethod.objects.filter(pk=alice).update(user=bob)
        User.objects.filter(pk=alice).delete()
        clock.advance(1)
        assert_json(verify(browser, token_for(alice)), 200, OK)
        payload = browser.access_token_payload
        assert (payload["sub"], payload["rsub"], payload["tId"]) == (bob, alice, tenant_acme)
        assert claim_of(browser) is True


def test_a_session_that_says_nothing_hears_of_it_when_a_link_is_asked_for(
    clock: Clock, browser: FrontendClient, alice: str
) -> None:
    with supertokens_settings(RECIPES=["emailpassword"]):
        browser.post("/test/login", {"userId": alice})
    assert claim_of(browser) == "nothing"
    response = ask(browser)
    assert_json(response, 200, OK)
    assert_access_token_is_replaced(response, browser.mode)
    assert claim_of(browser) is False
    assert_session_is_untouched(ask(browser))


def test_a_refused_token_leaves_the_session_as_it_is(frontend: FrontendClient) -> None:
    response = verify(frontend, "x")
    assert_json(response, 200, INVALID_TOKEN)
    assert_session_is_untouched(response)


def test_it_is_not_there_by_another_method_or_switched_off(frontend: FrontendClient) -> None:
    path = "/auth/user/email/verify"
    assert frontend.request("PUT", path).status_code == 404
    with supertokens_settings(DISABLED_ENDPOINTS=["emailverification:is_verified"]):
        assert is_verified(frontend).status_code == 404
        assert_json(verify(frontend, "x"), 200, INVALID_TOKEN)
    with supertokens_settings(DISABLED_ENDPOINTS=["emailverification:verify"]):
        assert verify(frontend, "x").status_code == 404
        assert_json(is_verified(frontend), 200, NOT_VERIFIED)


class TestUnknownUsers:
    def test_without_an_address_nobody_can_be_found(self, db: None) -> None:
        """With one, any id will do: it may be that of a user whom the project alone knows."""
        ids: list[Any] = [
            lambda: emailverification.create_email_verification_link(PUBLIC, "nobody"),
            lambda: emailverification.send_email_verification_email(PUBLIC, "nobody", "nobody"),
            lambda: emailverification.revoke_email_verification_tokens(PUBLIC, "nobody"),
            lambda: emailverification.mark_email_verified("nobody"),
            lambda: emailverification.get_email_for_recipe_user_id("nobody"),
        ]
        for call in ids:
            with pytest.raises(UnknownUserId):
                call()

    def test_with_one_any_id_will_do(self, db: None) -> None:
        token = token_for("somebody", f" {NEW.upper()} ")
        assert not emailverification.is_email_verified("somebody", NEW)
        found = emailverification.verify_email_using_token(PUBLIC, token)
        assert (found.user_id, found.recipe_user_id, found.email) == ("somebody", "somebody", NEW)
        assert emailverification.is_email_verified("somebody", NEW)
        emailverification.revoke_email_verification_tokens(PUBLIC, "somebody", NEW)
        emailverification.unverify_email("somebody", NEW)
        assert not emailverification.is_email_verified("somebody", NEW)

    def test_an_empty_address_is_nobodys(self, alice: str) -> None:
        """A form that was left empty verifies nothing, and asks for nothing."""
        for email in ("", "  "):
            assert not emailverification.is_email_verified(alice, email)
            assert not emailverification.is_email_verified("nobody", email)
            for call in (token_for, emailverification.mark_email_verified):
                with pytest.raises(BadInputError):
                    call(alice, email)
            with pytest.raises(BadInputError):
                emailverification.send_email_verification_email(PUBLIC, alice, alice, email)
            with pytest.raises(BadInputError):
                emailverification.request_email_change(PUBLIC, alice, email)
        token = token_for(alice)
        emailverification.revoke_email_verification_tokens(PUBLIC, alice, "")
        emailverification.unverify_email(alice, "")
        assert emailverification.verify_email_using_token(PUBLIC, token).email == ALICE.email


async def test_each_verb_has_a_twin(alice: str, django_capture_on_commit_callbacks: Commit) -> None:
    token = await emailverification.acreate_email_verification_token(PUBLIC, alice, NEW)
    found = await emailverification.averify_email_using_token(PUBLIC, token)
    assert (found.recipe_user_id, found.email) == (alice, NEW)
    assert await emailverification.ais_email_verified(alice, NEW)
    assert not await emailverification.ais_email_verified(alice)
    await emailverification.aunverify_email(alice, NEW)
    assert not await emailverification.ais_email_verified(alice, NEW)
    await emailverification.amark_email_verified(alice, NEW)
    assert await emailverification.ais_email_verified(alice, NEW)
    assert await emailverification.aget_email_for_recipe_user_id(alice) == ALICE.email
    link = await emailverification.acreate_email_verification_link(PUBLIC, alice, None, None)
    await emailverification.arevoke_email_verification_tokens(PUBLIC, alice, None)
    with pytest.raises(EmailVerificationInvalidToken):
        await emailverification.averify_email_using_token(PUBLIC, link.partition("token=")[2][:128])
    with pytest.raises(UnknownTenantError):
        await emailverification.asend_email_verification_email("nowhere", alice, alice, None, None)
    with pytest.raises(UnknownUserId):
        await emailverification.arequest_email_change(PUBLIC, "nobody", NEW, None)
