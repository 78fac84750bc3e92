"""Rows with providers' tokens: kept at a sign-in, refreshed by one caller at a time.

The lease is taken by an update that only one of many can make, so no lock is held while the provider is asked.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Q

from supertokens_django import clock
from supertokens_django.crypto.secrets import DecryptionError, decrypt, encrypt
from supertokens_django.recipes.thirdparty.models import ProviderTokens
from supertokens_django.recipes.thirdparty.providers.base import Tokens
from supertokens_django.users.models import LoginMethod

LEASE = timedelta(seconds=30)
"""Longer than a provider may take to answer; whoever dies with the lease holds the others up for so long."""
FRESH = timedelta(seconds=60)
"""A token that ends sooner is replaced: it must last until the provider's API has seen it."""
LONGEST = timedelta(days=3650)


def keep(method: LoginMethod, tenant_id: str, client_type: str | None, tokens: Mapping[str, Any]) -> None:
    """Keep what a provider has given; a refresh token of before stays where it gave no new one."""
    values = _columns(tokens)
    if not values["access_token"]:
        return
    values |= {"tenant_id": tenant_id, "client_type": client_type or "", "lease": "", "leased_until": None}
    if not values["refresh_token"]:
        del values["refresh_token"]
    # The login method is locked, so nobody else inserts meanwhile.
    if not ProviderTokens.objects.filter(pk=method.pk).update(**values):
        ProviderTokens.objects.create(login_method_id=method.pk, **values)


def take_lease(row: ProviderTokens) -> str | None:
    """Become the one who refreshes; None while another one does."""
    now, lease = clock.now(), randomness.token_hex(16)
    free = ProviderTokens.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now), pk=row.pk)
    # What was read must be there still: a token that has just been replaced is not to be used again.
    taken = free.filter(refresh_token=row.refresh_token).update(lease=lease, leased_until=now + LEASE)
    return lease if taken else None


def give_back(row: ProviderTokens, lease: str, tokens: Mapping[str, Any] | None = None) -> None:
    """Give the lease back, with new tokens where there are some."""
    values: dict[str, Any] = {"lease": "", "leased_until": None}
    if tokens is not None:
        values |= _columns(tokens)
        if not values["refresh_token"]:
            del values["refresh_token"]
    ProviderTokens.objects.filter(pk=row.pk, lease=lease).update(**values)
    for name, value in values.items():
        setattr(row, name, value)


def is_readable(row: ProviderTokens) -> bool:
    """Tell whether the SECRET_KEY under which the tokens were encrypted is there still."""
    try:
        for text in (row.access_token, row.refresh_token):
            if text:
                decrypt(text)
    except DecryptionError:
        return False
    return True


def is_fresh(row: ProviderTokens) -> bool:
    return row.expires_at is None or row.expires_at > clock.now() + FRESH


def tokens_of(row: ProviderTokens) -> Tokens:
    """What the provider has given, without the refresh token."""
    found: Tokens = {"access_token": decrypt(row.access_token), "scope": row.scope}
    if row.expires_at is not None:
        found["expires_at"] = row.expires_at
    return found


def refresh_token_of(row: ProviderTokens) -> str:
    return decrypt(row.refresh_token)


def _columns(tokens: Mapping[str, Any]) -> dict[str, Any]:
    access, refresh, scope = (tokens.get(name) for name in ("access_token", "refresh_token", "scope"))
    found: dict[str, Any] = {
        "access_token": encrypt(access) if access and isinstance(access, str) else "",
        "refresh_token": encrypt(refresh) if refresh and isinstance(refresh, str) else "",
        "expires_at": _expiry(tokens.get("expires_in")),
    }
    if isinstance(scope, str):
        found["scope"] = scope
    return found


def _expiry(expires_in: Any) -> Any:
    """When a token ends that is good for so many seconds; None where nobody says (RFC 6749 §5.1)."""
    try:
        period = timedelta(seconds=float(expires_in))
    except (TypeError, ValueError, OverflowError):
        return None
    return clock.now() + min(max(period, timedelta()), LONGEST)
