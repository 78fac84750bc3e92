"""Access tokens, read and verified, pure: the caller brings the key and the time."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from supertokens_django.crypto import jwt
from supertokens_django.exceptions import TryRefreshTokenError
from supertokens_django.recipes.session.tokens import PROTECTED_PROPS, without_protected_props

# {"alg":"RS256","typ":"JWT","version":"2"} in standard base64: the one header that tokens of version 2 have (FDI).
_V2_HEADER = base64.b64encode(b'{"alg":"RS256","typ":"JWT","version":"2"}').decode()


@dataclass(frozen=True)
class AccessToken:
    """An access token whose structure is ours.  It is to be trusted only after :func:`verify`."""

    raw: str = field(repr=False)
    version: int
    kid: str | None
    payload: Mapping[str, Any] = field(repr=False)
    session_handle: str
    user_id: str
    recipe_user_id: str
    tenant_id: str
    refresh_token_hash_1: str
    anti_csrf_token: str | None = field(repr=False)
    expires_at: int
    """Milliseconds since the epoch."""

    @property
    def custom_payload(self) -> dict[str, Any]:
        """The claims that are not ours."""
        return without_protected_props(self.payload)

    def with_custom_payload(self, payload: Mapping[str, Any]) -> AccessToken:
        """The same token, shown with other claims."""
        ours = {key: value for key, value in self.payload.items() if key in PROTECTED_PROPS}
        return replace(self, payload={**payload, **ours})

    def is_expired(self, now: int) -> bool:
        """``now`` in milliseconds since the epoch."""
        return self.expires_at < now


def read(raw: str) -> AccessToken | None:
    """Read a token without trusting it; None when it is not structurally a session's access token (FDI)."""
    if raw.startswith(_V2_HEADER + "."):
        return _read_v2(raw)
    peeked = jwt.peek(raw)
    if peeked is None:
        return None
    header, payload = peeked
    version = _version(header.get("version"))
    kid = header.get("kid")
    if header.get("typ") != "JWT" or version is None or version < 3 or not isinstance(kid, str):
        return None
    if header.get("alg") != jwt.ALGORITHM or "crit" in header:
        return None  # RFC 7515 §4.1.11: an extension that is critical and not known
    if payload.get("stt") not in (None, 0):
        return None  # tokens of the OAuth2 provider carry stt and are no sessions
    return from_payload(raw, version, kid, payload) if _is_structure_ours(version, payload) else None


def verify(token: AccessToken, keys: Sequence[RSAPublicKey], now: int) -> None:
    """Check signature and expiry, and ``nbf`` (RFC 7519 §4.1.5) where a project has put it into its payload.

    Args:
        token: what :func:`read` gave.
        keys: the key that its ``kid`` names, or every known one for a token without a ``kid``.
        now: milliseconds since the epoch.

    Raises:
        TryRefreshTokenError: the token is expired, or no key made its signature.
    """
    if token.is_expired(now):
        raise TryRefreshTokenError("access token expired")
    not_before = token.payload.get("nbf")
    if not_before is not None and _is_number(not_before) and not_before * 1000 > now:
        raise TryRefreshTokenError("access token is not good yet")
    require_signature(token, keys)


def require_signature(token: AccessToken, keys: Sequence[RSAPublicKey]) -> None:
    """Check the signature alone.

    Raises:
        TryRefreshTokenError: no key made it.
    """
    check = _has_v2_signature if token.kid is None else jwt.has_signature
    if not any(check(token.raw, key) for key in keys):
        raise TryRefreshTokenError("access token signature is not ours")


def _has_v2_signature(raw: str, key: RSAPublicKey) -> bool:
    signed, _, signature = raw.rpartition(".")
    try:
        key.verify(base64.b64decode(signature, validate=True), signed.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _version(value: Any) -> int | None:
    if value is None:
        return 3  # made by create_jwt with the payload of a session
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4
        else None
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _is_structure_ours(version: int, payload: Mapping[str, Any]) -> bool:
    texts = ["sub", "sessionHandle", "refreshTokenHash1", *(["rsub"] if version >= 5 else [])]
    return all(isinstance(payload.get(key), str) for key in texts) and all(
        _is_number(payload.get(key)) for key in ("exp", "iat")
    )


def _text(payload: Mapping[str, Any], key: str) -> str | None:
    value = payload.get(key)
    return value if isinstance(value, str) else None


def from_payload(raw: str, version: int, kid: str, payload: Mapping[str, Any]) -> AccessToken:
    """The token of version 3 or later with this payload, whose structure is known to be ours."""
    return AccessToken(
        raw=raw,
        version=version,
        kid=kid,
        payload=payload,
        session_handle=payload["sessionHandle"],
        user_id=payload["sub"],
        recipe_user_id=_text(payload, "rsub") or payload["sub"],
        tenant_id=(_text(payload, "tId") if version >= 4 else None) or "public",
        refresh_token_hash_1=payload["refreshTokenHash1"],
        anti_csrf_token=_text(payload, "antiCsrfToken"),
        expires_at=int(payload["exp"] * 1000),
    )


def _read_v2(raw: str) -> AccessToken | None:
    segments = raw.split(".")
    payload = jwt.json_object(segments[1]) if len(segments) == 3 else None
    if payload is None or not isinstance(payload.get("userData"), dict):
        return None
    texts = all(isinstance(payload.get(key), str) for key in ("sessionHandle", "userId", "refreshTokenHash1"))
    if not texts or not all(_is_number(payload.get(key)) for key in ("expiryTime", "timeCreated")):
        return None
    # Shown to callers in the shape of later versions, so that nobody has to know the old one.
    shown = {
        **without_protected_props(payload["userData"]),
        "sub": payload["userId"],
        "iat": int(payload["timeCreated"] // 1000),
        "exp": int(payload["expiryTime"] // 1000),
        "sessionHandle": payload["sessionHandle"],
        "refreshTokenHash1": payload["refreshTokenHash1"],
    }
    return AccessToken(
        raw=raw,
        version=2,
        kid=None,
        payload=shown,
        session_handle=payload["sessionHandle"],
        user_id=payload["userId"],
        recipe_user_id=payload["userId"],
        tenant_id="public",
        refresh_token_hash_1=payload["refreshTokenHash1"],
        anti_csrf_token=_text(payload, "antiCsrfToken"),
        expires_at=int(payload["expiryTime"]),
    )
