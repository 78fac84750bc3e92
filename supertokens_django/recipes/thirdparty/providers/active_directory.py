"""Microsoft Entra ID, formerly Azure Active Directory.

https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc
https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from supertokens_django.recipes.thirdparty.configuration import ProviderConfig
from supertokens_django.recipes.thirdparty.providers.base import Provider
from supertokens_django.recipes.thirdparty.providers.values import discovery_url

CLOUD = "https://login.microsoftonline.com"
TEMPLATE = "{tenantid}"
DIRECTORY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class ActiveDirectory(Provider):
    """``additional_config["directoryId"]`` is the directory: its id or domain, or "common" and the like.

    A configured discovery endpoint says which cloud; the directory in it is the one of ``directoryId``.  Microsoft does
    not say whether an e-mail is verified: administrators write what they like.
    """

    prefix = "active-directory"
    name = "Active Directory"
    scope = ("openid", "email")
    additional_keys = ("directoryId",)
    required_keys = additional_keys
    instead_of_required_keys = ("oidc_discovery_endpoint",)

    def configured(self, config: ProviderConfig) -> ProviderConfig:
        directory = self.client.additional("directoryId")
        if not directory:
            return config
        parts = urlsplit(config.oidc_discovery_endpoint or CLOUD)
        issuer = f"{parts.scheme}://{parts.netloc}/{quote(str(directory), safe='')}/v2.0"
        return replace(config, oidc_discovery_endpoint=discovery_url(issuer))

    def issuers(self, payload: Mapping[str, Any]) -> Collection[str] | None:
        """For several directories the issuer is a template, to be filled in with the token's own directory."""
        found = super().issuers(payload)
        directory = payload.get("tid")
        if found is None or not isinstance(directory, str) or not DIRECTORY.fullmatch(directory):
            return found
        return [issuer.replace(TEMPLATE, directory) for issuer in found]
