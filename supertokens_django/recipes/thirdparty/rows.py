"""Rows of the recipe: accounts of providers' users, and the providers that are stored for a tenant."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import F

from supertokens_django import db
from supertokens_django.crypto import secrets
from supertokens_django.recipes.thirdparty.configuration import (
    STORED_PARAMS,
    STORED_TEXTS,
    ClientConfig,
    Credential,
    ProviderConfig,
    UserFields,
    UserInfoMap,
)
from supertokens_django.recipes.thirdparty.models import ThirdPartyProvider, ThirdPartyProviderClient
from supertokens_django.recipes.thirdparty.providers.base import UserInfo
from supertokens_django.users import accounts, details
from supertokens_django.users.accounts import AccountInfo
from supertokens_django.users.models import LoginMethod

RECIPE_ID = "thirdparty"


# Accounts


def find(tenant_id: str, third_party_id: str, third_party_user_id: str) -> LoginMethod | None:
    """The login method of a provider's user in the tenant, everything about it in one query."""
    info = AccountInfo(third_party_id=third_party_id, third_party_user_id=third_party_user_id)
    return accounts.find_login_method(tenant_id, RECIPE_ID, info)


@db.transactional
def create(
    tenant_id: str,
    third_party_id: str,
    third_party_user_id: str,
    email: str | None,
    is_verified: bool,
    user_info: UserInfo | None,
) -> LoginMethod:
    """Create a user for an account at a provider; ``email`` is normalised.

    Raises:
        IdentityTaken: there is one, or a unique field of the Django user model is taken.
    """
    info = AccountInfo(email=email, third_party_id=third_party_id, third_party_user_id=third_party_user_id)
    return accounts.create_login_method(
        tenant_id,
        RECIPE_ID,
        info,
        is_verified=is_verified,
        profile=None if user_info is None else profile_of(user_info),
    )


def profile_of(info: UserInfo) -> dict[str, Any]:
    """What a provider tells of a user, for whoever makes the Django user."""
    return {
        "first_name": info.first_name,
        "last_name": info.last_name,
        "raw_user_info": info.raw_user_info,
    }


@db.transactional
def update(method: LoginMethod, email: str | None, is_verified: bool) -> None:
    """Give a login method the normalised address that the provider tells, and note that it is verified.

    Raises:
        IdentityTaken: a unique field of the Django user model is taken.
    """
    if email is not None and email != method.email:
        accounts.change_email(method, email)
    if is_verified and method.email == email and not _is_verified(method):
        accounts.mark_verified(method)


def _is_verified(method: LoginMethod) -> bool:
    return any(item.is_verified for item in details.of(method.user).methods if item.method.id == method.id)


# Stored providers


def stored_configs(tenant_id: str) -> list[ProviderConfig]:
    """The providers that are stored for a tenant, in the order of their making, in one query."""
    found: dict[int, tuple[Any, list[ClientConfig]]] = {}
    for row in _with_clients(tenant_id):
        _, clients = found.setdefault(row["pk"], (row, []))
        if row["c_id"] is not None:
            clients.append(_client_of(row))
    return [_config_of(row, clients) for row, clients in found.values()]


def _with_clients(tenant_id: str) -> Iterable[dict[str, Any]]:
    """A row for each client, and one for a provider that has none."""
    columns = {
        f"c_{name}": F(f"clients__{name}")
        for name in ("client_id", "client_type", "client_secret", "scope", "force_pkce", "additional_config")
    }
    providers = ThirdPartyProvider.objects.filter(tenant_id=tenant_id)
    found: Iterable[dict[str, Any]] = providers.order_by("pk", "clients__pk").values(
        "pk",
        "third_party_id",
        "user_info_map",
        "require_email",
        *STORED_TEXTS,
        *STORED_PARAMS,
        c_id=F("clients__pk"),
        **columns,
    )
    return found


def _config_of(row: Mapping[str, Any], clients: Sequence[ClientConfig]) -> ProviderConfig:
    columns: dict[str, Any] = {name: row[name] or None for name in STORED_TEXTS}
    columns |= {name: row[name] for name in STORED_PARAMS}
    return ProviderConfig(
        third_party_id=row["third_party_id"],
        clients=tuple(clients),
        user_info_map=_map_of(row["user_info_map"]),
        require_email=row["require_email"],
        **columns,
    )


def _map_of(value: Any) -> UserInfoMap:
    given = value if isinstance(value, dict) else {}
    return UserInfoMap(**{name: UserFields(**leaves) for name, leaves in given.items()})


def _client_of(row: Mapping[str, Any]) -> ClientConfig:
    scope = row["c_scope"]
    return ClientConfig(
        client_id=row["c_client_id"],
        client_secret=_secret_of(row["c_client_secret"]),
        client_type=row["c_client_type"] or None,
        scope=None if scope is None else tuple(scope),
        force_pkce=row["c_force_pkce"],
        additional_config=_additional_of(row["c_additional_config"]),
    )


def _secret_of(text: str) -> Credential | None:
    """A secret that no SECRET_KEY decrypts is missed when it is needed: the tenant's other providers go on working."""
    try:
        return secrets.decrypt(text) if text else None
    except secrets.DecryptionError:
        return _lost


def _additional_of(text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(secrets.decrypt(text)) if text else {}
    except secrets.DecryptionError:
        return {}
    return found


def _lost() -> str:
    raise ImproperlyConfigured("The client secret was encrypted under another SECRET_KEY; store it anew.")


@db.transactional
def store(tenant_id: str, config: ProviderConfig) -> bool:
    """Store a provider for a tenant in the place of the one with its id; tells whether there was none."""
    found = ThirdPartyProvider.objects.filter(tenant_id=tenant_id, third_party_id=config.third_party_id)
    row, is_new = db.locked_or_new(
        found, lambda: ThirdPartyProvider(tenant_id=tenant_id, third_party_id=config.third_party_id)
    )
    for name in STORED_TEXTS:
        setattr(row, name, getattr(config, name) or "")
    for name in STORED_PARAMS:
        setattr(row, name, getattr(config, name))
    row.user_info_map = map_to_json(config.user_info_map)
    row.require_email = config.require_email
    row.save()
    row.clients.all().delete()
    ThirdPartyProviderClient.objects.bulk_create(client_row(row, client) for client in config.clients)
    return is_new


def map_to_json(value: UserInfoMap) -> dict[str, dict[str, str]]:
    """A user info map as it is stored: what it says, no more."""
    found = {
        name: {leaf: path for leaf, path in vars(getattr(value, name)).items() if path is not None}
        for name in ("from_id_token_payload", "from_user_info_api")
    }
    return {name: leaves for name, leaves in found.items() if leaves}


def client_row(provider: ThirdPartyProvider, client: ClientConfig) -> ThirdPartyProviderClient:
    """A client as it is stored, not saved yet; its credentials are texts."""
    secret = client.resolved_secret
    additional = {name: client.additional(name) for name in client.additional_config}
    return ThirdPartyProviderClient(
        provider=provider,
        client_type=client.client_type or "",
        client_id=client.resolved_id,
        client_secret=secrets.encrypt(secret) if secret else "",
        scope=None if client.scope is None else list(client.scope),
        force_pkce=client.force_pkce,
        additional_config=secrets.encrypt(json.dumps(additional)) if additional else "",
    )


def delete(tenant_id: str, third_party_id: str) -> bool:
    """Delete a stored provider; tells whether there was one."""
    found = ThirdPartyProvider.objects.filter(tenant_id=tenant_id, third_party_id=third_party_id)
    return bool(found.delete()[0])
