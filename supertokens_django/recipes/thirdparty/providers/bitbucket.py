"""Bitbucket Cloud.

https://developer.atlassian.com/cloud/bitbucket/oauth-2/
https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/#api-user-emails-get
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supertokens_django.recipes.thirdparty.configuration import UserFields, UserInfoMap
from supertokens_django.recipes.thirdparty.providers.base import Provider, UserInfo
from supertokens_django.recipes.thirdparty.providers.entries import told_emails, with_primary_email
from supertokens_django.recipes.thirdparty.providers.values import names_in


class Bitbucket(Provider):
    """E-mails are told by an endpoint of their own; only the primary one is taken."""

    prefix = "bitbucket"
    name = "Bitbucket"
    scope = ("account", "email")
    defaults = {
        "authorization_endpoint": "https://bitbucket.org/site/oauth2/authorize",
        "authorization_endpoint_query_params": {"audience": "api.atlassian.com"},
        "token_endpoint": "https://bitbucket.org/site/oauth2/access_token",
        "user_info_endpoint": "https://api.bitbucket.org/2.0/user",
    }
    user_info_map = UserInfoMap(UserFields(), UserFields("uuid"))

    def fetch_user_info(self, tokens: Mapping[str, Any]) -> Mapping[str, Any]:
        """With the list of e-mails, as it came, under ``email``."""
        found = super().fetch_user_info(tokens)
        return {**found, "email": told_emails(self, str(tokens["access_token"]))}

    def mapped(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> UserInfo:
        emails = answer.get("email")
        entries = emails.get("values") if isinstance(emails, dict) else None
        info = super().mapped(payload, answer)
        return with_primary_email(info, entries, primary="is_primary", verified="is_confirmed")

    def names(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[str, str]:
        return names_in(answer, whole="display_name")
