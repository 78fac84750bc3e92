"""Verifying ID tokens (OpenID Connect Core 1.0 §3.1.3.7): pure, keys and time come in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

ALGORITHMS = frozenset(
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
)
"""Signatures by a private key.  With HS256 a public key would do for a secret; ``none`` is no signature."""
LEEWAY = 60
"""How many seconds two clocks may differ."""


class InvalidIdToken(Exception):
    """The token is not to be believed; the text says why and quotes nothing from it."""


@dataclass(frozen=True)
class Expected:
    """What an ID token has to say."""

    audiences: Collection[str]
    """The clients of which one must be meant."""
    issuers: Collection[str] | None
    """None where nobody knows who issues."""
    nonce: str | None = None
    """What was sent along to the provider; None where nothing was."""
    is_for_one_client: bool = True
    """Whether an authorised party that is named must be one of ``audiences`` as well."""


def header_of(token: str) -> dict[str, Any]:
    """The header of a token, not verified yet.

    Raises:
        InvalidIdToken: it is no signed JWT, or signed by an algorithm that is not accepted.
    """
    try:
        header: dict[str, Any] = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise InvalidIdToken("is not a JWT") from error
    if header.get("alg") not in ALGORITHMS:
        raise InvalidIdToken("is not signed by an accepted algorithm")
    return header


def unverified_payload(token: str) -> dict[str, Any]:
    """What a token says, to be believed by nobody yet: some issuers are named by what they issue.

    Raises:
        InvalidIdToken: it is no JWT.
    """
    try:
        payload: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise InvalidIdToken("is not a JWT") from error
    return payload


def verify(token: str, keys: Sequence[jwt.PyJWK], expected: Expected, now: float) -> dict[str, Any]:
    """The payload of a token that one of ``keys`` has signed; ``now`` is in seconds since the epoch.

    Raises:
        InvalidIdToken: the signature or one of the claims is wrong.
    """
    payload = _verified_payload(token, header_of(token)["alg"], keys)
    _check_times(payload, now)
    _check_parties(payload, expected)
    if not isinstance(payload.get("sub"), str) or not payload["sub"]:
        raise InvalidIdToken("has no subject")  # §2: required, and whose user info must be of the same user
    if expected.nonce is not None and payload.get("nonce") != expected.nonce:
        raise InvalidIdToken("has another nonce")
    return payload


def _verified_payload(token: str, algorithm: str, keys: Sequence[jwt.PyJWK]) -> dict[str, Any]:
    options: Any = dict.fromkeys(
        ("verify_exp", "verify_iat", "verify_nbf", "verify_aud", "verify_iss"), False
    )
    for key in keys:
        try:
            payload: dict[str, Any] = jwt.decode(token, key.key, algorithms=[algorithm], options=options)
        except (jwt.PyJWTError, TypeError, ValueError, RecursionError):
            continue  # most often the key is another one
        return payload
    raise InvalidIdToken("is not signed by a key of the provider")


def _check_times(payload: Mapping[str, Any], now: float) -> None:
    if _number(payload, "exp", 0) + LEEWAY <= now:
        raise InvalidIdToken("has expired")
    if _number(payload, "iat", now) - LEEWAY > now or _number(payload, "nbf", now) - LEEWAY > now:
        raise InvalidIdToken("is not valid yet")


def _check_parties(payload: Mapping[str, Any], expected: Expected) -> None:
    if expected.issuers is not None and payload.get("iss") not in expected.issuers:
        raise InvalidIdToken("has another issuer")
    audience = payload.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or not any(item in expected.audiences for item in audiences):
        raise InvalidIdToken("is for another client")
    party = payload.get("azp")
    must_be_named = len(audiences) > 1
    if (must_be_named or (party is not None and expected.is_for_one_client)) and (
        party not in expected.audiences
    ):
        raise InvalidIdToken("is for another authorised party")


def _number(payload: Mapping[str, Any], name: str, default: float) -> float:
    value = payload.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidIdToken(f"has no number for {name}")
    return value
