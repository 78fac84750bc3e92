"""``create_user``: users for tests."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.core import mail

from supertokens_django.exceptions import UnknownTenantError
from supertokens_django.recipes.emailpassword.exceptions import EmailAlreadyExists, WrongCredentials
from supertokens_django.recipes.emailpassword.models import Password
from supertokens_django.services import emailpassword, users
from supertokens_django.testing import acreate_user, create_user
from tests.base import ALICE, PUBLIC
from tests.client import FrontendClient, json_of


def test_it_signs_in_by_the_password() -> None:
    user = create_user(ALICE.email, ALICE.password)
    browser = FrontendClient("header")
    assert json_of(browser.sign_in(ALICE.email, ALICE.password))["user"]["id"] == user.id


def test_it_has_a_django_user() -> None:
    user = create_user("Alice@example.com")
    assert user.django_link.django_user == get_user_model()._default_manager.get(email="alice@example.com")
    assert users.get_user(user.id) == user


def test_without_a_password_nobody_signs_in_by_one() -> None:
    create_user(ALICE.email)
    assert Password.objects.get().encoded.startswith("!")
    for password in ("", "!", Password.objects.get().encoded):
        with pytest.raises(WrongCredentials):
            emailpassword.verify_credentials(PUBLIC, ALICE.email, password)


def test_a_taken_address_is_refused(alice: str) -> None:
    with pytest.raises(EmailAlreadyExists):
        create_user(ALICE.email)


def test_it_lives_in_the_tenant_that_is_given(tenant_acme: str) -> None:
    create_user(ALICE.email, tenant_id=tenant_acme)
    assert emailpassword.email_exists(tenant_acme, ALICE.email)
    assert not emailpassword.email_exists(PUBLIC, ALICE.email)


@pytest.mark.parametrize("password", [None, ALICE.password])
def test_an_unknown_tenant_is_refused(password: str | None) -> None:
    with pytest.raises(UnknownTenantError):
        create_user(ALICE.email, password, tenant_id="nowhere")


async def test_it_has_an_async_twin() -> None:
    user = await acreate_user(ALICE.email)
    assert await users.aget_user(user.id) == user


def test_outside_of_tests_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(mail, "outbox")
    with pytest.raises(RuntimeError, match="works in tests only"):
        create_user(ALICE.email)
