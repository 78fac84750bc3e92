"""Tokens as an attacker would make them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def with_claims(
    token: str | None,
    *,
    header: dict[str, Any] | None = None,
    payload: dict[str, Any] | None = None,
    replace_payload: dict[str, Any] | None = None,
) -> str:
    """The token with other claims under the old signature; a header entry of ``None`` is left out."""
    assert token is not None
    old_header, old_payload, signature = token.split(".")
    new_header = {
        key: value for key, value in {**decoded(old_header), **(header or {})}.items() if value is not None
    }
    new_payload = replace_payload or {**decoded(old_payload), **(payload or {})}
    return f"{encoded(new_header)}.{encoded(new_payload)}.{signature}"


def decoded(part: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return value


def encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def hs256(header: dict[str, Any], payload: dict[str, Any], secret: bytes) -> str:
    """PyJWT refuses to sign with a PEM as an HMAC secret, an attacker does not."""
    head = f"{encoded({**header, 'alg': 'HS256'})}.{encoded(payload)}"
    mac = hmac.new(secret, head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def spki_pem() -> tuple[Any, Any]:
    return Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
