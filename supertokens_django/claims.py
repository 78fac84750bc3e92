"""The claim classes, and validators of what sets a session apart."""

from supertokens_django.recipes.emailverification.claims import EmailVerificationClaim
from supertokens_django.recipes.session.claims import (
    BooleanClaim,
    ClaimValidationResult,
    PrimitiveArrayClaim,
    PrimitiveClaim,
    SessionClaim,
    SessionClaimValidator,
)
from supertokens_django.recipes.session.validators import NotAnonymous, NotImpersonated, also
from supertokens_django.recipes.userroles.claims import PermissionClaim, UserRoleClaim

__all__ = [
    "BooleanClaim",
    "ClaimValidationResult",
    "EmailVerificationClaim",
    "NotAnonymous",
    "NotImpersonated",
    "PermissionClaim",
    "PrimitiveArrayClaim",
    "PrimitiveClaim",
    "SessionClaim",
    "SessionClaimValidator",
    "UserRoleClaim",
    "also",
]
