"""The formats of device ids, codes and link codes: those of SuperTokens' core, byte for byte.

A link code is made from the code by a key that only the server has whole: somebody who knows the device id must not be
able to make link codes out of guessed codes, and so pass by the counter of wrong ones.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from supertokens_django.crypto.secrets import base64url
from supertokens_django.exceptions import BadInputError

SECRET_BYTES = 32
DIGITS = 6


def new_device_id() -> str:
    """Known to the client alone: 32 random bytes in base64 with padding."""
    return base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_salt() -> str:
    """Known to the server alone: 32 random bytes in base64 with padding."""
    return base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_user_input_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def pre_auth_session_id_of(device_id: str) -> str:
    """SHA-256 of the device id, base64url without padding.

    Raises:
        BadInputError: the device id is no base64.
    """
    return base64url(hashlib.sha256(_bytes(device_id, "deviceId", b"+/")).digest())


def link_code_of(device_id: str, salt: str, user_input_code: str) -> str:
    """HMAC-SHA256 of the code under device id and salt, base64url without padding.

    Raises:
        BadInputError: the device id is no base64.
    """
    key = _bytes(device_id, "deviceId", b"+/") + base64.b64decode(salt)
    return base64url(hmac.digest(key, user_input_code.encode(), hashlib.sha256))


def link_code_hash_of(link_code: str) -> str:
    """SHA-256 of a link code, base64url with padding: the only form in which it is stored.

    Raises:
        BadInputError: it is no base64url.
    """
    return base64.urlsafe_b64encode(hashlib.sha256(_bytes(link_code, "linkCode", b"-_")).digest()).decode()


def without_padding(pre_auth_session_id: str) -> str:
    return pre_auth_session_id.rstrip("=")


def _bytes(text: str, name: str, signs: bytes) -> bytes:
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=signs, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInputError(f"Please provide a valid {name}") from error
