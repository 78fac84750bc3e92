"""The three endpoints: asking for a link, using it, looking what is verified; whole answers in both modes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from supertokens_django.models import LoginMethod, Session, User
from supertokens_django.services import emailverification, session, users
from tests.assertions import (
    assert_access_token_is_replaced,
    assert_json,
    assert_session_is_set,
    assert_session_is_untouched,
    assert_try_refresh_token,
    assert_unauthorised,
    assert_unauthorised_and_cleared,
)
from tests.base import ALICE, BOB, Clock, sign_up, supertokens_settings
from tests.client import FrontendClient, Mode, json_of
from tests.recipes.emailpassword.mailbox import Commit
from tests.recipes.emailverification.verification import (
    ALREADY_VERIFIED,
    INVALID_TOKEN,
    NOT_VERIFIED,
    OK,
    TOKEN_PATH,
    VERIFIED,
    VERIFY_PATH,
    ask,
    claim_of,
    is_verified,
    link_in,
    query_of,
    the_mail,
    token_in,
    verify,
)


@pytest.fixture
def token(alice: str) -> str:
    """One that Alice was mailed."""
    return emailverification.create_email_verification_token("public", alice)


class TestAskingForALink:
    def test_the_first_answer_for_an_unverified_user_says_nothing_new(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        response = ask(frontend)
        assert_json(response, 200, OK)
        assert_session_is_untouched(response)  # the session has said so since the sign-in

    def test_the_first_call_after_unverifying_changes_the_access_token(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        emailverification.mark_email_verified(alice)
        is_verified(frontend)
        emailverification.unverify_email(alice)
        clock.advance(1)

        response = ask(frontend)
        assert_json(response, 200, OK)
        assert_access_token_is_replaced(response, frontend.mode)
        assert claim_of(frontend) is False

        clock.advance(1)
        response = ask(frontend)
        assert_json(response, 200, OK)
        assert_session_is_untouched(response)

    def test_each_answer_that_it_is_verified_brings_the_tokens_again(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        emailverification.mark_email_verified(alice)
        for _ in range(2):
            clock.advance(1)
            response = ask(frontend)
            assert_json(response, 200, ALREADY_VERIFIED)
            assert_access_token_is_replaced(response, frontend.mode)
            assert claim_of(frontend) is True
        assert mail.outbox == []

    def test_a_user_without_an_email_has_nothing_to_verify(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        LoginMethod.objects.filter(pk=alice).update(email=None, phone_number="+491701234567")
        clock.advance(1)
        response = ask(frontend)
        assert_json(response, 200, ALREADY_VERIFIED)
        assert_access_token_is_replaced(response, frontend.mode)
        assert claim_of(frontend) is True

    def test_it_needs_a_session(self, browser: FrontendClient) -> None:
        assert_unauthorised(ask(browser))

    def test_an_expired_access_token_is_to_be_refreshed(self, clock: Clock, frontend: FrontendClient) -> None:
        clock.advance(3601)
        assert_try_refresh_token(ask(frontend))

    def test_a_deleted_user_is_signed_out(self, frontend: FrontendClient, alice: str) -> None:
        users.delete_user(alice)
        assert_unauthorised_and_cleared(ask(frontend))

    def test_an_anonymous_session_has_nobody_to_verify(self, browser: FrontendClient) -> None:
        browser.post("/test/visit")
        assert_unauthorised(ask(browser))
        assert_unauthorised(is_verified(browser))

    def test_no_body_is_needed(self, frontend: FrontendClient) -> None:
        path = frontend.api_path(TOKEN_PATH)
        for body in (b"", b"null", b"[]", b"no json"):
            assert_json(frontend.request("POST", path, body=body, headers={"rid": "x"}), 200, OK)

    def test_the_tenant_of_the_url_is_not_asked(
        self, frontend: FrontendClient, tenant_acme: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            assert_json(ask(frontend, tenant="acme"), 200, OK)
        assert dict(query_of(link_in(the_mail())))["tenantId"] == "public"

    def test_the_tenant_is_that_of_the_session(
        self, browser: FrontendClient, tenant_acme: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        sign_up(BOB, tenant_acme)
        browser.sign_in(BOB.email, BOB.password, tenant="acme")
        with django_capture_on_commit_callbacks(execute=True):
            assert_json(ask(browser), 200, OK)
        assert dict(query_of(link_in(the_mail())))["tenantId"] == "acme"

    def test_it_is_not_there_by_another_method_or_switched_off(self, frontend: FrontendClient) -> None:
        assert frontend.get(frontend.api_path(TOKEN_PATH)).status_code == 404
        with supertokens_settings(DISABLED_ENDPOINTS=["emailverification:token"]):
            assert ask(frontend).status_code == 404
        with supertokens_settings(RECIPES=["emailpassword"]):
            assert ask(frontend).status_code == 404


class TestTheMail:
    def test_it_brings_the_link_to_the_user_alone(
        self, frontend: FrontendClient, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            ask(frontend)
        message = the_mail()
        assert message.recipients() == [ALICE.email]
        link = link_in(message)
        assert link.startswith("https://acme.com/auth/verify-email?token=")
        assert [name for name, _ in query_of(link)] == ["token", "tenantId"]
        assert len(token_in(message)) == 128
        assert link.replace("&", "&amp;") in str(message.alternatives[0][0])
        assert "24\xa0hours" in str(message.body)

    def test_the_link_verifies(
        self, frontend: FrontendClient, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            ask(frontend)
        assert_json(verify(FrontendClient("header"), token_in(the_mail())), 200, OK)
        assert emailverification.is_email_verified(frontend.user_id)


class TestUsingTheLink:
    def test_without_a_session_nothing_is_said_about_one(self, browser: FrontendClient, token: str) -> None:
        response = verify(browser, token)
        assert_json(response, 200, OK)
        assert_session_is_untouched(response)

    def test_a_session_of_the_user_hears_of_it(
        self, clock: Clock, frontend: FrontendClient, token: str
    ) -> None:
        clock.advance(1)
        response = verify(frontend, token)
        assert_json(response, 200, OK)
        assert_access_token_is_replaced(response, frontend.mode)
        assert claim_of(frontend) is True

    def test_a_session_of_somebody_else_does_not(
        self, clock: Clock, browser: FrontendClient, bob: str, token: str
    ) -> None:
        browser.sign_in(BOB.email, BOB.password)
        clock.advance(1)
        response = verify(browser, token)
        assert_json(response, 200, OK)
        assert_session_is_untouched(response)
        assert claim_of(browser) is False

    def test_a_session_that_has_ended_does_not_undo_it(
        self, frontend: FrontendClient, alice: str, token: str
    ) -> None:
        session.revoke_all_sessions_for_user(alice)
        response = verify(frontend, token)
        assert_json(response, 200, OK)
        assert_session_is_untouched(response)
        assert emailverification.is_email_verified(alice)

    def test_a_login_method_that_was_linked_meanwhile_gets_a_new_session(
        self, clock: Clock, frontend: FrontendClient, alice: str, bob: str, token: str
    ) -> None:
        other_device = FrontendClient("header")
        other_device.post("/test/login", {"userId": alice})
        bobs = FrontendClient("header")
        bobs.post("/test/login", {"userId": bob})
        LoginMethod.objects.filter(pk=alice).update(user=bob)
        User.objects.filter(pk=alice).delete()
        before = frontend.session_handle
        clock.advance(1)

        response = verify(frontend, token)

        assert_json(response, 200, OK)
        assert_session_is_set(response, frontend.mode)
        payload = frontend.access_token_payload
        assert (payload["sub"], payload["rsub"], payload["tId"]) == (bob, alice, "public")
        assert claim_of(frontend) is True
        left = set(Session.objects.values_list("handle", flat=True))
        assert left == {frontend.session_handle, bobs.session_handle}
        assert before not in left

    def test_an_expired_access_token_leaves_the_token_good(
        self, clock: Clock, frontend: FrontendClient, token: str
    ) -> None:
        clock.advance(3601)
        assert_try_refresh_token(verify(frontend, token))
        frontend.refresh()
        assert_json(verify(frontend, token), 200, OK)

    def test_it_works_once(self, browser: FrontendClient, token: str) -> None:
        verify(browser, token)
        assert_json(verify(browser, token), 200, INVALID_TOKEN)

    def test_it_ends_the_others_for_the_same_email(
        self, browser: FrontendClient, alice: str, token: str
    ) -> None:
        other = emailverification.create_email_verification_token("public", alice)
        elsewhere = emailverification.create_email_verification_token("public", alice, "else@example.com")
        assert_json(verify(browser, token), 200, OK)
        assert_json(verify(browser, other), 200, INVALID_TOKEN)
        assert_json(verify(browser, elsewhere), 200, OK)

    def test_an_old_one_verifies_nothing_and_ends_the_others(
        self, clock: Clock, browser: FrontendClient, alice: str, token: str
    ) -> None:
        clock.advance(3600)
        younger = emailverification.create_email_verification_token("public", alice)
        clock.advance(86400 - 3600 + 1)
        assert_json(verify(browser, token), 200, INVALID_TOKEN)
        assert_json(verify(browser, younger), 200, INVALID_TOKEN)
        assert not emailverification.is_email_verified(alice)

    def test_its_lifetime_is_a_setting(self, clock: Clock, browser: FrontendClient, alice: str) -> None:
        with supertokens_settings(EMAILVERIFICATION={"EMAIL_VERIFICATION_TOKEN_LIFETIME": 60}):
            first, second = (
                emailverification.create_email_verification_token("public", alice, f"{name}@example.com")
                for name in ("one", "two")
            )
        clock.advance(60)
        assert_json(verify(browser, first), 200, OK)
        clock.advance(1)
        assert_json(verify(browser, second), 200, INVALID_TOKEN)

    def test_it_is_good_in_its_tenant_alone(
        self, browser: FrontendClient, tenant_acme: str, token: str
    ) -> None:
        assert_json(verify(browser, token, tenant="acme"), 200, INVALID_TOKEN)
        assert_json(verify(browser, token, tenant="public"), 200, OK)

    def test_an_unknown_tenant_is_refused(self, browser: FrontendClient, token: str) -> None:
        message = "Tenant with the following tenantId not found: nowhere"
        assert_json(verify(browser, token, tenant="nowhere"), 400, {"message": message})

    def test_that_of_a_deleted_user_is_good_no_more(
        self, browser: FrontendClient, alice: str, token: str
    ) -> None:
        users.delete_user(alice)
        assert_json(verify(browser, token), 200, INVALID_TOKEN)

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (None, "Please provide the email verification token"),
            ({}, "Please provide the email verification token"),
            ({"token": None}, "Please provide the email verification token"),
            ({"token": 7}, "The email verification token must be a string"),
            ({"token": ["x"]}, "The email verification token must be a string"),
            ("null", "Please pass JSON input body"),
            ("[]", "Please pass JSON input body"),
        ],
    )
    def test_bad_input_is_refused(self, browser: FrontendClient, body: Any, message: str) -> None:
        path = browser.api_path(VERIFY_PATH)
        if isinstance(body, str):
            response = browser.request("POST", path, body=body.encode())
        else:
            response = browser.post(path, body)
        assert_json(response, 400, {"message": message})

    def test_the_method_is_not_asked_for(self, browser: FrontendClient, token: str) -> None:
        assert_json(browser.post(browser.api_path(VERIFY_PATH), {"token": token}), 200, OK)

    @pytest.mark.parametrize("token", ["", "x", "é" * 128, "a" * 5000])
    def test_what_is_no_token_is_invalid(self, browser: FrontendClient, token: str) -> None:
        assert_json(verify(browser, token), 200, INVALID_TOKEN)


class TestLooking:
    def test_each_look_at_an_unverified_email_renews_the_session(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        for _ in range(2):
            clock.advance(1)
            response = is_verified(frontend)
            assert_json(response, 200, NOT_VERIFIED)
            assert_access_token_is_replaced(response, frontend.mode)
            assert frontend.access_token_payload["st-ev"] == {"v": False, "t": clock.milliseconds}

    def test_each_look_at_a_verified_email_renews_the_session(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        emailverification.mark_email_verified(alice)
        for _ in range(2):
            clock.advance(1)
            response = is_verified(frontend)
            assert_json(response, 200, VERIFIED)
            assert_access_token_is_replaced(response, frontend.mode)
            assert frontend.access_token_payload["st-ev"] == {"v": True, "t": clock.milliseconds}

    def test_a_user_without_an_email_is_verified_and_the_session_stays_as_it_is(
        self, frontend: FrontendClient, alice: str
    ) -> None:
        LoginMethod.objects.filter(pk=alice).update(email=None, phone_number="+491701234567")
        response = is_verified(frontend)
        assert_json(response, 200, VERIFIED)
        assert_session_is_untouched(response)
        assert claim_of(frontend) is False

    def test_it_needs_a_session(self, browser: FrontendClient) -> None:
        assert_unauthorised(is_verified(browser))

    def test_an_expired_access_token_is_to_be_refreshed(self, clock: Clock, frontend: FrontendClient) -> None:
        clock.advance(3601)
        assert_try_refresh_token(is_verified(frontend))

    def test_a_deleted_user_is_signed_out(self, frontend: FrontendClient, alice: str) -> None:
        users.delete_user(alice)
        assert_unauthorised_and_cleared(is_verified(frontend))

    def test_a_revoked_session_is_signed_out(self, frontend: FrontendClient, alice: str) -> None:
        session.revoke_all_sessions_for_user(alice)
        assert_unauthorised_and_cleared(is_verified(frontend))


def test_anti_csrf_is_asked_as_everywhere(alice: str, token: str) -> None:
    browser = FrontendClient("cookie")
    with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_CUSTOM_HEADER"}):
        browser.post("/test/login", {"userId": alice})
        assert_try_refresh_token(ask(browser, headers={"rid": None}))
        assert_try_refresh_token(verify(browser, token, headers={"rid": None}))
        assert_json(is_verified(browser, headers={"rid": None}), 200, NOT_VERIFIED)
        assert_json(verify(browser, token), 200, OK)


def test_a_reset_password_verifies_the_email(browser: FrontendClient, alice: str, mode: Mode) -> None:
    from supertokens_django.services import emailpassword

    reset_token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
    assert json_of(browser.reset_password(reset_token, "rabbit hole 1")) == OK
    answer = json_of(browser.sign_in(ALICE.email, "rabbit hole 1"))
    assert answer["user"]["loginMethods"][0]["verified"] is True
    assert claim_of(browser) is True


def test_a_reset_password_verifies_nothing_while_the_recipe_is_off(
    browser: FrontendClient, alice: str
) -> None:
    from supertokens_django.services import emailpassword

    with supertokens_settings(RECIPES=["emailpassword"]):
        reset_token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        assert json_of(browser.reset_password(reset_token, "rabbit hole 1")) == OK
    assert not emailverification.is_email_verified(alice)
