"""Refusals that the factors have in common."""

from __future__ import annotations

from supertokens_django.exceptions import NotAllowedError


class SignInUpNotAllowed(NotAllowedError):
    """Who signs in may be who they say they are; this account is not to be used, or not to be made (FDI)."""

    status = "SIGN_IN_UP_NOT_ALLOWED"


ANOTHER_METHOD = (
    "Cannot sign in / up due to security reasons. "
    "Please try a different login method or contact support. (ERR_CODE_{})"
)
"""FDI's text, to be completed by the three digits of its code."""
