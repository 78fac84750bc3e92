"""Facebook.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
https://developers.facebook.com/docs/graph-api/reference/user/
https://developers.facebook.com/docs/graph-api/reference/debug_token/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from supertokens_django.recipes.thirdparty.configuration import UserFields, UserInfoMap
from supertokens_django.recipes.thirdparty.providers.base import Provider
from supertokens_django.recipes.thirdparty.providers.values import names_in

ALWAYS = ("id", "first_name", "last_name")
"""Fields that need no scope: they are of the public profile."""
FIELDS = {"email": "email"}
"""Fields by the scope that allows them."""


class Facebook(Provider):
    """Takes the token as a parameter, tells only what it is asked for, and not whether an e-mail is verified."""

    prefix = "facebook"
    name = "Facebook"
    scope = ("email",)
    defaults = {
        "authorization_endpoint": "https://www.facebook.com/v12.0/dialog/oauth",
        "token_endpoint": "https://graph.facebook.com/v12.0/oauth/access_token",
        "user_info_endpoint": "https://graph.facebook.com/me",
    }
    user_info_map = UserInfoMap(UserFields(), UserFields("id", "email"))

    def fetch_user_info(self, tokens: Mapping[str, Any]) -> Mapping[str, Any]:
        scope = self.scope if self.client.scope is None else self.client.scope
        fields = [*ALWAYS, *(FIELDS[name] for name in scope if name in FIELDS)]
        found = self.get_json(
            self.required_endpoint("user_info_endpoint"),
            headers=self.config.user_info_endpoint_headers,
            params={
                "access_token": str(tokens["access_token"]),
                "fields": ",".join(fields),
                "format": "json",
                **(self.config.user_info_endpoint_query_params or {}),
            },
        )
        if not isinstance(found, dict):
            raise self.failure("told something else about the user than an object")
        return found

    def names(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[str, str]:
        return names_in(answer, "first_name", "last_name")

    def verify_access_token_audience(self, access_token: str) -> None:
        """Facebook tells an app about its own tokens; id and secret are the app's own token."""
        url = urljoin(self.required_endpoint("user_info_endpoint"), "debug_token")
        params = {
            "input_token": access_token,
            "access_token": f"{self.client_id()}|{self.client_secret() or ''}",
        }
        found = self.get_json(url, params=params)
        data = found.get("data") if isinstance(found, dict) else None
        if not isinstance(data, dict) or data.get("is_valid") is not True:
            raise self.failure("the access token is not valid, or for another client")
        if str(data.get("app_id")) not in self.all_client_ids():
            raise self.failure("the access token is for another client")
