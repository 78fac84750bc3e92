"""Google, and Google Workspaces.

https://developers.google.com/identity/openid-connect/openid-connect
https://developers.google.com/identity/openid-connect/reference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from supertokens_django.recipes.thirdparty.configuration import ProviderConfig
from supertokens_django.recipes.thirdparty.providers.base import Provider, UserInfo

ANY_DOMAIN = "*"


class Google(Provider):
    """The name is told only with the scope ``profile``."""

    prefix = "google"
    name = "Google"
    scope = ("openid", "email")
    defaults = {
        "oidc_discovery_endpoint": "https://accounts.google.com/.well-known/openid-configuration",
        # "granted" would be right; clients and their tests know the URL as it is (FDI).
        "authorization_endpoint_query_params": {"included_grant_scopes": "true", "access_type": "offline"},
    }

    def verify_access_token_audience(self, access_token: str) -> None:
        """Google tells about a token beside its token endpoint."""
        url = urljoin(self.required_endpoint("token_endpoint"), "tokeninfo")
        found = self.post_json(url, data={"access_token": access_token})
        if not isinstance(found, dict) or found.get("aud") not in self.all_client_ids():
            raise self.failure("the access token is for another client")


class GoogleWorkspaces(Google):
    """Accounts of one organisation: ``additional_config["hd"]`` is its domain, left out or "*" any account."""

    prefix = "google-workspaces"
    name = "Google Workspaces"
    additional_keys = ("hd",)

    @property
    def domain(self) -> str:
        return str(self.client.additional("hd") or ANY_DOMAIN)

    def configured(self, config: ProviderConfig) -> ProviderConfig:
        params = {"hd": self.domain, **(config.authorization_endpoint_query_params or {})}
        order = {**self.defaults["authorization_endpoint_query_params"], **params}
        return replace(config, authorization_endpoint_query_params=order)

    def mapped(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> UserInfo:
        """The parameter only chooses what Google's page offers; the claim is what can be relied on.

        It is asked for here, where tokens of every kind come by: with an ID token and without.
        """
        told = str(payload.get("hd", answer.get("hd"))).lower()
        if self.domain != ANY_DOMAIN and told != self.domain.lower():
            raise self.failure("the account is not of the organisation")
        return super().mapped(payload, answer)
