"""Lists of e-mail addresses, of which one is the user's primary one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from supertokens_django.recipes.thirdparty.exceptions import ProviderFailure
from supertokens_django.recipes.thirdparty.providers.base import Provider, UserInfo

NOT_ALLOWED = (403, 404)
"""How an API refuses what the scope, or the permissions of an app, do not allow."""


def told_emails(provider: Provider, access_token: str) -> Any:
    """What is told below the user info endpoint; None where the user has not allowed it.

    Raises:
        ProviderFailure: the provider cannot be asked.
    """
    headers = {
        "Authorization": f"Bearer {access_token}",
        **(provider.config.user_info_endpoint_headers or {}),
    }
    try:
        return provider.get_json(
            f"{provider.required_endpoint('user_info_endpoint')}/emails", headers=headers
        )
    except ProviderFailure as failure:
        if failure.provider_status in NOT_ALLOWED:
            return None
        raise


def with_primary_email(info: UserInfo, entries: Any, *, primary: str, verified: str) -> UserInfo:
    """A user with the e-mail of the primary entry, unless the project's ``user_info_map`` has found one.

    ``primary`` and ``verified`` are the names of an entry's two flags.
    """
    if info.email is not None or not isinstance(entries, list):
        return info
    for entry in entries:
        if isinstance(entry, dict) and entry.get(primary) is True and isinstance(entry.get("email"), str):
            return replace(info, email=entry["email"] or None, is_verified=entry.get(verified) is True)
    return info
