"""Fixtures of the tests about accounts: a visitor, tenants beside ``public``, Django users of any model.

The suite runs with ``auth.User`` and with a model that has unique e-mail addresses and no username.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.users.models import LoginMethod, User
from tests.base import ACME, supertokens_settings
from tests.client import FrontendClient


def django_user_of(user_id: str) -> Any:
    """The row of ``AUTH_USER_MODEL`` that is linked to a user."""
    return get_user_model()._default_manager.get(supertokens_link__user_id=user_id)


def make_superuser(email: str) -> Any:
    """An admin of the project who never signed up."""
    name = {"username": email} if has_username() else {}
    manager: Any = get_user_model()._default_manager
    return manager.create_superuser(email=email, password="the admin's own password 1", **name)


def has_username() -> bool:
    return get_user_model().USERNAME_FIELD == "username"


def has_unique_emails() -> bool:
    return bool(getattr(get_user_model()._meta.get_field("email"), "unique", False))


def address_of_its_own(user: User, login_method: LoginMethod) -> dict[str, Any]:
    return {"email": f"{user.id}@users.acme.com"}


@pytest.fixture
def visitor(acme: None) -> FrontendClient:
    """A frontend nobody has signed in with, for tests in which the way of carrying tokens plays no part."""
    return FrontendClient("header")


@pytest.fixture
def make_tenant(db: None) -> Callable[[str], str]:
    def make(tenant_id: str) -> str:
        return Tenant.objects.create(id=tenant_id).id

    return make


@pytest.fixture
def tenant_acme(acme: None, make_tenant: Callable[[str], str]) -> Iterator[str]:
    """The tenant ``acme`` beside ``public``.

    Where Django users have unique e-mail addresses, they get others here, so that one address can be in both tenants.
    """
    mapping = {"FIELDS": address_of_its_own} if has_unique_emails() else {}
    with supertokens_settings(DJANGO_USER=mapping):
        yield make_tenant(ACME)
