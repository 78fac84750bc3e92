"""Who may do in the admin what is about codes, verified addresses and lock-outs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model

from supertokens_django.models import PasswordlessDevice
from supertokens_django.services import emailverification, passwordless
from tests.admin.conftest import Operator
from tests.admin.test_tools import log, tool
from tests.admin.test_users import html, page_of
from tests.base import supertokens_settings
from tests.recipes.passwordless.device import RECIPES

pytestmark = pytest.mark.django_db

EMAIL, NEW = "carol@example.com", "mallory@example.com"
TOOLS = (
    *("verify-email", "unverify-email", "verification-mail"),
    *("passwordless-contact", "passwordless-codes", "lift-rate-limits"),
)


@pytest.fixture(autouse=True)
def _recipes(acme: None) -> Iterator[None]:
    both = {**RECIPES, "RECIPES": ["emailpassword", "passwordless", "emailverification"]}
    with supertokens_settings(**both, EMAILVERIFICATION={"MODE": "REQUIRED"}):
        yield


@pytest.fixture
def carol() -> str:
    """Who signs in by codes, and has one that is out."""
    method, _ = passwordless.signinup("public", email=EMAIL)
    passwordless.create_code("public", email=EMAIL)
    return str(method.id)


@pytest.mark.parametrize("name", TOOLS)
def test_who_may_only_look_is_offered_nothing_and_refused(name: str, operator: Operator, carol: str) -> None:
    if name != "unverify-email":
        emailverification.unverify_email(carol)
    client = operator("view_user")
    assert tool(carol, name) not in html(client.get(page_of(carol)))
    assert client.get(tool(carol, name)).status_code == 403
    assert client.post(tool(carol, name), {"email": NEW}).status_code == 403
    assert PasswordlessDevice.objects.count() == 1
    assert log() == []


@pytest.mark.parametrize("name", TOOLS)
def test_who_may_change_users_is_offered_it(name: str, operator: Operator, carol: str) -> None:
    if name != "unverify-email":
        emailverification.unverify_email(carol)
    client = operator("view_user", "change_user")
    assert tool(carol, name) in html(client.get(page_of(carol)))
    assert client.get(tool(carol, name)).status_code == 200


def test_nobody_sends_the_codes_of_a_superuser_elsewhere(operator: Operator, carol: str) -> None:
    """They could sign in by them; to end codes lets nobody in."""
    get_user_model()._default_manager.filter(supertokens_link__user_id=carol).update(is_superuser=True)
    client = operator("view_user", "change_user")
    contact, codes = tool(carol, "passwordless-contact"), tool(carol, "passwordless-codes")
    assert contact not in html(client.get(page_of(carol)))
    assert client.post(contact, {"email": NEW}).status_code == 403
    assert passwordless.email_exists("public", EMAIL)
    assert not passwordless.email_exists("public", NEW)
    assert client.post(codes, {}).status_code == 302
    assert not PasswordlessDevice.objects.exists()
