"""``FLOW_GATES``: classes that are asked inside every sign-in and sign-up."""

from __future__ import annotations

from typing import ClassVar

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from supertokens_django.exceptions import GeneralError
from supertokens_django.flow.attempt import Attempt
from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.services import emailpassword, session, users
from tests.base import ALICE, BOB, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import EMAIL_TAKEN, OK, WRONG_CREDENTIALS, field_error

pytestmark = pytest.mark.django_db

HERE = __name__


class InvitationOnly:
    """Lets only invited people sign up; who has an account signs in as ever."""

    INVITED = {ALICE.email}

    def check(self, attempt: Attempt, request: HttpRequest) -> None:
        if attempt.is_sign_up and attempt.email not in self.INVITED:
            raise GeneralError("You need an invitation")


class OfficeHours:
    """Refuses everybody, also whose credentials are right."""

    def check(self, attempt: Attempt, request: HttpRequest) -> None:
        raise GeneralError("Come back tomorrow")


class Recorder:
    asked: ClassVar[list[tuple[Attempt, HttpRequest]]] = []

    def check(self, attempt: Attempt, request: HttpRequest) -> None:
        self.asked.append((attempt, request))


class Visitor:
    """Makes something in the transaction of the sign-up."""

    def check(self, attempt: Attempt, request: HttpRequest) -> None:
        Tenant.objects.create(id="made by a gate")
        raise GeneralError("and then refuses")


@pytest.fixture
def recorder() -> type[Recorder]:
    Recorder.asked.clear()
    return Recorder


class TestInvitationOnly:
    @pytest.fixture(autouse=True)
    def stage(self, acme: None) -> object:
        with supertokens_settings(FLOW_GATES=[f"{HERE}.InvitationOnly"]):
            yield

    def test_who_is_invited_signs_up(self, browser: FrontendClient) -> None:
        assert json_of(browser.sign_up(ALICE.email, ALICE.password))["status"] == "OK"
        assert browser.is_signed_in

    def test_who_is_not_is_told_so_and_leaves_no_trace(self, browser: FrontendClient) -> None:
        response = browser.sign_up(BOB.email, BOB.password)
        assert response.status_code == 200
        assert json_of(response) == {"status": "GENERAL_ERROR", "message": "You need an invitation"}
        assert (users.get_user_count(), get_user_model().objects.count()) == (0, 0)
        assert not browser.is_signed_in
        assert not response.cookies

    def test_it_knows_the_email_in_its_stored_form(self, browser: FrontendClient) -> None:
        assert json_of(browser.sign_up(" ALICE@example.com", ALICE.password))["status"] == "OK"

    def test_who_has_an_account_signs_in(self, browser: FrontendClient, bob: str) -> None:
        assert json_of(browser.sign_in(BOB.email, BOB.password))["status"] == "OK"

    def test_the_form_is_judged_first(self, browser: FrontendClient) -> None:
        assert json_of(browser.sign_up("bob", BOB.password))["status"] == "FIELD_ERROR"

    def test_the_project_s_own_code_may_still_make_accounts(self) -> None:
        assert emailpassword.sign_up("public", BOB.email, BOB.password).email == BOB.email


class TestRefusedSignIn:
    @pytest.fixture(autouse=True)
    def stage(self, acme: None, alice: str) -> object:
        with supertokens_settings(FLOW_GATES=[OfficeHours]):
            yield

    def test_it_is_a_general_error_without_a_session(self, browser: FrontendClient, alice: str) -> None:
        response = browser.sign_in(ALICE.email, ALICE.password)
        assert json_of(response) == {"status": "GENERAL_ERROR", "message": "Come back tomorrow"}
        assert not browser.is_signed_in
        assert session.get_all_session_handles_for_user(alice) == []

    def test_only_who_knows_the_password_hears_of_it(self, browser: FrontendClient) -> None:
        assert json_of(browser.sign_in(ALICE.email, BOB.password)) == WRONG_CREDENTIALS
        assert json_of(browser.sign_in(BOB.email, BOB.password)) == WRONG_CREDENTIALS

    def test_a_reset_is_no_sign_in(self, browser: FrontendClient, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        assert json_of(browser.request_reset_token(ALICE.email)) == OK
        assert json_of(browser.reset_password(token, BOB.password)) == OK

    def test_a_session_that_is_there_is_left_alone(self, browser: FrontendClient) -> None:
        with supertokens_settings(FLOW_GATES=[]):
            browser.sign_in(ALICE.email, ALICE.password)
        handle = browser.session_handle
        browser.sign_in(ALICE.email, ALICE.password)
        assert browser.session_handle == handle
        assert browser.refresh().status_code == 200


class TestWhatTheyAreTold:
    def test_of_a_sign_up(self, visitor: FrontendClient, recorder: type[Recorder]) -> None:
        fields = [{"id": "name"}, {"id": "age", "optional": True}]
        with supertokens_settings(FLOW_GATES=[recorder], EMAILPASSWORD={"FORM_FIELDS": fields}):
            visitor.sign_up("Alice@Example.com", ALICE.password, name="Alice", age=7)
        ((attempt, request),) = recorder.asked
        assert (attempt.tenant_id, attempt.recipe_id, attempt.factor_id, attempt.is_sign_up) == (
            "public",
            "emailpassword",
            "emailpassword",
            True,
        )
        assert (attempt.email, attempt.form_fields) == (ALICE.email, {"name": "Alice", "age": 7})
        assert request.path == "/auth/signup"
        assert ALICE.password not in repr(vars(attempt))

    def test_of_a_sign_in(self, visitor: FrontendClient, recorder: type[Recorder], tenant_acme: str) -> None:
        user_id = emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password).id
        with supertokens_settings(FLOW_GATES=[recorder]):
            visitor.sign_in(ALICE.email, ALICE.password, tenant=tenant_acme)
        ((attempt, _),) = recorder.asked
        assert (attempt.tenant_id, attempt.is_sign_up, attempt.email) == (tenant_acme, False, ALICE.email)
        assert attempt.user is not None
        assert attempt.user.id == user_id

    def test_wrong_credentials_do_not_come_to_them(
        self, visitor: FrontendClient, recorder: type[Recorder], alice: str
    ) -> None:
        with supertokens_settings(FLOW_GATES=[recorder]):
            visitor.sign_in(ALICE.email, BOB.password)
            visitor.sign_in(BOB.email, BOB.password)
        assert recorder.asked == []

    def test_they_are_asked_in_order_until_one_refuses(
        self, visitor: FrontendClient, recorder: type[Recorder], alice: str
    ) -> None:
        with supertokens_settings(FLOW_GATES=[recorder, OfficeHours, recorder]):
            visitor.sign_in(ALICE.email, ALICE.password)
        assert len(recorder.asked) == 1


def test_they_take_part_in_the_transaction(visitor: FrontendClient) -> None:
    with supertokens_settings(FLOW_GATES=[Visitor]):
        assert json_of(visitor.sign_up(ALICE.email, ALICE.password))["status"] == "GENERAL_ERROR"
    assert not Tenant.objects.filter(id="made by a gate").exists()


def test_a_taken_email_is_told_as_such_whatever_they_say_of_others(
    visitor: FrontendClient, alice: str
) -> None:
    with supertokens_settings(FLOW_GATES=[InvitationOnly]):
        assert json_of(visitor.sign_up(ALICE.email, BOB.password)) == field_error(("email", EMAIL_TAKEN))


def test_one_that_cannot_be_imported_is_a_mistake_in_the_settings(visitor: FrontendClient) -> None:
    wrong = supertokens_settings(FLOW_GATES=[f"{HERE}.NoSuchGate"])
    with wrong, pytest.raises(ImproperlyConfigured, match="FLOW_GATES"):
        visitor.sign_in(ALICE.email, ALICE.password)
