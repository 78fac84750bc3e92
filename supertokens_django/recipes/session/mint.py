"""Minting access tokens."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from supertokens_django import clock
from supertokens_django.crypto import jwt
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.recipes.session import tokens
from supertokens_django.recipes.session.conf import session_conf
from supertokens_django.recipes.session.models import Session
from supertokens_django.recipes.session.payload import with_nested_jwt
from supertokens_django.recipes.session.rows import SessionState
from supertokens_django.recipes.session.verify import AccessToken, from_payload


def have_signing_key() -> None:
    """Make the key that new sessions are signed with, where it is due.

    Before a transaction, not in it: other processes would wait for its end, and lose the key if it is rolled back.
    """
    ring.signing_key(dynamic=session_conf().use_dynamic_access_token_signing_key)


def access_token(state: SessionState, *, with_anti_csrf_token: bool) -> AccessToken:
    """A fresh access token of version 5 for the session's current refresh token.

    It expires on a whole second, never later than its lifetime says; the jitter shortens only (FDI).
    """
    row, now = state.row, clock.milliseconds(clock.now())
    lifetime = session_conf().access_token_lifetime
    jitter = int(lifetime.total_seconds() * session_conf().access_token_lifetime_jitter * random.random())  # noqa: S311
    expires = int((now / 1000) + lifetime.total_seconds()) - jitter
    payload = {
        **tokens.without_protected_props(row.access_token_payload),
        **_marks(row),
        "sub": state.user_id,
        "iat": now // 1000,
        "exp": expires if row.actor_id is None else min(expires, int(row.expires_at.timestamp())),
        "sessionHandle": row.handle,
        "refreshTokenHash1": state.key.refresh_token_hash_1,
        "parentRefreshTokenHash1": None,
        "antiCsrfToken": state.anti_csrf_token if with_anti_csrf_token else None,
        "tId": row.tenant_id,
        "rsub": row.recipe_user_id,
    }
    return _sign(payload, row)


def regenerated(token: AccessToken, row: Session) -> AccessToken | None:
    """The same token with the row's payload and a new ``iat``; None when it has expired meanwhile."""
    now = clock.milliseconds(clock.now())
    if token.is_expired(now):
        return None
    ours = {key: value for key, value in token.payload.items() if key in tokens.PROTECTED_PROPS}
    payload = {
        **tokens.without_protected_props(row.access_token_payload),
        "parentRefreshTokenHash1": None,
        "antiCsrfToken": None,
        "tId": row.tenant_id,
        "rsub": token.recipe_user_id,
        **ours,
        **_marks(row),
        "iat": now // 1000,
    }
    return _sign(payload, row)


def _marks(row: Session) -> dict[str, Any]:
    """The claims that set a session apart; from the row, so that no caller can set them or take them away."""
    marks: dict[str, Any] = {}
    if row.is_anonymous:
        marks[tokens.ANONYMOUS] = {"v": True, "t": clock.milliseconds(row.created_at)}
    if row.actor_id is not None:
        marks[tokens.ACTOR] = {"sub": row.actor_sub}
    return marks


def _sign(payload: Mapping[str, Any], row: Session) -> AccessToken:
    key = ring.signing_key(dynamic=not row.use_static_key)
    payload = with_nested_jwt(payload, key)
    raw = jwt.sign(payload, key.private_key, key.kid, version=tokens.ACCESS_TOKEN_VERSION)
    return from_payload(raw, int(tokens.ACCESS_TOKEN_VERSION), key.kid, payload)
