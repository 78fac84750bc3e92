"""Outcomes of the e-mail verification recipe."""

from __future__ import annotations

from supertokens_django.exceptions import SuperTokensError
from supertokens_django.users.exceptions import UnknownUserId

__all__ = ["EmailAlreadyVerified", "EmailTaken", "EmailVerificationInvalidToken", "UnknownUserId"]


class EmailAlreadyVerified(SuperTokensError):
    """There is nothing to verify: it is verified, or the user has no e-mail."""

    status = "EMAIL_ALREADY_VERIFIED_ERROR"


class EmailVerificationInvalidToken(SuperTokensError):
    """The token is unknown, used, expired, or of another tenant."""

    status = "EMAIL_VERIFICATION_INVALID_TOKEN_ERROR"


class EmailTaken(EmailVerificationInvalidToken):
    """The e-mail that was to replace another is somebody else's by now; on the wire the token is invalid."""
