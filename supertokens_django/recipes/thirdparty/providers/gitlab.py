"""GitLab, and a GitLab of one's own.

https://docs.gitlab.com/integration/openid_connect_provider/
https://docs.gitlab.com/api/oauth2/#retrieve-the-token-information
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urljoin

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

    def verify_access_token_audience(self, access_token: str) -> None:
        """GitLab tells the bearer of a token which application it is of."""
        url = urljoin(self.required_endpoint("token_endpoint"), "token/info")
        found = self.get_json(url, headers={"Authorization": f"Bearer {access_token}"})
        application = found.get("application") if isinstance(found, dict) else None
        if not isinstance(application, dict) or application.get("uid") not in self.all_client_ids():
            raise self.failure("the access token is for another client")
