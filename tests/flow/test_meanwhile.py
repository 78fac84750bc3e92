"""Comparing a password takes its time: what happens in between counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import override_settings

from supertokens_django.recipes.emailpassword.service import EmailPasswordService
from supertokens_django.services import emailpassword, session, users
from supertokens_django.users.models import LoginMethod
from tests.base import ALICE, BOB, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.hashing.test_stored_hash import bcrypt_hash
from tests.recipes.emailpassword.bodies import OK, WRONG_CREDENTIALS

pytestmark = pytest.mark.django_db

NEW = "through the looking-glass 1871"


class Slow(EmailPasswordService):
    """Something happens right after the password was found right."""

    meanwhile: ClassVar[Callable[[], Any]]

    def sign_in(self, tenant_id: str, email: str, password: str) -> LoginMethod:
        method = super().sign_in(tenant_id, email, password)
        type(self).meanwhile()
        return method


class SlowHasher(MD5PasswordHasher):
    """Something happens while a new hash is computed."""

    algorithm = "slow"
    meanwhile: ClassVar[list[Callable[[], Any]]] = []

    def encode(self, password: str, salt: str) -> str:
        while self.meanwhile:
            self.meanwhile.pop()()
        return super().encode(password, salt)


def sign_in_while(browser: FrontendClient, meanwhile: Callable[[], Any]) -> Any:
    Slow.meanwhile = staticmethod(meanwhile)
    with supertokens_settings(EMAILPASSWORD={"SERVICE_CLASS": Slow}):
        return json_of(browser.sign_in(ALICE.email, ALICE.password))


def test_nothing_special_happens(browser: FrontendClient, alice: str) -> None:
    assert sign_in_while(browser, lambda: None)["status"] == "OK"


def test_a_reset_leaves_no_session_of_the_old_password(browser: FrontendClient, alice: str) -> None:
    token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
    other_device = FrontendClient("header")

    def reset() -> None:
        assert json_of(other_device.reset_password(token, NEW)) == OK

    assert sign_in_while(browser, reset) == WRONG_CREDENTIALS
    assert not browser.is_signed_in
    assert session.get_all_session_handles_for_user(alice) == []


def test_a_change_of_the_password_makes_the_old_one_wrong(browser: FrontendClient, alice: str) -> None:
    body = sign_in_while(browser, lambda: emailpassword.update_email_or_password(alice, password=NEW))
    assert body == WRONG_CREDENTIALS


def test_a_deletion_leaves_no_session_of_nobody(browser: FrontendClient, alice: str) -> None:
    assert sign_in_while(browser, lambda: users.delete_user(alice)) == WRONG_CREDENTIALS
    assert not browser.is_signed_in
    assert session.get_all_session_handles_for_user(alice) == []


def test_the_upgrade_of_an_old_hash_does_not_undo_a_reset(visitor: FrontendClient) -> None:
    method, _ = emailpassword.import_user_with_password_hash(
        "public", ALICE.email, bcrypt_hash(ALICE.password)
    )
    change = lambda: emailpassword.update_email_or_password(method.id, password=BOB.password)  # noqa: E731
    with override_settings(PASSWORD_HASHERS=[f"{__name__}.SlowHasher"]):
        SlowHasher.meanwhile.append(change)
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS
        assert json_of(visitor.sign_in(ALICE.email, BOB.password))["status"] == "OK"
