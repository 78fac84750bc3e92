"""Twitter, which is X.

https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/user-access-token
https://docs.x.com/x-api/users/get-my-user
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supertokens_django.recipes.thirdparty.configuration import UserFields, UserInfoMap
from supertokens_django.recipes.thirdparty.providers.base import Provider
from supertokens_django.recipes.thirdparty.providers.values import names_in


class Twitter(Provider):
    """Insists on PKCE, and tells no e-mail: one is made up, unless ``require_email`` is True."""

    prefix = "twitter"
    name = "Twitter"
    scope = ("users.read", "tweet.read")
    force_pkce = True
    token_endpoint_auth_method = "client_secret_basic"
    defaults = {
        "authorization_endpoint": "https://twitter.com/i/oauth2/authorize",
        "token_endpoint": "https://api.twitter.com/2/oauth2/token",
        "user_info_endpoint": "https://api.twitter.com/2/users/me",
        "require_email": False,
    }
    user_info_map = UserInfoMap(UserFields(), UserFields("data.id"))

    def names(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[str, str]:
        return names_in(answer.get("data"))
