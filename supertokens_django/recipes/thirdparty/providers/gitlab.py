"""GitLab, and a GitLab of one's own.

https://docs.gitlab.com/integration/openid_connect_provider/
"""

from __future__ import annotations

from dataclasses import replace

from supertokens_django.recipes.thirdparty.configuration import ProviderConfig
from supertokens_django.recipes.thirdparty.providers.base import Provider
from supertokens_django.recipes.thirdparty.providers.values import discovery_url, with_scheme


class GitLab(Provider):
    """``additional_config["gitlabBaseUrl"]`` is the address of one's own; without it, it is gitlab.com."""

    prefix = "gitlab"
    name = "Gitlab"
    scope = ("openid", "email")
    defaults = {"oidc_discovery_endpoint": "https://gitlab.com/.well-known/openid-configuration"}
    additional_keys = ("gitlabBaseUrl",)

    def configured(self, config: ProviderConfig) -> ProviderConfig:
        base = self.client.additional("gitlabBaseUrl")
        if not base:
            return config
        return replace(config, oidc_discovery_endpoint=discovery_url(with_scheme(str(base))))
