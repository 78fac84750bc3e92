"""The app with the user model of ``tests.custom_user``: UUID keys, an e-mail address to log in with, no username.

Run by ``test_custom_user.py`` in a process of its own, because the user model of a process never changes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from supertokens_django.recipes.emailpassword.exceptions import EmailAlreadyExists
from supertokens_django.services import emailpassword, session, users
from tests.accounts import address_of_its_own, django_user_of
from tests.base import ACME, ALICE, BOB, MALLORY, supertokens_settings
from tests.client import FrontendClient, decode_jwt, json_of
from tests.custom_user.models import Account
from tests.flow.rows import every_row
from tests.flow.test_one_transaction import fail_at_every_write
from tests.idp.provider import IdentityProvider
from tests.recipes.emailpassword.bodies import EMAIL_TAKEN, OK, WRONG_CREDENTIALS, field_error
from tests.recipes.thirdparty.dance import sign_in

pytestmark = pytest.mark.django_db


def test_the_user_model_is_the_one_meant() -> None:
    assert get_user_model()._meta.label == "custom_user.Account"
    assert Account._meta.pk.get_internal_type() == "UUIDField"
    assert not [field.name for field in Account._meta.get_fields() if field.name == "username"]


def test_the_migrations_fit_it() -> None:
    call_command("makemigrations", "supertokens_django", check=True, dry_run=True, verbosity=0)


class TestSignUp:
    def test_it_makes_the_account(self, browser: FrontendClient) -> None:
        assert json_of(browser.sign_up(" Alice@Example.com", ALICE.password))["status"] == "OK"
        made = django_user_of(browser.user_id)
        assert isinstance(made.pk, uuid.UUID)
        assert (made.email, made.is_active, made.is_staff) == (ALICE.email, True, False)
        assert not made.has_usable_password()

    def test_an_email_taken_by_another_account_is_a_field_error_that_leaves_nothing(
        self, browser: FrontendClient
    ) -> None:
        FrontendClient("header").sign_up(BOB.email, BOB.password)  # so the signing keys exist
        Account.objects.create_superuser(ALICE.email, "the admin's own password 1")
        before = every_row()
        response = browser.sign_up(ALICE.email, ALICE.password)
        assert (response.status_code, json_of(response)) == (200, field_error(("email", EMAIL_TAKEN)))
        assert every_row() == before
        assert not browser.is_signed_in
        assert json_of(browser.email_exists(ALICE.email)) == {"status": "OK", "exists": False}

    def test_an_email_of_another_tenant_is_taken_too(
        self, browser: FrontendClient, make_tenant: Callable[[str], str]
    ) -> None:
        tenant_acme = make_tenant(ACME)
        browser.sign_up(ALICE.email, ALICE.password)
        before = every_row()
        response = browser.sign_up(ALICE.email, ALICE.password, tenant=tenant_acme)
        assert json_of(response) == field_error(("email", EMAIL_TAKEN))
        assert every_row() == before

    def test_own_fields_may_give_the_account_another_email(
        self, browser: FrontendClient, make_tenant: Callable[[str], str]
    ) -> None:
        tenant_acme = make_tenant(ACME)
        with supertokens_settings(DJANGO_USER={"FIELDS": address_of_its_own}):
            browser.sign_up(ALICE.email, ALICE.password)
            assert json_of(browser.sign_up(ALICE.email, ALICE.password, tenant=tenant_acme))["status"] == "OK"
        assert django_user_of(browser.user_id).email == f"{browser.user_id}@users.acme.com"

    def test_a_failure_at_any_write_leaves_nothing(self, bob: str) -> None:
        clumsy = FrontendClient("header", raise_request_exception=False)
        clumsy.sign_in(BOB.email, BOB.password)
        assert fail_at_every_write(lambda: clumsy.sign_up(ALICE.email, ALICE.password)) >= 4


class TestRequestUser:
    @pytest.mark.parametrize("path", ["/test/whoami", "/test/whoami-async", "/test/verified-whoami"])
    def test_it_is_the_account(self, path: str, browser: FrontendClient, alice: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        seen: Any = browser.get(path)
        assert seen.status_code == 200
        assert (seen.json()["authenticated"], seen.json()["pk"]) == (True, str(django_user_of(alice).pk))

    def test_login_required_lets_it_in(self, browser: FrontendClient, alice: str) -> None:
        assert browser.get("/test/members").status_code == 302
        browser.sign_in(ALICE.email, ALICE.password)
        assert browser.get("/test/members").status_code == 200

    def test_a_switched_off_account_is_out(self, browser: FrontendClient, alice: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        account = django_user_of(alice)
        account.is_active = False
        account.save()
        assert session.get_all_session_handles_for_user(alice) == []
        assert json_of(browser.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS


class TestEmailChange:
    def test_it_follows(self, alice: str) -> None:
        emailpassword.update_email_or_password(alice, email="liddell@example.com")
        assert django_user_of(alice).email == "liddell@example.com"

    def test_one_taken_by_another_account_changes_nothing(self, alice: str) -> None:
        Account.objects.create_user(MALLORY.email, "another 1")
        before = every_row()
        with pytest.raises(EmailAlreadyExists):
            emailpassword.update_email_or_password(alice, email=MALLORY.email)
        assert every_row() == before

    def test_a_reset_works(self, browser: FrontendClient, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        assert json_of(browser.reset_password(token, BOB.password)) == OK
        assert json_of(browser.sign_in(ALICE.email, BOB.password))["status"] == "OK"


class TestDeleting:
    @pytest.mark.parametrize(("on_delete", "left"), [("delete", 0), ("keep", 1), ("deactivate", 1)])
    def test_the_user_goes_and_the_account_as_configured(self, on_delete: str, left: int, alice: str) -> None:
        with supertokens_settings(DJANGO_USER={"ON_DELETE": on_delete}):
            users.delete_user(alice)
        assert users.get_user(alice) is None
        assert Account.objects.count() == left

    def test_deleting_the_account_deletes_the_user(self, alice: str) -> None:
        django_user_of(alice).delete()
        assert users.get_user(alice) is None


class TestAdmin:
    @pytest.fixture
    def office(self, acme: None, alice: str) -> Client:
        Account.objects.create_superuser("admin@example.com", "the admin's own password 1")
        office = Client()
        assert office.login(email="admin@example.com", password="the admin's own password 1")
        return office

    def test_it_opens(self, office: Client) -> None:
        assert office.get(reverse("admin:index")).status_code == 200

    def test_its_lists_of_our_models_open(self, office: Client, alice: str) -> None:
        models = [model for model in admin.site._registry if model._meta.app_label == "supertokens_django"]
        assert models
        for model in models:
            page = office.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
            assert page.status_code == 200, model

    def test_its_page_of_a_user_opens(self, office: Client, alice: str) -> None:
        page = office.get(reverse("admin:supertokens_django_user_change", args=[alice]))
        assert page.status_code == 200
        assert ALICE.email.encode() in page.content

    def test_staff_signs_in_as_a_user(self, office: Client, alice: str) -> None:
        page = reverse("admin:supertokens_django_user_impersonate", args=[alice])
        response = office.post(page, {"reason": "ticket 17"})

        account = Account.objects.get(email="admin@example.com")
        payload = decode_jwt(response.cookies["sAccessToken"].value)[1]
        assert (payload["sub"], payload["act"]) == (alice, {"sub": f"django:{account.pk}"})
        account.is_active = False
        account.save()
        assert session.get_all_session_handles_for_user(alice) == []


class TestProviders:
    """An account at a provider has the address of another account here."""

    def refusal(self, text: str, code: str) -> dict[str, str]:
        return {"status": "SIGN_IN_UP_NOT_ALLOWED", "reason": f"{text} (ERR_CODE_{code})"}

    def test_the_address_of_another_user_is_no_sign_up(
        self, oidc: IdentityProvider, browser: FrontendClient, alice: str
    ) -> None:
        before = every_row()
        answer = sign_in(browser, oidc, oidc.add_account("865", ALICE.email))
        text = "Cannot sign in / up due to security reasons. Please try a different login method or contact support."
        assert json_of(answer) == self.refusal(text, "006")
        assert every_row() == before

    def test_nor_can_it_be_changed_to(
        self, oidc: IdentityProvider, browser: FrontendClient, alice: str
    ) -> None:
        white = oidc.add_account("865", "white@example.com")
        sign_in(browser, oidc, white)
        white.email = ALICE.email
        before = every_row()
        answer = sign_in(browser, oidc, white)
        text = "Cannot sign in / up because new email cannot be applied to existing account. Please contact support."
        assert json_of(answer) == self.refusal(text, "005")
        assert every_row() == before
