"""SAML Jackson of BoxyHQ: SAML for those who speak OAuth 2.0.

https://boxyhq.com/docs/jackson/sso-flow/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from supertokens_django.recipes.thirdparty.configuration import ProviderConfig, UserFields, UserInfoMap
from supertokens_django.recipes.thirdparty.providers.base import Provider
from supertokens_django.recipes.thirdparty.providers.values import names_in, with_scheme

PATHS = {
    "authorization_endpoint": "/api/oauth/authorize",
    "token_endpoint": "/api/oauth/token",
    "user_info_endpoint": "/api/oauth/userinfo",
}


class BoxySAML(Provider):
    """``additional_config["boxyURL"]`` is the address of Jackson; endpoints that are configured count before it."""

    prefix = "boxy-saml"
    name = "SAML"
    user_info_map = UserInfoMap(UserFields(), UserFields("id", "email", "email_verified"))
    additional_keys = ("boxyURL",)
    required_keys = additional_keys
    instead_of_required_keys = tuple(PATHS)

    def configured(self, config: ProviderConfig) -> ProviderConfig:
        base = self.client.additional("boxyURL")
        if not base:
            return config
        jackson = with_scheme(str(base))
        found: dict[str, Any] = {
            name: getattr(config, name) or jackson + path for name, path in PATHS.items()
        }
        return replace(config, **found)

    def names(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[str, str]:
        return names_in(answer, "firstName", "lastName")
