"""Users in the JSON of the wire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from supertokens_django import clock
from supertokens_django.http.fdi import uses_new_user_shape
from supertokens_django.users import details
from supertokens_django.users.details import MethodDetails
from supertokens_django.users.models import LoginMethod, User


def user_to_json(user: User) -> dict[str, Any]:
    """The ``user`` object of FDI 1.18, 1.19 and from 3.0."""
    found = details.of(user)
    methods = [item.method for item in found.methods]
    return {
        "id": found.wire_id,
        "isPrimaryUser": user.is_primary,
        "tenantIds": _distinct(tenant for item in found.methods for tenant in item.tenant_ids),
        "timeJoined": clock.milliseconds(user.time_joined),
        "emails": _distinct(method.email for method in methods if method.email),
        "phoneNumbers": _distinct(method.phone_number for method in methods if method.phone_number),
        "thirdParty": [_third_party(method) for method in methods if method.third_party_id],
        "webauthn": {"credentialIds": []},
        "loginMethods": [_login_method_to_json(item) for item in found.methods],
    }


def user_for_client(user: User, recipe_user_id: str, fdi_version: tuple[int, int]) -> dict[str, Any]:
    """The ``user`` object in the shape that the client's FDI version knows.

    The old shape is that of the login method used for the session, else of the oldest one.
    """
    if uses_new_user_shape(fdi_version):
        return user_to_json(user)
    found = details.of(user)
    methods = [item.method for item in found.methods]
    chosen = next((method for method in methods if method.id == recipe_user_id), methods[0])
    return {
        "id": found.wire_id,
        "timeJoined": clock.milliseconds(chosen.time_joined),
        **_account_info(chosen),
    }


def _login_method_to_json(item: MethodDetails) -> dict[str, Any]:
    method = item.method
    return {
        "recipeId": method.recipe_id,
        "recipeUserId": item.wire_id,
        "tenantIds": list(item.tenant_ids),
        "timeJoined": clock.milliseconds(method.time_joined),
        "verified": item.is_verified,
        **_account_info(method),
    }


def _account_info(method: LoginMethod) -> dict[str, Any]:
    """The identifiers that the login method has; what it has not is left out, never null (FDI)."""
    info: dict[str, Any] = {}
    if method.email:
        info["email"] = method.email
    if method.phone_number:
        info["phoneNumber"] = method.phone_number
    if method.third_party_id:
        info["thirdParty"] = _third_party(method)
    return info


def _third_party(method: LoginMethod) -> dict[str, str | None]:
    return {"id": method.third_party_id, "userId": method.third_party_user_id}


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
