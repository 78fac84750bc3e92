"""The tokens of a session, pure: access token payloads, refresh tokens, anti-CSRF tokens, the front token."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from supertokens_django.crypto.secrets import base64url, macs, sha256_hex

ACTOR = "act"
"""The claim that names who acts as the session's user: ``{"sub": …}`` (RFC 8693 §4.1)."""
ANONYMOUS = "st-anonymous"
"""The claim of a session that is nobody's."""

PROTECTED_PROPS = (
    "sub",
    "iat",
    "exp",
    "sessionHandle",
    "parentRefreshTokenHash1",
    "refreshTokenHash1",
    "antiCsrfToken",
    "rsub",
    "tId",
    ACTOR,
    ANONYMOUS,
)
"""Keys of the access token that belong to us; custom payloads may not set them (FDI, the last two excepted)."""

ACCESS_TOKEN_VERSION = "5"

_REFRESH_TOKEN = re.compile(
    r"(?P<handle>[0-9a-f-]{36}(?:_[a-z0-9-]{1,64})?)\.(?P<generation>\d{1,9})\.(?P<mac>[\w-]{86})", re.ASCII
)


def without_protected_props(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key not in PROTECTED_PROPS}


@dataclass(frozen=True)
class SessionKey:
    """Which refresh token is meant: a session's handle and the generation; ``secret`` is the row's."""

    handle: str
    generation: int
    secret: str = field(repr=False)

    @property
    def refresh_token(self) -> str:
        """``handle.generation.MAC``.

        The MAC has two halves.  The second binds the token to the row's secret.  The first covers the second and can
        be checked with SECRET_KEY alone, so a forged token is refused before the database is asked.
        """
        return self._refresh_tokens()[0]

    @property
    def refresh_token_hash_1(self) -> str:
        """SHA-256 of the refresh token in hex; the access token carries it (FDI ``refreshTokenHash1``)."""
        return sha256_hex(self.refresh_token)

    @property
    def anti_csrf_token(self) -> str:
        return base64url(macs("anti-csrf", self._text)[0])

    def has_refresh_token_hash_1(self, hash_1: str) -> bool:
        """Tell whether this is the hash of the refresh token, be it issued under a fallback of SECRET_KEY."""
        return hash_1 in [sha256_hex(token) for token in self._refresh_tokens()]

    def is_bound_to(self, binding: bytes) -> bool:
        return any(
            hmac.compare_digest(binding, expected) for expected in macs("refresh token binding", self._text)
        )

    def matches_anti_csrf_token(self, token: str | None) -> bool:
        given = (token or "").encode()
        return any(
            hmac.compare_digest(given, base64url(raw).encode()) for raw in macs("anti-csrf", self._text)
        )

    def _refresh_tokens(self) -> list[str]:
        """The refresh token under each of Django's secret keys, the current one first."""
        bindings = macs("refresh token binding", self._text)
        raws = (_seal(self._name, binding)[number] + binding for number, binding in enumerate(bindings))
        return [f"{self._name}.{base64url(raw)}" for raw in raws]

    @property
    def _name(self) -> str:
        return f"{self.handle}.{self.generation}"

    @property
    def _text(self) -> str:
        return f"{self._name}.{self.secret}"


def _seal(name: str, binding: bytes) -> list[bytes]:
    return macs("refresh token", f"{name}.{binding.hex()}")


@dataclass(frozen=True)
class PresentedRefreshToken:
    """A refresh token whose seal is right: it was issued here, if not necessarily last."""

    handle: str
    generation: int
    binding: bytes = field(repr=False)


def read_refresh_token(token: str) -> PresentedRefreshToken | None:
    """Check form and seal; None for a token that was not issued under one of Django's secret keys."""
    match = _REFRESH_TOKEN.fullmatch(token)
    if match is None:
        return None
    raw = base64.urlsafe_b64decode(match["mac"] + "==")
    seal, binding = raw[:32], raw[32:]
    name = f"{match['handle']}.{match['generation']}"
    if base64url(raw) != match["mac"] or str(int(match["generation"])) != match["generation"]:
        return None  # one token has one spelling
    if not any(hmac.compare_digest(seal, expected) for expected in _seal(name, binding)):
        return None
    return PresentedRefreshToken(match["handle"], int(match["generation"]), binding)


def front_token(payload: Mapping[str, Any]) -> str:
    """What frontends may know of an access token: standard base64 of JSON with sorted keys (FDI)."""
    body = {"uid": payload["sub"], "ate": payload["exp"] * 1000, "up": payload}
    return base64.b64encode(json.dumps(body, separators=(",", ":"), sort_keys=True).encode()).decode()


def tenant_of_handle(handle: str) -> str:
    """The tenant is what follows the first underscore; ``public`` without one (FDI)."""
    return handle.partition("_")[2] or "public"
