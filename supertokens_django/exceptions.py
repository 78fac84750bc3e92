"""Errors that reach a client, each carrying its FDI ``status`` or HTTP status, and those of the session.

Verbs of the services return the one good value; every other outcome that the wire names is one of these classes, or of
a room's own ``exceptions.py``.  :func:`supertokens_django.recipes.session.outputs.error_response` is the one place that
turns them into responses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class SuperTokensError(Exception):
    """Base of every outcome that is not the good one."""

    status: ClassVar[str] = ""
    http_status: ClassVar[int] = 200

    def body(self) -> dict[str, Any]:
        """The JSON body that a client receives."""
        return {"status": self.status}

    def headers(self) -> Mapping[str, str]:
        """Headers that go with it."""
        return {}


class GeneralError(SuperTokensError):
    """A refusal with a text for the user; a service, gate or guard raises it (FDI ``GENERAL_ERROR``)."""

    status = "GENERAL_ERROR"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def body(self) -> dict[str, Any]:
        return {"status": self.status, "message": self.message}


class NotAllowedError(SuperTokensError):
    """A refusal that tells why, in a text of FDI that frontends look up; rooms derive theirs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def body(self) -> dict[str, Any]:
        return {"status": self.status, "reason": self.reason}


class BadInputError(SuperTokensError):
    """The request is malformed; HTTP 400 with the text."""

    http_status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def body(self) -> dict[str, Any]:
        return {"message": self.message}


class UnknownTenantError(BadInputError):
    """The tenant named in the URL or in a call does not exist."""

    def __init__(self, tenant_id: str) -> None:
        super().__init__(f"Tenant with the following tenantId not found: {tenant_id}")


class FieldError(SuperTokensError):
    """One or more form fields are not acceptable (FDI ``FIELD_ERROR``)."""

    status = "FIELD_ERROR"

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__(", ".join(field for field, _ in errors))
        self.errors = tuple(errors)

    def body(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "formFields": [{"id": field, "error": text} for field, text in self.errors],
        }


class SessionError(SuperTokensError):
    """A session is missing or not good enough; the status codes are settings of the session recipe."""

    message: ClassVar[str] = ""

    def body(self) -> dict[str, Any]:
        return {"message": self.message}


class UnauthorisedError(SessionError):
    """There is no session.  With ``clear_tokens`` the client is told to drop all of its tokens."""

    message = "unauthorised"

    def __init__(self, reason: str = "", clear_tokens: bool = True) -> None:
        super().__init__(reason)
        self.clear_tokens = clear_tokens


class TryRefreshTokenError(SessionError):
    """The access token cannot be used; the client should refresh and repeat the request."""

    message = "try refresh token"


class TokenTheftError(SessionError):
    """A refresh token that was already replaced came back after the grace period; its session has been revoked."""

    message = "token theft detected"

    def __init__(self, session_handle: str, user_id: str, recipe_user_id: str) -> None:
        super().__init__("a refresh token was used again")
        self.session_handle = session_handle
        self.user_id = user_id
        self.recipe_user_id = recipe_user_id


class InvalidClaimsError(SessionError):
    """The session is valid but some of its claims are not; ``errors`` are in the shape of the wire."""

    message = "invalid claim"

    def __init__(self, errors: Sequence[dict[str, Any]]) -> None:
        super().__init__(", ".join(str(error.get("id")) for error in errors))
        self.errors = list(errors)

    def body(self) -> dict[str, Any]:
        return {"message": self.message, "claimValidationErrors": self.errors}


class ClearDuplicateSessionCookiesError(SessionError):
    """A refresh came with the same cookie twice; the ones of the older domain are cleared first (FDI)."""

    message = (
        "The request contains multiple session cookies. We are clearing the cookie from older_cookie_domain. "
        "Session will be refreshed in the next refresh call."
    )


class DuplicateSessionCookiesError(SessionError):
    """A refresh came with a cookie twice and ``OLDER_COOKIE_DOMAIN`` is not set: HTTP 500, as frontends expect."""

    http_status = 500
    message = (
        "The request contains multiple session cookies. This may happen if you've changed the 'cookie_domain' setting. "
        "To clear the tokens from the previous domain, set 'older_cookie_domain' in your config."
    )


class InsecureCookieError(SessionError):
    """Cookies of a cross-site frontend need https (FDI); a mistake of configuration, found when a session is made."""

    http_status = 500
    message = (
        "Since your API and website domain are different, for sessions to work, please use https on your apiDomain "
        "and don't set cookieSecure to false."
    )
