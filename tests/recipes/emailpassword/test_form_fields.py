"""``EMAILPASSWORD["FORM_FIELDS"]``: own fields of the sign-up form, and own rules for e-mail and password."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import (
    BAD_EMAIL,
    NOT_OPTIONAL,
    OK,
    TOO_SHORT,
    field_error,
    form,
    message,
)

pytestmark = pytest.mark.django_db


def only_adults(value: Any, tenant_id: str) -> str | None:
    return None if isinstance(value, int) and value >= 18 else f"Only adults may join {tenant_id}"


def only_our_people(value: str, tenant_id: str) -> str | None:
    return None if value.endswith("@acme.com") else "Only people of Acme"


def three_words(value: str, tenant_id: str) -> str | None:
    return None if len(value.split()) == 3 else "Three words, please"


def fields(*configured: dict[str, Any]) -> supertokens_settings:
    return supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": list(configured)})


def sign_up(visitor: FrontendClient, **more: Any) -> Any:
    sent = {"email": ALICE.email, "password": ALICE.password, **more}
    return json_of(visitor.submit_form("/signup", sent))


class TestOwnField:
    def test_it_must_be_filled_in(self, visitor: FrontendClient) -> None:
        with fields({"id": "name"}):
            assert sign_up(visitor) == field_error(("name", NOT_OPTIONAL))
            assert sign_up(visitor, name="") == field_error(("name", NOT_OPTIONAL))
            assert sign_up(visitor, name="Alice")["status"] == "OK"

    def test_an_optional_one_may_be_absent_or_empty(self, visitor: FrontendClient) -> None:
        with fields({"id": "age", "optional": True, "validate": only_adults}):
            assert sign_up(visitor)["status"] == "OK"
            assert sign_up(visitor, email="b@example.com", age="")["status"] == "OK"

    def test_an_optional_one_is_judged_when_it_is_there(self, visitor: FrontendClient) -> None:
        with fields({"id": "age", "optional": True, "validate": only_adults}):
            assert sign_up(visitor, age=17) == field_error(("age", "Only adults may join public"))

    @pytest.mark.parametrize("value", [False, 0, [], {}, True, 7, 1.5, " ", ["a"], {"b": None}])
    def test_any_value_but_the_empty_string_fills_it_in(self, value: Any, visitor: FrontendClient) -> None:
        with fields({"id": "terms"}):
            assert sign_up(visitor, terms=value)["status"] == "OK"

    @pytest.mark.parametrize("validate", [only_adults, f"{__name__}.only_adults"])
    def test_it_is_judged_by_a_callable_or_its_dotted_path(
        self, validate: Any, visitor: FrontendClient
    ) -> None:
        with fields({"id": "age", "validate": validate}):
            assert sign_up(visitor, age=17) == field_error(("age", "Only adults may join public"))
            assert sign_up(visitor, age=18)["status"] == "OK"

    def test_its_judge_is_told_the_tenant(self, visitor: FrontendClient, tenant_acme: str) -> None:
        with fields({"id": "age", "validate": only_adults}):
            sent = {"email": ALICE.email, "password": ALICE.password, "age": 17}
            body = json_of(visitor.submit_form("/signup", sent, tenant=tenant_acme))
        assert body == field_error(("age", "Only adults may join acme"))

    def test_its_value_is_not_trimmed(self, visitor: FrontendClient) -> None:
        with fields({"id": "name", "validate": lambda value, tenant_id: repr(value)}):
            assert sign_up(visitor, name="  Alice ") == field_error(("name", "'  Alice '"))

    def test_its_dotted_path_must_lead_somewhere(self, visitor: FrontendClient) -> None:
        with (
            fields({"id": "age", "validate": "tests.no_such_module.judge"}),
            pytest.raises(ImproperlyConfigured),
        ):
            sign_up(visitor, age=18)


class TestOrder:
    def test_errors_follow_the_configured_order_with_password_and_email_last(
        self, visitor: FrontendClient
    ) -> None:
        with fields({"id": "name"}, {"id": "age", "validate": only_adults}):
            assert json_of(
                visitor.submit_form("/signup", {"age": 3, "email": "a", "password": "b"})
            ) == field_error(
                ("name", NOT_OPTIONAL),
                ("age", "Only adults may join public"),
                ("password", TOO_SHORT),
                ("email", BAD_EMAIL),
            )

    def test_errors_follow_the_configured_order_of_email_and_password_too(
        self, visitor: FrontendClient
    ) -> None:
        expected = field_error(("email", NOT_OPTIONAL), ("name", NOT_OPTIONAL), ("password", NOT_OPTIONAL))
        with fields({"id": "email"}, {"id": "name"}):
            assert json_of(visitor.submit_form("/signup", {})) == expected

    def test_sign_in_follows_it(self, visitor: FrontendClient) -> None:
        with fields({"id": "email"}, {"id": "name"}, {"id": "password"}):
            expected = field_error(("email", NOT_OPTIONAL), ("password", NOT_OPTIONAL))
            assert json_of(visitor.submit_form("/signin", {})) == expected


class TestCount:
    def test_as_many_as_configured_may_be_sent(self, visitor: FrontendClient) -> None:
        with fields({"id": "name", "optional": True}):
            assert sign_up(visitor, nickname="Lissie")["status"] == "OK"

    def test_one_more_is_bad_input(self, visitor: FrontendClient) -> None:
        with fields({"id": "name"}):
            sent = {"email": ALICE.email, "password": ALICE.password, "name": "Alice", "nickname": "Lissie"}
            response = visitor.submit_form("/signup", sent)
        assert response.status_code == 400
        assert json_of(response) == message("Are you sending too many formFields?")


class TestOwnRules:
    @pytest.mark.parametrize("validate", [only_our_people, f"{__name__}.only_our_people"])
    def test_an_email_rule_replaces_ours(self, validate: Any, visitor: FrontendClient) -> None:
        with fields({"id": "email", "validate": validate}):
            assert sign_up(visitor) == field_error(("email", "Only people of Acme"))
            assert sign_up(visitor, email="alice@acme.com")["status"] == "OK"

    def test_an_email_rule_holds_for_sign_in_and_the_reset_form(self, visitor: FrontendClient) -> None:
        with fields({"id": "email", "validate": only_our_people}):
            refused = field_error(("email", "Only people of Acme"))
            assert json_of(visitor.sign_in(ALICE.email, ALICE.password)) == refused
            assert json_of(visitor.request_reset_token(ALICE.email)) == refused
            assert json_of(visitor.request_reset_token("alice@acme.com")) == OK

    def test_an_email_is_trimmed_before_it_is_judged(self, visitor: FrontendClient) -> None:
        with fields({"id": "email", "validate": only_our_people}):
            assert sign_up(visitor, email="  alice@acme.com  ")["user"]["emails"] == ["alice@acme.com"]

    def test_a_password_rule_replaces_ours(self, visitor: FrontendClient) -> None:
        with fields({"id": "password", "validate": three_words}):
            assert sign_up(visitor) == field_error(("password", "Three words, please"))
            assert sign_up(visitor, password="a b c")["status"] == "OK"

    def test_a_password_rule_holds_for_the_reset_and_not_for_sign_in(self, visitor: FrontendClient) -> None:
        with fields({"id": "password", "validate": three_words}):
            refused = field_error(("password", "Three words, please"))
            assert json_of(visitor.reset_password("token", ALICE.password)) == refused
            assert json_of(visitor.sign_in(ALICE.email, ALICE.password)) == {
                "status": "WRONG_CREDENTIALS_ERROR"
            }

    @pytest.mark.parametrize("name", ["email", "password"])
    def test_email_and_password_are_never_optional(self, name: str, visitor: FrontendClient) -> None:
        sent = {"email": ALICE.email, "password": ALICE.password, name: ""}
        with fields({"id": name, "optional": True}):
            assert json_of(visitor.submit_form("/signup", sent)) == field_error((name, NOT_OPTIONAL))

    def test_custom_fields_are_no_part_of_the_reset_forms(self, visitor: FrontendClient) -> None:
        with fields({"id": "name"}):
            assert json_of(visitor.request_reset_token(ALICE.email)) == OK
            sent = form(email=ALICE.email, name="Alice")
            response = visitor.call_recipe(
                "POST", "/auth/user/password/reset/token", rid="emailpassword", json_body=sent
            )
        assert response.status_code == 400
        assert json_of(response) == message("Are you sending too many formFields?")
