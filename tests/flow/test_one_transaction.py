"""A sign-up, a sign-in, a reset: all of it or nothing of it, and no mail before it is certain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import models, transaction
from django.db.models.signals import post_save, pre_save
from django.http import HttpResponseBase

from supertokens_django.recipes.emailpassword.service import EmailPasswordService
from supertokens_django.services import emailpassword
from supertokens_django.users.models import LoginMethod, User
from tests.base import ALICE, BOB, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.flow.rows import Outage, every_row, outage_at_write
from tests.recipes.emailpassword.bodies import OK, WRONG_CREDENTIALS
from tests.recipes.emailpassword.mailbox import Commit

pytestmark = pytest.mark.django_db

NEW = "through the looking-glass 1871"


class Stumbles(EmailPasswordService):
    """Fails once everything is done."""

    def sign_up(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        super().sign_up(tenant_id, email, password)
        raise Outage("after the sign-up")


@pytest.fixture
def bystander(acme: None) -> str:
    """Bob was here first, so the signing keys exist and there is something to lose."""
    device = FrontendClient("header")
    device.sign_up(BOB.email, BOB.password)
    return device.user_id


@pytest.fixture
def clumsy(acme: None) -> FrontendClient:
    """A frontend that is told 500 instead of the test being told the exception."""
    return FrontendClient("header", raise_request_exception=False)


Act = Callable[[], HttpResponseBase]


def fail_at_every_write(act: Act) -> int:
    """Act again and again, each time with a failure one write later, and nothing must have changed after it.

    Returns the number of writes of the undisturbed act.
    """
    for number in range(1, 100):
        before = every_row()
        with outage_at_write(number) as writes:
            response = act()
        if len(writes) < number:
            assert response.status_code == 200
            return number - 1
        assert response.status_code == 500
        assert every_row() == before, f"left something behind after failing at: {writes[-1]}"
    raise AssertionError("it never came to an end")


class TestSignUp:
    def test_a_failure_at_any_write_leaves_nothing(self, bystander: str, clumsy: FrontendClient) -> None:
        writes = fail_at_every_write(lambda: clumsy.sign_up(ALICE.email, ALICE.password))
        assert writes >= 4  # user, login method, Django user, session
        assert clumsy.is_signed_in

    def test_a_failure_gives_no_tokens(self, bystander: str, clumsy: FrontendClient) -> None:
        with outage_at_write(3):
            response = clumsy.sign_up(ALICE.email, ALICE.password)
        assert response.status_code == 500
        assert not response.cookies
        assert not clumsy.is_signed_in

    def test_a_failure_of_a_subclassed_service_leaves_nothing(
        self, bystander: str, clumsy: FrontendClient
    ) -> None:
        before = every_row()
        with supertokens_settings(EMAILPASSWORD={"SERVICE_CLASS": Stumbles}):
            assert clumsy.sign_up(ALICE.email, ALICE.password).status_code == 500
        assert every_row() == before

    @pytest.mark.parametrize("signal", [pre_save, post_save], ids=["pre_save", "post_save"])
    @pytest.mark.parametrize(
        "model", [User, LoginMethod, get_user_model()], ids=lambda model: model._meta.label
    )
    def test_a_receiver_that_fails_takes_part_in_it(
        self, signal: Any, model: type[models.Model], bystander: str, clumsy: FrontendClient
    ) -> None:
        def refuse(**kwargs: Any) -> None:
            raise Outage("not this one")

        before = every_row()
        signal.connect(refuse, sender=model)
        try:
            assert clumsy.sign_up(ALICE.email, ALICE.password).status_code == 500
        finally:
            signal.disconnect(refuse, sender=model)
        assert every_row() == before

    def test_a_django_user_that_cannot_be_made_leaves_nothing(
        self, bystander: str, clumsy: FrontendClient
    ) -> None:
        def fields(user: User, login_method: LoginMethod) -> dict[str, Any]:
            return {"no_such_field": 1}

        before = every_row()
        with supertokens_settings(DJANGO_USER={"FIELDS": fields}):
            assert clumsy.sign_up(ALICE.email, ALICE.password).status_code == 500
        assert every_row() == before

    def test_after_a_failure_the_email_is_still_free(self, bystander: str, clumsy: FrontendClient) -> None:
        with outage_at_write(4):
            clumsy.sign_up(ALICE.email, ALICE.password)
        assert json_of(clumsy.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS
        assert json_of(clumsy.sign_up(ALICE.email, ALICE.password))["status"] == "OK"

    def test_a_taken_email_leaves_nothing(self, bystander: str, clumsy: FrontendClient) -> None:
        before = every_row()
        assert json_of(clumsy.sign_up(BOB.email, ALICE.password))["status"] == "FIELD_ERROR"
        assert every_row() == before

    def test_the_service_alone_is_one_transaction_too(self, bystander: str) -> None:
        for number in range(1, 100):
            before = every_row()
            try:
                with outage_at_write(number):
                    emailpassword.sign_up("public", ALICE.email, ALICE.password)
            except Outage:
                assert every_row() == before
            else:
                break
        assert number > 3


class TestSignIn:
    def test_a_failure_at_any_write_leaves_nothing(self, bystander: str, clumsy: FrontendClient) -> None:
        writes = fail_at_every_write(lambda: clumsy.sign_in(BOB.email, BOB.password))
        assert writes >= 1

    def test_wrong_credentials_write_nothing(self, bystander: str, clumsy: FrontendClient) -> None:
        before = every_row()
        clumsy.sign_in(BOB.email, ALICE.password)
        clumsy.sign_in(ALICE.email, ALICE.password)
        assert every_row() == before


class TestReset:
    def test_a_failure_at_any_write_leaves_nothing(self, bystander: str, clumsy: FrontendClient) -> None:
        token = emailpassword.create_reset_password_token("public", bystander, BOB.email)
        writes = fail_at_every_write(lambda: clumsy.reset_password(token, NEW))
        assert writes >= 2  # password and token
        assert json_of(clumsy.sign_in(BOB.email, NEW))["status"] == "OK"


class TestResetToken:
    def test_a_failure_at_any_write_leaves_nothing_and_sends_nothing(
        self, bystander: str, clumsy: FrontendClient, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            writes = fail_at_every_write(lambda: clumsy.request_reset_token(BOB.email))
        assert writes >= 1
        assert len(mail.outbox) == 1  # of the undisturbed call

    def test_a_stranger_writes_nothing(self, bystander: str, clumsy: FrontendClient) -> None:
        before = every_row()
        assert json_of(clumsy.request_reset_token(ALICE.email)) == OK
        assert every_row() == before


@pytest.mark.django_db(transaction=True)
class TestReallyCommitted:
    """The same over real transactions: no savepoint inside a test's own."""

    def test_a_failed_sign_up_leaves_nothing(self, bystander: str, clumsy: FrontendClient) -> None:
        before = every_row()
        with outage_at_write(4):
            assert clumsy.sign_up(ALICE.email, ALICE.password).status_code == 500
        assert every_row() == before
        assert json_of(clumsy.sign_up(ALICE.email, ALICE.password))["status"] == "OK"

    def test_a_transaction_of_the_project_around_it_can_undo_it(self, bystander: str) -> None:
        before = every_row()
        with pytest.raises(Outage), transaction.atomic():
            self.sign_up_and_fail()
        assert every_row() == before
        assert mail.outbox == []

    def sign_up_and_fail(self) -> None:
        method = emailpassword.sign_up("public", ALICE.email, ALICE.password)
        emailpassword.send_reset_password_email("public", method.id, ALICE.email)
        raise Outage("the project's own")
