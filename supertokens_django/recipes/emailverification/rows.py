"""Rows of the recipe: tokens, and which addresses are verified."""

from __future__ import annotations

import base64
import secrets

from django.db.models import QuerySet

from supertokens_django import clock, db
from supertokens_django.crypto.secrets import sha256_hex
from supertokens_django.recipes.emailverification.conf import emailverification_conf
from supertokens_django.recipes.emailverification.models import EmailVerificationToken
from supertokens_django.users.models import LoginMethod, VerifiedEmail


def random_token() -> str:
    """128 letters and digits with 384 bits in them (FDI)."""
    return base64.urlsafe_b64encode(secrets.token_bytes(48).hex().encode()).decode()


def create_token(tenant_id: str, user_id: str, email: str, replaces: str = "") -> str:
    """Keep the hash of a new token, and give the token."""
    token = random_token()
    EmailVerificationToken.objects.create(
        token_hash=sha256_hex(token),
        tenant_id=tenant_id,
        user_id=user_id,
        email=email,
        replaces=replaces,
        expires_at=clock.now() + emailverification_conf().email_verification_token_lifetime,
    )
    return token


@db.transactional
def create_change(tenant_id: str, user_id: str, email: str, replaces: str) -> str:
    """Give a token by which an e-mail takes the place of ``replaces``; those for other e-mails end."""
    list(db.locked(LoginMethod.objects.filter(pk=user_id)))  # first, as those do who use a token up
    revoke_changes(user_id, keeps=email)
    return create_token(tenant_id, user_id, email, replaces)


def consume(tenant_id: str, token: str) -> EmailVerificationToken | None:
    """Use a token up, with all others of its user for the same e-mail; None for one that is unknown or expired.

    Call it inside a transaction, and let that be committed: an expired token ends its siblings, too.
    """
    row = EmailVerificationToken.objects.filter(pk=sha256_hex(token), tenant_id=tenant_id).first()
    if row is None:
        return None
    if row.replaces:  # the user first, as those do who change the password, which ends the token
        list(db.locked(LoginMethod.objects.filter(pk=row.user_id)))
    # Two siblings end each other: both wait for the same first row.
    siblings = db.locked(of(row.user_id, row.email, tenant_id).order_by("pk"))
    found = {sibling.pk for sibling in siblings}
    if row.pk not in found:
        return None  # of two at once, the other came first
    EmailVerificationToken.objects.filter(pk__in=found).delete()
    return None if row.expires_at < clock.now() else row


def revoke(tenant_id: str, user_id: str, email: str) -> None:
    of(user_id, email, tenant_id).delete()


def revoke_changes(user_id: str, *, keeps: str = "") -> None:
    """End the links by which another e-mail would take the place of a user's own, but for those to ``keeps``."""
    pending = EmailVerificationToken.objects.filter(user_id=user_id).exclude(replaces="")
    pending.exclude(email=keeps).delete()


def of(user_id: str, email: str, tenant_id: str) -> QuerySet[EmailVerificationToken]:
    return EmailVerificationToken.objects.filter(user_id=user_id, email=email, tenant_id=tenant_id)


def is_verified(user_id: str, email: str) -> bool:
    return VerifiedEmail.objects.filter(user_id=user_id, email=email).exists()


def mark_verified(user_id: str, email: str) -> bool:
    """Note that the address is the user's; tells whether that was not known before."""
    if is_verified(user_id, email):
        return False
    rows = [VerifiedEmail(user_id=user_id, email=email)]
    VerifiedEmail.objects.bulk_create(rows, ignore_conflicts=True)
    return True


def unverify(user_id: str, email: str) -> None:
    VerifiedEmail.objects.filter(user_id=user_id, email=email).delete()
