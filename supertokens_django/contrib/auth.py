"""Roles in Django's own permission system."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import BaseBackend

from supertokens_django import conf
from supertokens_django.recipes.userroles.service import userroles
from supertokens_django.users import django_user


class RoleBackend(BaseBackend):
    """Lets ``user.has_perm`` count the permissions of the user's roles.  It authenticates nobody.

    Name it in ``AUTHENTICATION_BACKENDS``, beside Django's own.  The roles that count are those of the tenant of the
    session that ``request.user`` comes from, and of ``public`` for a user from elsewhere.  They are asked for once
    in the life of the user object, as Django's own permissions are.

    Only roles are looked at, never groups: Django itself answers for those, so the two cannot go round in circles.
    """

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """The permissions of the user's roles; none on a single object, as with Django's groups."""
        if obj is not None or user_obj.is_anonymous or not user_obj.is_active:
            return set()
        if not conf.app().is_enabled("userroles"):
            return set()
        known: dict[str, set[str]] = user_obj.__dict__.setdefault("_supertokens_role_permissions", {})
        tenant_id = django_user.tenant_of(user_obj)
        if tenant_id not in known:
            known[tenant_id] = set(userroles.get_grants_for_django_user(user_obj).permissions)
        return known[tenant_id]

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Tell whether a role of the user has any permission of this app of Django's."""
        return any(
            permission.startswith(f"{app_label}.") for permission in self.get_group_permissions(user_obj)
        )

    async def ahas_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """See :meth:`has_module_perms`."""
        return await sync_to_async(self.has_module_perms)(user_obj, app_label)
