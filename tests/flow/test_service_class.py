"""``EMAILPASSWORD["SERVICE_CLASS"]``: a subclass of the service."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from supertokens_django.exceptions import GeneralError
from supertokens_django.recipes.emailpassword.service import EmailPasswordService
from supertokens_django.services import emailpassword, users
from supertokens_django.users.models import LoginMethod
from tests.base import ALICE, BOB, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import OK, WRONG_CREDENTIALS

pytestmark = pytest.mark.django_db

CLOSED = {"status": "GENERAL_ERROR", "message": "Sign-up is closed on Sundays"}


class ClosedOnSundays(EmailPasswordService):
    """Refuses before anything was done."""

    def sign_up(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        raise GeneralError("Sign-up is closed on Sundays")


class SecondThoughts(EmailPasswordService):
    """Refuses after everything was done."""

    def sign_up(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        super().sign_up(tenant_id, email, password)
        raise GeneralError("Sign-up is closed on Sundays")


class Peppered(EmailPasswordService):
    """Adds something to every password."""

    def sign_up(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        return super().sign_up(tenant_id, email, f"{password} with pepper")

    def sign_in(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        return super().sign_in(tenant_id, email, f"{password} with pepper")


class NoSignIns(EmailPasswordService):
    def sign_in(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        raise GeneralError("Please use the app")


class NoResets(EmailPasswordService):
    def reset_password_using_token(self, tenant_id: str, token: str, new_password: str) -> Any:
        raise GeneralError("Please call us")

    def consume_password_reset_token(self, tenant_id: str, token: str) -> Any:
        raise GeneralError("Please call us")


def service_class(cls: type | str) -> supertokens_settings:
    return supertokens_settings(EMAILPASSWORD={"SERVICE_CLASS": cls})


@pytest.mark.parametrize("cls", [ClosedOnSundays, f"{__name__}.ClosedOnSundays", SecondThoughts])
def test_its_refusal_is_a_general_error_that_leaves_nothing(cls: Any, browser: FrontendClient) -> None:
    with service_class(cls):
        response = browser.sign_up(ALICE.email, ALICE.password)
    assert (response.status_code, json_of(response)) == (200, CLOSED)
    assert users.get_user_count() == 0
    assert get_user_model().objects.count() == 0
    assert not browser.is_signed_in


def test_its_refusal_of_sign_ins_leaves_passwords_to_be_checked(browser: FrontendClient, alice: str) -> None:
    with service_class(NoSignIns):
        response = browser.sign_in(ALICE.email, ALICE.password)
        assert emailpassword.verify_credentials("public", ALICE.email, ALICE.password).id == alice
    assert json_of(response) == {"status": "GENERAL_ERROR", "message": "Please use the app"}
    assert not browser.is_signed_in


def test_its_refusal_of_a_reset_is_a_general_error(visitor: FrontendClient, alice: str) -> None:
    token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
    with service_class(NoResets):
        assert json_of(visitor.reset_password(token, BOB.password)) == {
            "status": "GENERAL_ERROR",
            "message": "Please call us",
        }
    assert json_of(visitor.reset_password(token, BOB.password)) == OK


def test_the_endpoints_and_the_public_door_both_use_it(visitor: FrontendClient) -> None:
    with service_class(Peppered):
        visitor.sign_up(ALICE.email, ALICE.password)
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password))["status"] == "OK"
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).email == ALICE.email
    assert json_of(visitor.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS
    assert json_of(visitor.sign_in(ALICE.email, f"{ALICE.password} with pepper"))["status"] == "OK"


async def _twin(password: str) -> LoginMethod:
    return await emailpassword.asign_in("public", ALICE.email, password)


@pytest.mark.django_db(transaction=True)
async def test_the_async_twins_go_through_its_methods(acme: None) -> None:
    with service_class(Peppered):
        method = await emailpassword.asign_up("public", ALICE.email, ALICE.password)
        assert (await _twin(ALICE.password)).id == method.id
    assert (await _twin(f"{ALICE.password} with pepper")).id == method.id
