"""What the core refuses to store for a tenant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supertokens_django.conf import NestedProblems
from supertokens_django.exceptions import BadInputError
from supertokens_django.recipes.thirdparty.configuration import ProviderConfig
from supertokens_django.recipes.thirdparty.parsing import PROVIDER, provider

ONLY_IN_SETTINGS = (
    "validate_id_token_payload",
    "validate_access_token",
    "generate_fake_email",
    "include_in_non_public_tenants_by_default",
    "provider_class",
)
APPLE = "apple"
MUST_BE_TEXTS = {"google-workspaces": ("hd",), "boxy-saml": ("boxyURL",)}
"""What may be left out, but not be something else than a text, by how the third party id begins."""


def checked(value: Any) -> ProviderConfig:
    """A provider that may be stored, given as in the settings.

    Raises:
        BadInputError: something is missing or not good; the text says where.
    """
    if isinstance(value, ProviderConfig):
        value = {name: found for name in PROVIDER if (found := getattr(value, name)) not in (None, False, ())}
        value |= _as_written(value)
    for name in ONLY_IN_SETTINGS:
        if name in (value if isinstance(value, Mapping) else ()):
            raise BadInputError(f"{name} can be configured in the settings only")
    try:
        config = provider(value)
    except NestedProblems as error:
        raise BadInputError(" ".join(f"{problem}" for problem in error.under("config"))) from None
    except ValueError as error:
        raise BadInputError(f"config {error}") from None
    for position, client in enumerate(config.clients):
        _check_additional(config.third_party_id, f"config['clients'][{position}]", client.additional_config)
    return config


def _as_written(value: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration's inner values as dicts again."""
    user_info_map = value["user_info_map"]
    return {
        "clients": [vars(client) for client in value.get("clients", ())],
        "user_info_map": {name: vars(leaves) for name, leaves in vars(user_info_map).items()},
    }


def _check_additional(third_party_id: str, where: str, additional: Mapping[str, Any]) -> None:
    if third_party_id.startswith(APPLE):
        for name in ("keyId", "teamId", "privateKey"):
            if not _is_text(additional.get(name)):
                raise BadInputError(f"{where}['additional_config'][{name!r}] must be a non-empty string")
    for prefix, names in MUST_BE_TEXTS.items():
        for name in names:
            if third_party_id.startswith(prefix) and name in additional and not _is_text(additional[name]):
                raise BadInputError(f"{where}['additional_config'][{name!r}] must be a non-empty string")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
