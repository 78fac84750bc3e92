"""Keys derived from Django's SECRET_KEY (and SECRET_KEY_FALLBACKS): encryption at rest and message authentication."""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from supertokens_django import conf


class DecryptionError(Exception):
    """The text was encrypted under a SECRET_KEY that is neither the current one nor a fallback."""


@lru_cache(maxsize=64)
def derived_key(secret: str, purpose: str) -> bytes:
    """Derive 32 bytes for one purpose from a Django secret key (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), 32, salt=b"supertokens_django", info=purpose.encode()).derive(secret.encode())


@lru_cache(maxsize=8)
def _fernet(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(derived_key(secret, "at rest"))) for secret in secrets]
    )


def encrypt(text: str) -> str:
    """Encrypt ``text`` under the current SECRET_KEY (Fernet: AES-128-CBC and HMAC-SHA256)."""
    return _fernet(conf.secret_keys()).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Give back what :func:`encrypt` was given.

    Raises:
        DecryptionError: no current or fallback key fits.
    """
    try:
        return _fernet(conf.secret_keys()).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise DecryptionError("encrypted under another SECRET_KEY") from error


def renewed(token: str) -> str | None:
    """What :func:`encrypt` gave, under the current SECRET_KEY; None where it is under that one already.

    Raises:
        DecryptionError: no current or fallback key fits.
    """
    try:
        _fernet(conf.secret_keys()[:1]).decrypt(token.encode())
    except InvalidToken:
        return encrypt(decrypt(token))
    return None


def macs(purpose: str, message: str) -> list[bytes]:
    """HMAC-SHA256 of ``message`` under each of Django's secret keys, the current one first."""
    return [
        hmac.digest(derived_key(secret, purpose), message.encode(), hashlib.sha256)
        for secret in conf.secret_keys()
    ]


def sha256_hex(text: str) -> str:
    """SHA-256 in lower-case hex, the form in which one-time tokens are stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def base64url(raw: bytes) -> str:
    """Base64 in the URL-safe alphabet without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
