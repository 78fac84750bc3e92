"""Outcomes of the e-mail and password recipe."""

from __future__ import annotations

from typing import Any

from supertokens_django.exceptions import GeneralError, NotAllowedError, SuperTokensError
from supertokens_django.users.exceptions import EmailAlreadyExists, UnknownUserId

__all__ = [
    "EmailAlreadyExists",
    "EmailChangeNotAllowed",
    "PasswordPolicyViolated",
    "PasswordResetNotAllowed",
    "ResetPasswordInvalidToken",
    "SignUpByMail",
    "UnknownUserId",
    "WrongCredentials",
]


class SignUpByMail(GeneralError):
    """A sign-up that goes on by mail, whether the address was free or not (``HIDE_ACCOUNT_EXISTENCE``)."""


class WrongCredentials(SuperTokensError):
    """The e-mail is unknown, the password wrong, or the account switched off: which of them is not told."""

    status = "WRONG_CREDENTIALS_ERROR"


class ResetPasswordInvalidToken(SuperTokensError):
    """The token is unknown, used or expired."""

    status = "RESET_PASSWORD_INVALID_TOKEN_ERROR"


class PasswordResetNotAllowed(NotAllowedError):
    """A reset might hand the account to somebody else."""

    status = "PASSWORD_RESET_NOT_ALLOWED"


class EmailChangeNotAllowed(NotAllowedError):
    """The new e-mail might hand the account to somebody else."""

    status = "EMAIL_CHANGE_NOT_ALLOWED_ERROR"


class PasswordPolicyViolated(SuperTokensError):
    """The password is not good enough."""

    status = "PASSWORD_POLICY_VIOLATED_ERROR"

    def __init__(self, failure_reason: str) -> None:
        super().__init__(failure_reason)
        self.failure_reason = failure_reason

    def body(self) -> dict[str, Any]:
        return {"status": self.status, "failureReason": self.failure_reason}
