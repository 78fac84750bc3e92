"""GitHub, and GitHub Enterprise by endpoints of one's own.

https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
https://docs.github.com/en/rest/users/emails
https://docs.github.com/en/rest/apps/oauth-applications#check-a-token
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urljoin

from supertokens_django.recipes.thirdparty.configuration import UserFields, UserInfoMap
from supertokens_django.recipes.thirdparty.exceptions import ProviderFailure
from supertokens_django.recipes.thirdparty.providers.base import Provider, UserInfo
from supertokens_django.recipes.thirdparty.providers.entries import told_emails, with_primary_email

NOT_ITS_OWN = (404, 422)
"""How GitHub answers a client that asks for a token that is another's, or none."""


class GitHub(Provider):
    """E-mails are told by an endpoint of their own, private ones too; the one on the profile may be any."""

    prefix = "github"
    name = "Github"
    scope = ("read:user", "user:email")
    defaults = {
        "authorization_endpoint": "https://github.com/login/oauth/authorize",
        "token_endpoint": "https://github.com/login/oauth/access_token",
        "user_info_endpoint": "https://api.github.com/user",
        "user_info_endpoint_headers": {"Accept": "application/vnd.github.v3+json"},
    }
    user_info_map = UserInfoMap(UserFields(), UserFields("id"))
    final_errors = Provider.final_errors | {"bad_refresh_token"}

    def fetch_user_info(self, tokens: Mapping[str, Any]) -> Mapping[str, Any]:
        found = super().fetch_user_info(tokens)
        return {**found, "emails": told_emails(self, str(tokens["access_token"]))}

    def mapped(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> UserInfo:
        info = super().mapped(payload, answer)
        return with_primary_email(info, answer.get("emails"), primary="primary", verified="verified")

    def verify_access_token_audience(self, access_token: str) -> None:
        """GitHub tells a client about its own tokens, if the client shows its secret."""
        for client in (self.client, *self.config.clients):
            client_id, secret = client.resolved_id, client.resolved_secret
            if secret and self._is_of(client_id, secret, access_token):
                return
        raise self.failure("the access token is for another client")

    def _is_of(self, client_id: str, secret: str, access_token: str) -> bool:
        path = f"applications/{quote(client_id, safe='')}/token"
        url = urljoin(self.required_endpoint("user_info_endpoint"), path)
        try:
            self.post_json(
                url,
                json={"access_token": access_token},
                auth=(client_id, secret),
                headers=dict(self.config.user_info_endpoint_headers or {}),
            )
        except ProviderFailure as failure:
            if failure.provider_status in NOT_ITS_OWN:
                return False
            raise
        return True
