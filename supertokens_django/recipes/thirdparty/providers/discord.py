"""Discord.

https://discord.com/developers/docs/topics/oauth2
https://discord.com/developers/docs/resources/user#user-object
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from supertokens_django.recipes.thirdparty.configuration import UserFields, UserInfoMap
from supertokens_django.recipes.thirdparty.providers.base import Provider
from supertokens_django.recipes.thirdparty.providers.values import names_in


class Discord(Provider):
    """People have one name there, which they choose."""

    prefix = "discord"
    name = "Discord"
    scope = ("identify", "email")
    defaults = {
        "authorization_endpoint": "https://discord.com/oauth2/authorize",
        "token_endpoint": "https://discord.com/api/oauth2/token",
        "user_info_endpoint": "https://discord.com/api/users/@me",
    }
    user_info_map = UserInfoMap(UserFields(), UserFields("id", "email", "verified"))

    def names(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[str, str]:
        return names_in(answer, whole="global_name")

    def verify_access_token_audience(self, access_token: str) -> None:
        """Discord tells the bearer of a token which application it is of."""
        url = urljoin(self.required_endpoint("user_info_endpoint"), "../oauth2/@me")
        found = self.get_json(url, headers={"Authorization": f"Bearer {access_token}"})
        application = found.get("application") if isinstance(found, dict) else None
        if not isinstance(application, dict) or application.get("id") not in self.all_client_ids():
            raise self.failure("the access token is for another client")
