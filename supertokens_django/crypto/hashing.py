"""Password hashes: Django's hashers for new ones, and the raw ones of a SuperTokens core."""

from __future__ import annotations

import argon2
from django.contrib.auth import hashers
from django.core.exceptions import ImproperlyConfigured

from supertokens_django import conf

BCRYPT_PREFIXES = ("$2a$", "$2b$", "$2x$", "$2y$")
ARGON2_PREFIXES = ("$argon2id$", "$argon2i$", "$argon2d$")
BCRYPT_PASSWORD_BYTES = 72
"""bcrypt reads no more of a password; recent libraries refuse a longer one instead of cutting it."""


def make(password: str) -> str:
    """Hash with the preferred hasher."""
    return hashers.make_password(password, hasher=_preferred())


def verify(password: str, encoded: str) -> tuple[bool, bool]:
    """Tell whether the password is right, and whether its hash should be replaced by one of today's."""
    if encoded.startswith(BCRYPT_PREFIXES):
        return _verify_bcrypt(password, encoded), True
    if encoded.startswith(ARGON2_PREFIXES):
        return _verify_argon2(password, encoded), True
    return hashers.verify_password(password, encoded, preferred=_preferred())


def preferred_hasher() -> hashers.BasePasswordHasher:
    """What new passwords are hashed with.

    Raises:
        ValueError: ``PASSWORD_HASHERS`` lacks it.
        ImportError: ``PASSWORD_HASHERS`` names something that is not there.
    """
    if not hashers.get_hashers():
        raise ValueError("PASSWORD_HASHERS is empty.")
    return hashers.get_hasher(_preferred())


def _preferred() -> str:
    """Argon2, or the first of the project's own ``PASSWORD_HASHERS`` where it has set them."""
    return "default" if conf.has_own_password_hashers() else "argon2"


def _verify_bcrypt(password: str, encoded: str) -> bool:
    try:
        import bcrypt
    except ImportError as error:
        raise ImproperlyConfigured(
            "An imported bcrypt hash needs the package bcrypt: pip install supertokens-django[bcrypt]"
        ) from error
    raw = password.encode()[:BCRYPT_PASSWORD_BYTES]
    try:
        # The four prefixes name one algorithm for passwords of this length; the library knows $2b.
        return bcrypt.checkpw(raw, b"$2b$" + encoded[4:].encode())
    except ValueError:
        return False


def _verify_argon2(password: str, encoded: str) -> bool:
    try:
        return argon2.PasswordHasher().verify(encoded, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHash):
        return False
