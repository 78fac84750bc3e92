"""LinkedIn.

https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2
https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection
"""

from __future__ import annotations

from supertokens_django.recipes.thirdparty.configuration import UserFields, UserInfoMap
from supertokens_django.recipes.thirdparty.providers.introspection import Introspecting


class LinkedIn(Introspecting):
    """Its ID token is not used: the user info endpoint tells the same."""

    prefix = "linkedin"
    name = "Linkedin"
    scope = ("openid", "profile", "email")
    defaults = {
        "authorization_endpoint": "https://www.linkedin.com/oauth/v2/authorization",
        "token_endpoint": "https://www.linkedin.com/oauth/v2/accessToken",
        "user_info_endpoint": "https://api.linkedin.com/v2/userinfo",
    }
    introspection_path = "introspectToken"
    user_info_map = UserInfoMap(UserFields(), UserFields("sub", "email", "email_verified"))
