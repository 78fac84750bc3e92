"""Okta.

https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/
"""

from __future__ import annotations

from dataclasses import replace

from supertokens_django.recipes.thirdparty.configuration import ProviderConfig
from supertokens_django.recipes.thirdparty.providers.introspection import Introspecting
from supertokens_django.recipes.thirdparty.providers.values import discovery_url, with_scheme


class Okta(Introspecting):
    """``additional_config["oktaDomain"]`` is the organisation's address, or that of an authorization server of it."""

    prefix = "okta"
    name = "Okta"
    scope = ("openid", "email")
    additional_keys = ("oktaDomain",)
    required_keys = additional_keys
    instead_of_required_keys = ("oidc_discovery_endpoint",)

    def configured(self, config: ProviderConfig) -> ProviderConfig:
        domain = self.client.additional("oktaDomain")
        if not domain:
            return config
        return replace(config, oidc_discovery_endpoint=discovery_url(with_scheme(str(domain))))
