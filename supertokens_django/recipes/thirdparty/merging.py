"""Which providers a tenant has: those of the settings, or the ones stored for it completed from the settings.

The rule is the core's.  A tenant without stored providers has those of the settings: all of them in ``public``, in
another tenant those that say ``include_in_non_public_tenants_by_default``.  A tenant with stored ones has these alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from supertokens_django.recipes.thirdparty.configuration import (
    STORED_PARAMS,
    STORED_TEXTS,
    ClientConfig,
    ProviderConfig,
    UserFields,
    UserInfoMap,
)


def effective(
    static: Sequence[ProviderConfig], stored: Sequence[ProviderConfig], *, is_public_tenant: bool
) -> list[ProviderConfig]:
    """The providers of a tenant, in the order in which they are configured."""
    if not stored:
        return [
            config for config in static if is_public_tenant or config.include_in_non_public_tenants_by_default
        ]
    by_id = {config.third_party_id: config for config in static}
    return [merged(by_id.get(config.third_party_id), config) for config in stored]


def merged(static: ProviderConfig | None, stored: ProviderConfig) -> ProviderConfig:
    """A stored provider, completed from the one of the settings that has the same id.

    What is stored wins.  The user info map is merged leaf by leaf; a stored client takes the place of the one with the
    same client type, others are appended; ``require_email`` and everything that is code come from the settings.
    """
    if static is None:
        return stored
    changes = {
        name: value
        for name in (*STORED_TEXTS, *STORED_PARAMS)
        if (value := getattr(stored, name)) is not None
    }
    return replace(
        static,
        **changes,
        user_info_map=merged_map(static.user_info_map, stored.user_info_map),
        clients=_merged_clients(static.clients, stored.clients),
    )


def merged_map(below: UserInfoMap, above: UserInfoMap) -> UserInfoMap:
    """What ``above`` says, and what ``below`` says where that is silent."""
    return UserInfoMap(
        _merged_fields(below.from_id_token_payload, above.from_id_token_payload),
        _merged_fields(below.from_user_info_api, above.from_user_info_api),
    )


def _merged_fields(below: UserFields, above: UserFields) -> UserFields:
    said = {field.name: value for field in fields(above) if (value := getattr(above, field.name)) is not None}
    return replace(below, **said)


def _merged_clients(
    static: Sequence[ClientConfig], stored: Sequence[ClientConfig]
) -> tuple[ClientConfig, ...]:
    clients = {client.client_type: client for client in static}
    clients.update((client.client_type, client) for client in stored)
    return tuple(clients.values())
