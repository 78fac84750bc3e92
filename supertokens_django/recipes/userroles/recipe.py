"""Manifest of the user roles recipe."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from supertokens_django import registry
from supertokens_django.recipes.userroles import claims
from supertokens_django.recipes.userroles.conf import UserRolesConf
from supertokens_django.registry import Recipe


class UserRolesRecipe(Recipe):
    name = "userroles"
    section = UserRolesConf

    def claims(self) -> Sequence[Any]:
        return claims.of_new_sessions()

    def powers(self, tenant_id: str, user_id: str) -> Collection[str]:
        found = registry.service(UserRolesConf.KEY).get_grants_for_session(tenant_id, user_id)
        return {
            *(f"role:{name}" for name in found.roles),
            *(f"permission:{name}" for name in found.permissions),
        }

    def forget_users(self, user_ids: Collection[str]) -> None:
        registry.service(UserRolesConf.KEY).forget_users(user_ids)


recipe = UserRolesRecipe()
