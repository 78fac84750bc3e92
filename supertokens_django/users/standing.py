"""Who may take over whose account."""

from __future__ import annotations

from copy import copy
from typing import Any

from supertokens_django import registry
from supertokens_django.users import django_user
from supertokens_django.users.models import User


def may_do_more(user: User, actor: Any) -> bool:
    """Tell whether a user may do what a Django user, a member of staff, may not.

    Whoever sets a password or an e-mail address can sign in with it.  The same rule as for signing in as a user: a
    superuser is above everybody, others are not above a superuser, nor above a user who has a permission, or a power by
    a recipe, that they lack.  ``user`` comes with its login methods.
    """
    if getattr(actor, "is_superuser", False):
        return False
    other = django_user.of(user)
    if getattr(other, "is_superuser", False) or _permissions(other) - _permissions(actor):
        return True
    own_id = django_user.supertokens_id(actor)
    return any(_powers(tenant, user.pk) - _powers(tenant, own_id) for tenant in _tenants(user))


def _permissions(person: Any) -> set[str]:
    """Every permission, by whatever backend; an account that is switched off has those that it had."""
    if person is None or not hasattr(person, "get_all_permissions"):
        return set()
    if not person.is_active:
        person = copy(person)
        person.is_active = True  # backends give nothing to others; in memory only
    return set(person.get_all_permissions())


def _powers(tenant_id: str, user_id: str | None) -> set[str]:
    return set() if user_id is None else set(registry.service("SESSION").powers_of(tenant_id, user_id))


def _tenants(user: User) -> set[str]:
    return {identity.tenant_id for method in user.login_methods.all() for identity in method.identities.all()}
