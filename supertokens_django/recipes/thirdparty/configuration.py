"""What is known of a provider: the settings of SuperTokens' documentation in snake_case, as frozen values.

None means "not said here": it is filled in from the tenant's stored configuration, from the settings, from what is
known of the provider, or from its discovery document, in this order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured

Credential = str | Callable[[], str] | Mapping[str, str]
"""A text, a callable that gives it, or ``{"env": "NAME"}``; asked when it is needed."""

Params = Mapping[str, str | None]
"""Parameters to send along; None takes one away that would be sent otherwise."""


def resolved(value: Credential | None) -> str | None:
    """The text behind a credential.

    Raises:
        ImproperlyConfigured: the environment has no such variable, or the callable gives no text.
    """
    if isinstance(value, Mapping):
        name = value["env"]
        found: object = os.environ.get(name)
        if not found:
            raise ImproperlyConfigured(f"The environment variable {name} is not set.")
    else:
        found = value() if callable(value) else value
    if found is not None and not isinstance(found, str):
        raise ImproperlyConfigured("A callable for a credential gave no text.")
    return found


@dataclass(frozen=True)
class ClientConfig:
    """One client (an "app") that is registered with the provider."""

    client_id: Credential
    client_secret: Credential | None = field(default=None, repr=False)
    client_type: str | None = None
    """Which of several clients this is: "web", "ios", …"""
    scope: tuple[str, ...] | None = None
    force_pkce: bool | None = None
    additional_config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What one provider alone needs, by the names of SuperTokens' documentation; its texts may be credentials."""

    @property
    def resolved_id(self) -> str:
        return resolved(self.client_id) or ""

    @property
    def resolved_secret(self) -> str | None:
        return resolved(self.client_secret) or None

    def additional(self, name: str) -> Any:
        """A value of ``additional_config``, resolved where it is a credential; None where it is not there."""
        value = self.additional_config.get(name)
        is_credential = callable(value) or (isinstance(value, Mapping) and set(value) == {"env"})
        return resolved(value) if is_credential else value


@dataclass(frozen=True)
class UserFields:
    """Where the user is found in a JSON object: paths, their parts joined by dots."""

    user_id: str | None = None
    email: str | None = None
    email_verified: str | None = None


@dataclass(frozen=True)
class UserInfoMap:
    """Where the user is found in the payload of an ID token, and in the answer of the user info endpoint."""

    from_id_token_payload: UserFields = UserFields()
    from_user_info_api: UserFields = UserFields()


@dataclass(frozen=True)
class ProviderConfig:
    """A provider, as the settings or a tenant's row describe it."""

    third_party_id: str
    name: str | None = None
    clients: tuple[ClientConfig, ...] = ()
    authorization_endpoint: str | None = None
    authorization_endpoint_query_params: Params | None = None
    token_endpoint: str | None = None
    token_endpoint_body_params: Params | None = None
    user_info_endpoint: str | None = None
    user_info_endpoint_query_params: Params | None = None
    user_info_endpoint_headers: Params | None = None
    jwks_uri: str | None = None
    oidc_discovery_endpoint: str | None = None
    user_info_map: UserInfoMap = UserInfoMap()
    require_email: bool | None = None
    # Only in the settings, never in a row:
    validate_id_token_payload: Callable[..., Any] | None = None
    """``(payload, config)``, raises to refuse."""
    validate_access_token: Callable[..., Any] | None = None
    """``(access_token, config)``, raises to refuse."""
    generate_fake_email: Callable[..., str] | None = None
    """``(tenant_id, third_party_user_id) -> address`` where ``require_email`` is False and the provider gives none."""
    include_in_non_public_tenants_by_default: bool = False
    provider_class: type | None = None
    """A subclass of ``Provider`` of the project's own."""


STORED_TEXTS = (
    "name",
    "authorization_endpoint",
    "token_endpoint",
    "user_info_endpoint",
    "jwks_uri",
    "oidc_discovery_endpoint",
)
STORED_PARAMS = (
    "authorization_endpoint_query_params",
    "token_endpoint_body_params",
    "user_info_endpoint_query_params",
    "user_info_endpoint_headers",
)
ENDPOINTS = tuple(name for name in STORED_TEXTS if name != "name")
