"""RS256 JSON Web Tokens and JSON Web Keys, pure: keys come in loaded, time is the caller's business."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from supertokens_django.crypto.secrets import base64url

ALGORITHM = "RS256"
KEY_SIZE = 2048

_RS256 = RSAAlgorithm(RSAAlgorithm.SHA256)


def generate_private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)


def private_pem(key: rsa.RSAPrivateKey) -> str:
    """PKCS #8, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_pem(key: rsa.RSAPublicKey) -> str:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def load_private_key(pem: str) -> rsa.RSAPrivateKey:
    """Load what :func:`private_pem` wrote.

    Its numbers are not checked again, which takes a tenth of a second: only an authenticated text gets here.
    """
    key = serialization.load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("not an RSA private key")
    return key


def load_public_key(pem: str) -> rsa.RSAPublicKey:
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("not an RSA public key")
    return key


def sign(payload: Mapping[str, Any], key: rsa.RSAPrivateKey, kid: str, **headers: str) -> str:
    """Sign with RS256; the header carries ``alg``, ``typ``, ``kid`` and ``headers``."""
    return jwt.encode(dict(payload), key, algorithm=ALGORITHM, headers={"kid": kid, **headers})


def has_signature(token: str, key: rsa.RSAPublicKey) -> bool:
    """Check the RS256 signature of a token whose header :func:`peek` has given, and nothing else.

    The algorithm is RS256 whatever the header says.  PyJWT's algorithm does it, not its ``decode``: that would read the
    token a second time, and what it checks of the claims has rules of its own here (FDI).
    """
    signed, _, signature = token.rpartition(".")
    try:
        raw = base64.urlsafe_b64decode(signature + "==")
    except ValueError:
        return False
    return base64url(raw) == signature and _RS256.verify(signed.encode(), key, raw)


def peek(token: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Header and payload without any check of the signature; None when it is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    header, payload = json_object(parts[0]), json_object(parts[1])
    return None if header is None or payload is None else (header, payload)


def json_object(segment: str) -> dict[str, Any] | None:
    """Decode one base64url segment (padding optional, standard alphabet allowed) that holds a JSON object."""
    try:
        raw = segment.encode("ascii").rstrip(b"=").replace(b"+", b"-").replace(b"/", b"_")
        value = json.loads(base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4)))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def public_jwk(key: rsa.RSAPublicKey, kid: str) -> dict[str, str]:
    """The JSON Web Key (RFC 7517, RFC 7518 §6.3.1) in the members and order of FDI."""
    numbers = key.public_numbers()
    return {
        "kty": "RSA",
        "kid": kid,
        "n": base64url(_unsigned(numbers.n)),
        "e": base64url(_unsigned(numbers.e)),
        "alg": ALGORITHM,
        "use": "sig",
    }


def _unsigned(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
