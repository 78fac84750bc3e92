"""Outcomes of the passwordless recipe."""

from __future__ import annotations

from typing import Any

from supertokens_django.exceptions import SuperTokensError
from supertokens_django.flow.exceptions import ANOTHER_METHOD, SignInUpNotAllowed
from supertokens_django.users.exceptions import EmailAlreadyExists, UnknownUserId

__all__ = [
    "EmailAlreadyExists",
    "ExpiredUserInputCode",
    "IncorrectUserInputCode",
    "PhoneNumberAlreadyExists",
    "RestartFlow",
    "SignInUpNotAllowed",
    "UnknownUserId",
    "UserInputCodeAlreadyUsed",
]

SIGN_UP_REFUSED, SIGN_IN_REFUSED = ANOTHER_METHOD.format("002"), ANOTHER_METHOD.format("003")


class RestartFlow(SuperTokensError):
    """Code or link are of no use any more: used, too old, or too many were wrong.  A new code has to be asked for."""

    status = "RESTART_FLOW_ERROR"


class _WrongCode(SuperTokensError):
    def __init__(self, failed_code_input_attempt_count: int, maximum_code_input_attempts: int) -> None:
        super().__init__(f"wrong code {failed_code_input_attempt_count} of {maximum_code_input_attempts}")
        self.failed_code_input_attempt_count = failed_code_input_attempt_count
        self.maximum_code_input_attempts = maximum_code_input_attempts

    def body(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "failedCodeInputAttemptCount": self.failed_code_input_attempt_count,
            "maximumCodeInputAttempts": self.maximum_code_input_attempts,
        }


class IncorrectUserInputCode(_WrongCode):
    """The code is not one that was sent."""

    status = "INCORRECT_USER_INPUT_CODE_ERROR"


class ExpiredUserInputCode(_WrongCode):
    """The code was good once; it counts as a wrong one."""

    status = "EXPIRED_USER_INPUT_CODE_ERROR"


class UserInputCodeAlreadyUsed(SuperTokensError):
    """The device has a code of this text already."""

    status = "USER_INPUT_CODE_ALREADY_USED_ERROR"


class PhoneNumberAlreadyExists(SuperTokensError):
    """Another passwordless login has this phone number in one of the tenants."""

    status = "PHONE_NUMBER_ALREADY_EXISTS_ERROR"
