"""Outcomes of the session recipe beside the errors that all rooms share."""

from __future__ import annotations

from typing import Any

from supertokens_django.exceptions import SuperTokensError


class SessionDoesNotExist(SuperTokensError):
    """No session has this handle (FDI)."""

    status = "SESSION_DOES_NOT_EXIST_ERROR"


class ImpersonationForbidden(SuperTokensError):
    """Somebody may not act as this user; HTTP 403 with the reason."""

    http_status = 403

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def body(self) -> dict[str, Any]:
        return {"message": self.message}
