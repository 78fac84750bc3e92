"""The row of ``AUTH_USER_MODEL`` that belongs to every user."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured

from supertokens_django.services import emailpassword, session, users
from supertokens_django.users.models import DjangoUserLink, LoginMethod, User
from tests.accounts import django_user_of, has_unique_emails, has_username, make_superuser
from tests.base import ALICE, BOB, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import OK, WRONG_CREDENTIALS

pytestmark = pytest.mark.django_db

WHOAMI = "/test/whoami"


def staff_by_email(user: User, login_method: LoginMethod) -> dict[str, Any]:
    assert login_method.user == user
    return {"is_staff": login_method.email == ALICE.email}


def switch_off(user_id: str) -> None:
    found = django_user_of(user_id)
    found.is_active = False
    found.save()


class TestSignUp:
    def test_it_makes_one(self, visitor: FrontendClient) -> None:
        visitor.sign_up(ALICE.email, ALICE.password)
        made = django_user_of(visitor.user_id)
        assert get_user_model().objects.count() == 1
        assert (made.email, made.is_active, made.is_staff, made.is_superuser) == (
            ALICE.email,
            True,
            False,
            False,
        )
        assert not made.has_usable_password()

    def test_the_service_alone_makes_one_too(self, alice: str) -> None:
        assert django_user_of(alice).email == ALICE.email

    def test_it_never_takes_over_one_that_was_there(self, visitor: FrontendClient) -> None:
        admin = make_superuser(ALICE.email)
        body = json_of(visitor.sign_up(ALICE.email, ALICE.password))
        assert body["status"] == ("FIELD_ERROR" if has_unique_emails() else "OK")
        assert not DjangoUserLink.objects.filter(django_user=admin).exists()
        assert get_user_model()._default_manager.filter(is_superuser=True).count() == 1

    def test_one_email_in_two_tenants_makes_two(self, visitor: FrontendClient, tenant_acme: str) -> None:
        visitor.sign_up(ALICE.email, ALICE.password)
        first = visitor.user_id
        assert json_of(visitor.sign_up(ALICE.email, ALICE.password, tenant=tenant_acme))["status"] == "OK"
        assert django_user_of(first) != django_user_of(visitor.user_id)

    def test_a_long_email_makes_one(self, visitor: FrontendClient) -> None:
        long = "a" * 180 + "@example.com"
        assert json_of(visitor.sign_up(long, ALICE.password))["status"] == "OK"
        assert django_user_of(visitor.user_id).email == long

    def test_sign_in_makes_none(self, visitor: FrontendClient, alice: str) -> None:
        visitor.sign_in(ALICE.email, ALICE.password)
        visitor.sign_in(ALICE.email, BOB.password)
        visitor.sign_in(BOB.email, BOB.password)
        assert get_user_model().objects.count() == 1


class TestMapping:
    @pytest.mark.parametrize("fields", [staff_by_email, f"{__name__}.staff_by_email"])
    def test_further_fields_come_from_a_callable(self, fields: Any, visitor: FrontendClient) -> None:
        with supertokens_settings(DJANGO_USER={"FIELDS": fields}):
            visitor.sign_up(BOB.email, BOB.password)
            assert not django_user_of(visitor.user_id).is_staff
            visitor.sign_up(ALICE.email, ALICE.password)
            assert django_user_of(visitor.user_id).is_staff

    def test_it_may_replace_the_default_fields(self, visitor: FrontendClient) -> None:
        def fields(user: User, login_method: LoginMethod) -> dict[str, Any]:
            return {get_user_model().USERNAME_FIELD: "the white rabbit"}

        with supertokens_settings(DJANGO_USER={"FIELDS": fields}):
            visitor.sign_up(ALICE.email, ALICE.password)
        assert django_user_of(visitor.user_id).get_username() == "the white rabbit"

    def test_a_username_is_the_user_id(self, alice: str) -> None:
        expected = alice if has_username() else ALICE.email
        assert django_user_of(alice).get_username() == expected

    def test_it_can_be_switched_off(self, browser: FrontendClient) -> None:
        with supertokens_settings(DJANGO_USER={"CREATE": False}):
            assert json_of(browser.sign_up(ALICE.email, ALICE.password))["status"] == "OK"
            assert json_of(browser.sign_in(ALICE.email, ALICE.password))["status"] == "OK"
            assert browser.get(WHOAMI).status_code == 200
        assert get_user_model().objects.count() == 0

    def test_a_key_that_is_not_known_is_a_mistake_in_the_settings(self, visitor: FrontendClient) -> None:
        with (
            supertokens_settings(DJANGO_USER={"CRAETE": False}),
            pytest.raises(ImproperlyConfigured, match="CREATE"),
        ):
            visitor.sign_up(ALICE.email, ALICE.password)


class TestInactive:
    def test_it_does_not_sign_in(self, browser: FrontendClient, alice: str) -> None:
        switch_off(alice)
        assert json_of(browser.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS
        assert json_of(browser.sign_in(ALICE.email, BOB.password)) == WRONG_CREDENTIALS
        assert not browser.is_signed_in

    def test_switching_it_off_ends_its_sessions(self, browser: FrontendClient, alice: str, bob: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        device_of_bob = FrontendClient("header")
        device_of_bob.sign_in(BOB.email, BOB.password)
        switch_off(alice)
        assert session.get_all_session_handles_for_user(alice) == []
        response = browser.refresh()
        assert (response.status_code, json_of(response)) == (401, {"message": "unauthorised"})
        assert device_of_bob.refresh().status_code == 200

    def test_switched_on_again_it_signs_in(self, browser: FrontendClient, alice: str) -> None:
        switch_off(alice)
        get_user_model()._default_manager.update(is_active=True)
        assert json_of(browser.sign_in(ALICE.email, ALICE.password))["status"] == "OK"

    def test_saving_an_active_one_ends_nothing(self, browser: FrontendClient, alice: str) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        found = django_user_of(alice)
        found.is_staff = True
        found.save()
        assert browser.refresh().status_code == 200

    def test_a_reset_does_not_let_it_in(self, browser: FrontendClient, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        switch_off(alice)
        assert json_of(browser.reset_password(token, BOB.password)) in (
            OK,
            {"status": "RESET_PASSWORD_INVALID_TOKEN_ERROR"},
        )
        assert json_of(browser.sign_in(ALICE.email, BOB.password)) == WRONG_CREDENTIALS
        assert json_of(browser.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS


class TestEmailChange:
    def test_it_follows(self, alice: str) -> None:
        emailpassword.update_email_or_password(alice, email="liddell@example.com")
        assert django_user_of(alice).email == "liddell@example.com"

    def test_it_does_not_follow_where_the_project_put_another(self, alice: str) -> None:
        get_user_model()._default_manager.update(email="alice@work.example")
        emailpassword.update_email_or_password(alice, email="liddell@example.com")
        assert django_user_of(alice).email == "alice@work.example"


class TestDeleting:
    def test_deleting_the_user_switches_its_django_user_off(self, alice: str) -> None:
        made = django_user_of(alice)
        users.delete_user(alice)
        made.refresh_from_db()
        assert not made.is_active

    @pytest.mark.parametrize(
        ("on_delete", "left"), [("delete", []), ("keep", [True]), ("deactivate", [False])]
    )
    def test_the_project_chooses_what_becomes_of_it(
        self, on_delete: str, left: list[bool], alice: str
    ) -> None:
        with supertokens_settings(DJANGO_USER={"ON_DELETE": on_delete}):
            users.delete_user(alice)
        assert list(get_user_model()._default_manager.values_list("is_active", flat=True)) == left

    def test_after_it_the_email_is_free_again(self, visitor: FrontendClient, alice: str) -> None:
        with supertokens_settings(DJANGO_USER={"ON_DELETE": "delete"}):
            users.delete_user(alice)
        assert json_of(visitor.sign_up(ALICE.email, BOB.password))["status"] == "OK"
        assert visitor.user_id != alice

    def test_deleting_the_django_user_deletes_the_user_with_all_sessions(
        self, browser: FrontendClient, alice: str, bob: str
    ) -> None:
        browser.sign_in(ALICE.email, ALICE.password)
        django_user_of(alice).delete()
        assert users.get_user(alice) is None
        assert browser.refresh().status_code == 401
        assert json_of(browser.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS
        assert json_of(browser.sign_in(BOB.email, BOB.password))["status"] == "OK"
