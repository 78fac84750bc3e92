"""Sessions for tests: real rows, real signatures, made without a request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from supertokens_django import clock
from supertokens_django.crypto import jwt
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.recipes.session import tokens, verify
from supertokens_django.recipes.session.claims import SessionClaim
from supertokens_django.recipes.session.conf import session_conf
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.service import session
from supertokens_django.testing.environment import require_test_run
from supertokens_django.testing.keys import cheap_signing_keys
from supertokens_django.testing.people import Someone, recipe_user_id

Mode = Literal["cookie", "header"]
Claims = Mapping[Any, Any]
"""Keys of the payload with what is to lie there, or claim objects with their values."""


def create_session(
    user: Someone,
    *,
    claims: Claims | None,
    tenant_id: str,
    session_data: Mapping[str, Any] | None,
    mode: Mode,
    expires_in: float | timedelta | None,
) -> SessionContainer:
    """Make a session as ``force_login`` describes it."""
    require_test_run()
    if mode not in ("cookie", "header"):
        raise ValueError(f"mode is 'cookie' or 'header', not {mode!r}")
    wanted = _payload(claims or {})
    with cheap_signing_keys():
        made = session.create_new_session_without_request_response(
            tenant_id, recipe_user_id(user), wanted, session_data, disable_anti_csrf=mode == "header"
        )
        _insist_on(made, wanted)
        return made if expires_in is None else _expiring(made, expires_in)


def _payload(claims: Claims) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    for key, value in claims.items():
        if isinstance(key, SessionClaim):
            key.add_to_payload(payload, value)
        else:
            payload[key] = value
    return payload


def _insist_on(made: SessionContainer, wanted: Mapping[str, Any]) -> None:
    """Claims that the recipes fetch for every new session give way to those of the test."""
    payload = made.get_access_token_payload()
    if differing := {key: value for key, value in wanted.items() if payload.get(key) != value}:
        made.merge_into_access_token_payload(differing)


def _expiring(made: SessionContainer, expires_in: float | timedelta) -> SessionContainer:
    """The same session with an access token that was made in the past, so that it expires when the test wants it."""
    seconds = expires_in.total_seconds() if isinstance(expires_in, timedelta) else expires_in
    exp = clock.milliseconds(clock.now()) // 1000 + round(seconds)
    payload = made.get_access_token_payload()
    payload |= {"iat": exp - clock.seconds(session_conf().access_token_lifetime), "exp": exp}
    key = ring.signing_key(dynamic=session_conf().use_dynamic_access_token_signing_key)
    raw = jwt.sign(payload, key.private_key, key.kid, version=tokens.ACCESS_TOKEN_VERSION)
    held = made.get_all_session_tokens_dangerously()
    return SessionContainer(
        session,
        verify.from_payload(raw, int(tokens.ACCESS_TOKEN_VERSION), key.kid, payload),
        refresh_token=(held["refreshToken"], made.get_expiry()),
        anti_csrf_token=held["antiCsrfToken"],
        access_token_updated=True,
    )
