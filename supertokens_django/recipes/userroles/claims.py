"""The claims ``st-role`` and ``st-perm``: what the user of a session may do in its tenant (FDI)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from supertokens_django import registry
from supertokens_django.recipes.session.claims import Payload, PrimitiveArrayClaim, SessionClaim
from supertokens_django.recipes.userroles.conf import UserRolesConf, userroles_conf

ROLES_KEY, PERMISSIONS_KEY = "st-role", "st-perm"


def _grants(tenant_id: str, user_id: str) -> Any:
    return registry.service(UserRolesConf.KEY).get_grants_for_session(tenant_id, user_id)


def _fetch(name: str) -> Callable[[str, str, str, Payload], list[str]]:
    def fetch(user_id: str, recipe_user_id: str, tenant_id: str, current_payload: Payload) -> list[str]:
        return list(getattr(_grants(tenant_id, user_id), name))

    return fetch


UserRoleClaim: PrimitiveArrayClaim[str] = PrimitiveArrayClaim(ROLES_KEY, _fetch("roles"))
"""The names of the user's roles."""

PermissionClaim: PrimitiveArrayClaim[str] = PrimitiveArrayClaim(PERMISSIONS_KEY, _fetch("permissions"))
"""The permissions of all of the user's roles."""


class _Both(SessionClaim[Any]):
    """The two claims of a new session, in one query."""

    def __init__(self, parts: Sequence[PrimitiveArrayClaim[str]]) -> None:
        super().__init__(ROLES_KEY, lambda *who: None)
        self._parts = parts

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(part.key for part in self._parts)

    def build(
        self, user_id: str, recipe_user_id: str, tenant_id: str, current_payload: Payload
    ) -> dict[str, Any]:
        grants = _grants(tenant_id, user_id)
        values = {ROLES_KEY: grants.roles, PERMISSIONS_KEY: grants.permissions}
        built: dict[str, Any] = {}
        for part in self._parts:
            part.add_to_payload(built, list(values[part.key]))
        return built


def of_new_sessions() -> Sequence[SessionClaim[Any]]:
    """What a new session is built with, as the settings say."""
    settings = userroles_conf()
    parts = [
        *([] if settings.skip_adding_roles_to_access_token else [UserRoleClaim]),
        *([] if settings.skip_adding_permissions_to_access_token else [PermissionClaim]),
    ]
    return [_Both(parts)] if parts else []
