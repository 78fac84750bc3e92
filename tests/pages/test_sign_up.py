"""The sign-up page."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from supertokens_django.exceptions import GeneralError
from supertokens_django.services import users
from tests.base import ALICE, sql_budget, supertokens_settings
from tests.pages.visiting import Page, Visitor

pytestmark = pytest.mark.django_db

POLICY = "At least 8 characters, with a letter and a number."


def sign_up(visitor: Visitor, **changes: str) -> Page:
    fields = {"email": ALICE.email, "password": ALICE.password, **changes}
    return visitor.submit(visitor.open("/auth/?show=signup"), **fields)


class TestShowing:
    def test_it_asks_for_e_mail_and_password(self, visitor: Visitor) -> None:
        page = visitor.open("/auth/?show=signup")
        assert (page.status, page.heading) == (200, "Create an account")
        assert list(page.values) == ["csrfmiddlewaretoken", "email", "password"]
        assert page.focused == "email"

    def test_it_helps_password_managers(self, visitor: Visitor) -> None:
        page = visitor.open("/auth/?show=signup")
        assert page.input("email")["autocomplete"] == "email"
        assert page.input("password")["autocomplete"] == "new-password"

    def test_it_says_what_a_password_must_be(self, visitor: Visitor) -> None:
        page = visitor.open("/auth/?show=signup")
        assert page.input("password")["aria-describedby"] == "id_password_helptext"
        assert page.text_by_id("id_password_helptext") == POLICY

    def test_it_names_the_rules_of_the_project(self, visitor: Visitor, settings: Any) -> None:
        settings.AUTH_PASSWORD_VALIDATORS = [
            {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"}
        ]
        page = visitor.open("/auth/?show=signup")
        assert page.text_by_id("id_password_helptext") == (
            f"{POLICY} Your password can’t be a commonly used password."
        )

    def test_a_project_with_a_policy_of_its_own_explains_it_itself(self, visitor: Visitor) -> None:
        fields = [{"id": "password", "validate": lambda value, tenant_id: None}]
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": fields}):
            page = visitor.open("/auth/?show=signup")
        assert "aria-describedby" not in page.input("password")

    def test_it_leads_back_to_sign_in(self, visitor: Visitor) -> None:
        assert visitor.open("/auth/?show=signup").links == {"Sign in": "/auth/"}

    def test_where_it_is_switched_off_sign_in_is_shown(self, visitor: Visitor) -> None:
        with supertokens_settings(DISABLED_ENDPOINTS=["emailpassword:signup"]):
            page = visitor.open("/auth/?show=signup")
            assert page.heading == "Sign in"
            assert "Create an account" not in page.links
            assert visitor.post("/auth/?show=signup", {**page.values, **ALICE_FIELDS}).status == 200
        assert users.get_user_count() == 0


ALICE_FIELDS = {"email": ALICE.email, "password": ALICE.password}


class TestSigningUp:
    def test_it_makes_the_account_and_the_session(self, visitor: Visitor) -> None:
        page = sign_up(visitor)
        assert (page.status, page.response["Location"]) == (302, "/protected/")
        assert visitor.is_signed_in
        (user,) = users.get_users_newest_first("public").users
        assert [method.email for method in user.login_methods.all()] == [ALICE.email]
        assert get_user_model()._default_manager.filter(email=ALICE.email).exists()

    def test_it_costs_no_more_than_the_api(self, visitor: Visitor, bob: str) -> None:
        page = visitor.open("/auth/?show=signup")
        sign_up(Visitor(), email="somebody@example.com")
        with sql_budget(9):
            assert visitor.submit(page, **ALICE_FIELDS).status == 302

    def test_a_taken_e_mail_is_told(self, visitor: Visitor, alice: str) -> None:
        page = sign_up(visitor, password="another password 1")
        assert page.errors == {
            "email": "There is already an account with this e-mail address. Sign in instead."
        }
        assert page.focused == "email"
        assert not visitor.is_signed_in

    @pytest.mark.parametrize(
        ("password", "error"),
        [
            ("", "This field is required."),
            ("short1", "The password must contain at least 8 characters, including a number."),
            ("12345678", "The password must contain at least one letter."),
            ("only letters", "The password must contain at least one number."),
            ("1a" * 50, "The password must be shorter than 100 characters."),
        ],
    )
    def test_it_explains_what_is_wrong_with_a_password(
        self, password: str, error: str, visitor: Visitor
    ) -> None:
        page = sign_up(visitor, password=password)
        assert (page.errors, page.focused) == ({"password": error}, "password")
        assert users.get_user_count() == 0

    def test_the_projects_validators_speak_for_themselves(self, visitor: Visitor, settings: Any) -> None:
        settings.AUTH_PASSWORD_VALIDATORS = [
            {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"}
        ]
        assert sign_up(visitor, password="password1").errors == {"password": "This password is too common."}

    def test_a_guard_may_refuse(self, visitor: Visitor) -> None:
        class InvitationOnly:
            def check(self, endpoint: str, request: HttpRequest, data: Any) -> None:
                if endpoint == "emailpassword:signup":
                    raise GeneralError("Please ask for an invitation")

        with supertokens_settings(GUARDS=[InvitationOnly]):
            assert sign_up(visitor).alerts == ["Please ask for an invitation"]
        assert users.get_user_count() == 0


class TestFieldsOfTheProject:
    FIELDS = (
        {"id": "firstName"},
        {"id": "shoe_size", "optional": True, "validate": lambda value: "Too big" if value == "60" else None},
    )

    @pytest.fixture(autouse=True)
    def _fields(self, one_origin: None) -> Any:
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": list(self.FIELDS)}):
            yield

    def test_they_stand_after_e_mail_and_password(self, visitor: Visitor) -> None:
        page = visitor.open("/auth/?show=signup")
        assert list(page.values) == ["csrfmiddlewaretoken", "email", "password", "firstName", "shoe_size"]

    def test_their_labels_are_their_ids_in_words(self, visitor: Visitor) -> None:
        page = visitor.open("/auth/?show=signup")
        assert page.label("firstName") == "First name"
        assert page.label("shoe_size") == "Shoe size (optional)"
        assert page.input("firstName")["autocomplete"] == "given-name"

    def test_sign_in_does_not_ask_for_them(self, visitor: Visitor) -> None:
        assert list(visitor.open("/auth/").values) == ["csrfmiddlewaretoken", "email", "password"]

    def test_they_are_required_unless_they_are_optional(self, visitor: Visitor) -> None:
        page = sign_up(visitor, firstName="")
        assert page.errors == {"firstName": "This field is required."}
        assert ("required" in page.input("firstName"), "required" in page.input("shoe_size")) == (True, False)

    def test_their_validators_are_asked(self, visitor: Visitor) -> None:
        page = sign_up(visitor, firstName="Alice", shoe_size="60")
        assert page.errors == {"shoe_size": "Too big"}
        assert page.input("firstName")["value"] == "Alice"

    def test_the_project_hears_of_them(
        self, visitor: Visitor, django_capture_on_commit_callbacks: Any
    ) -> None:
        from supertokens_django.signals import user_signed_up

        heard: list[Any] = []

        def receiver(form_fields: dict[str, Any], **kwargs: Any) -> None:
            heard.append(form_fields)

        user_signed_up.connect(receiver)
        with django_capture_on_commit_callbacks(execute=True):
            assert sign_up(visitor, firstName="Alice").status == 302
        user_signed_up.disconnect(receiver)
        assert heard == [{"firstName": "Alice"}]

    def test_the_projects_order_counts_where_it_names_all(self, visitor: Visitor) -> None:
        fields = [{"id": "firstName"}, {"id": "email"}, {"id": "password"}]
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": fields}):
            page = visitor.open("/auth/?show=signup")
        assert list(page.values)[1:] == ["firstName", "email", "password"]

    def test_user_names_instead_of_addresses_are_possible(self, visitor: Visitor) -> None:
        fields = [{"id": "email", "validate": lambda value: None if value.isalnum() else "Letters only"}]
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": fields}):
            page = visitor.open("/auth/?show=signup")
            assert (page.input("email")["type"], page.input("email")["autocomplete"]) == ("text", "username")
            assert sign_up(visitor, email="alice").status == 302
