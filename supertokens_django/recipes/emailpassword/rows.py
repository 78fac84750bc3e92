"""Rows of the recipe: accounts with their passwords, and password reset tokens."""

from __future__ import annotations

import base64
import secrets

from supertokens_django import clock, db
from supertokens_django.crypto import hashing
from supertokens_django.crypto.secrets import sha256_hex
from supertokens_django.exceptions import BadInputError
from supertokens_django.prepared import PreparedQuery
from supertokens_django.recipes.emailpassword.exceptions import EmailAlreadyExists
from supertokens_django.recipes.emailpassword.models import Password, PasswordResetToken
from supertokens_django.recipes.emailverification.rows import revoke_changes
from supertokens_django.users import accounts
from supertokens_django.users.accounts import AccountInfo, normalise_email
from supertokens_django.users.exceptions import IdentityTaken
from supertokens_django.users.models import LoginMethod

RECIPE_ID = "emailpassword"
IMPORTABLE = {
    "bcrypt": hashing.BCRYPT_PREFIXES,
    "argon2": hashing.ARGON2_PREFIXES,
}


@db.transactional
def create(tenant_id: str, email: str, encoded: str) -> LoginMethod:
    """Create a user with a password that is hashed already.

    Raises:
        EmailAlreadyExists: the e-mail is taken in the tenant.
    """
    info = AccountInfo(email=normalise_email(email))
    try:
        method = accounts.create_login_method(tenant_id, RECIPE_ID, info)
    except IdentityTaken as error:
        raise EmailAlreadyExists from error
    Password.objects.create(login_method=method, encoded=encoded)
    return method


@db.transactional
def update(method: LoginMethod, email: str | None, encoded: str | None) -> None:
    """Change the e-mail, the hash, or both.

    Raises:
        EmailAlreadyExists: the e-mail is taken in one of the login's tenants.
    """
    try:
        if email is not None and email != method.email:
            accounts.change_email(method, email)
    except IdentityTaken as error:
        raise EmailAlreadyExists from error
    if encoded is not None:
        Password.objects.filter(pk=method.pk).update(encoded=encoded)
    # A link in an old mailbox, or one asked for by somebody else, must not outlive the change (as in Django).
    PasswordResetToken.objects.filter(login_method=method).delete()
    # Nor must a new address that was asked for with the old password.
    revoke_changes(method.pk)


_HOLD_UNCHANGED: PreparedQuery[LoginMethod] = PreparedQuery(
    lambda method_id, encoded: accounts.with_identity(
        LoginMethod.objects.filter(pk=method_id, password__encoded=encoded)
    ).select_for_update()
)


def hold(method: LoginMethod) -> LoginMethod | None:
    """Lock a login method until the transaction ends; None when it is gone or the password has been changed since.

    On SQLite, which has no row locks, a transaction that writes after others have written is run again.
    """
    if hasattr(method, "password"):
        return _HOLD_UNCHANGED.first(method.pk, method.password.encoded)
    return accounts.hold(method)


def upgrade(method: LoginMethod, password: str) -> None:
    """Replace an outdated hash, unless the password was changed meanwhile."""
    encoded = hashing.make(password)
    if Password.objects.filter(pk=method.pk, encoded=method.password.encoded).update(encoded=encoded):
        method.password.encoded = encoded


@db.transactional
def consume(token: str) -> tuple[LoginMethod, str] | None:
    """Use a reset token up with its siblings; None for one that is unknown or expired."""
    row = PasswordResetToken.objects.filter(pk=sha256_hex(token)).select_related("login_method__user").first()
    if row is None:
        return None
    # Two tokens of one user end each other: without an order, each would wait for the other's row.
    list(db.locked(LoginMethod.objects.filter(pk=row.login_method_id)))
    # Of two at once one deletes the row; the other has come too late.
    if not PasswordResetToken.objects.filter(pk=row.pk).delete()[0]:
        return None
    PasswordResetToken.objects.filter(login_method=row.login_method).delete()
    return None if row.expires_at < clock.now() else (row.login_method, row.email)


def random_token() -> str:
    """128 letters and digits, about 760 bits (FDI)."""
    text = ""
    while len(text) < 128:
        text += base64.b64encode(secrets.token_bytes(128)).decode().translate(_NO_SIGNS)
    return text[:128]


_NO_SIGNS = str.maketrans("", "", "+/=")


def require_importable(password_hash: str, hashing_algorithm: str | None) -> None:
    """Refuse a hash that could not be verified.

    Raises:
        BadInputError: the algorithm is not known or the hash is not one of it.
    """
    if not password_hash:
        raise BadInputError("Password hash cannot be an empty string")
    if hashing_algorithm is None:
        if not password_hash.startswith((*hashing.BCRYPT_PREFIXES, *hashing.ARGON2_PREFIXES)):
            raise BadInputError("Unsupported password hashing format")
        return
    prefixes = IMPORTABLE.get(hashing_algorithm.lower())
    if prefixes is None:
        raise BadInputError("Unsupported password hashing algorithm")
    if not password_hash.startswith(prefixes):
        raise BadInputError(f"Password hash is in invalid {hashing_algorithm.upper()} format")
