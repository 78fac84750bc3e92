"""The part of the access token's payload that is not ours: what a new session begins with, and what of it is stored.

With ``SESSION["JWT"]`` one claim more goes into every access token: a JWT of the same user, for services that verify
standard JWTs.  It is made with the token and never stored, so a changed setting holds from the next token on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from supertokens_django import conf
from supertokens_django.crypto import jwt
from supertokens_django.recipes.jwt.keys import LoadedKey
from supertokens_django.recipes.session import tokens
from supertokens_django.recipes.session.conf import session_conf
from supertokens_django.users.accounts import WireIdentity

_OF_THE_USER = ("sub", "iat", "exp", tokens.ACTOR, tokens.ANONYMOUS)
"""The claims of ours that the nested JWT shares, where they are there.  Without the others nobody takes it for a
session's access token."""


def of_new_session(given: Mapping[str, Any], who: WireIdentity, tenant_id: str) -> dict[str, Any]:
    """What a session begins with, claims excepted: the payload that it was asked with, then ``ACCESS_TOKEN_PAYLOAD``.

    Raises:
        ImproperlyConfigured: ``ACCESS_TOKEN_PAYLOAD`` gave no dict.
    """
    payload = storable(given)
    hook = session_conf().access_token_payload
    if hook is not None:
        added = hook(who.user_id, who.recipe_user_id, tenant_id, dict(payload))
        if not isinstance(added, Mapping):
            where = "SUPERTOKENS['SESSION']['ACCESS_TOKEN_PAYLOAD']"
            raise ImproperlyConfigured(f"{where} must return a dict, not {type(added).__name__}.")
        payload = storable({**payload, **added})
    return {**payload, "iss": conf.app().issuer}


def storable(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload without our claims and without the nested JWT."""
    return _without_nested_jwt(tokens.without_protected_props(payload))


def without_claims(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What of a stored payload another session may begin with: neither ours nor a claim, which is of its own user."""
    return {
        key: value
        for key, value in storable(payload).items()
        if key != "iss" and not key.startswith("st-") and not _is_claim(value)
    }


def _is_claim(value: Any) -> bool:
    return isinstance(value, Mapping) and {"v", "t"} <= set(value)


def says_the_same(token: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Tell whether a token says of the session what its row does; both payloads come without our claims."""
    settings = session_conf().jwt
    if settings.enable and settings.property_name_in_access_token_payload not in token:
        return False
    return _without_nested_jwt(token) == _without_nested_jwt(row)


def with_nested_jwt(payload: Mapping[str, Any], key: LoadedKey) -> dict[str, Any]:
    """The payload of an access token, with the nested JWT where the settings ask for one; it expires with the token."""
    settings = session_conf().jwt
    if not settings.enable:
        return dict(payload)
    payload = _without_nested_jwt(payload)
    ours = {name: payload[name] for name in _OF_THE_USER if name in payload}
    claims = {**tokens.without_protected_props(payload), **ours, "iss": settings.effective_issuer}
    nested = jwt.sign(claims, key.private_key, key.kid)
    return {**payload, settings.property_name_in_access_token_payload: nested}


def _without_nested_jwt(payload: Mapping[str, Any]) -> dict[str, Any]:
    settings = session_conf().jwt
    ours = settings.property_name_in_access_token_payload if settings.enable else None
    return {name: value for name, value in payload.items() if name != ours}
