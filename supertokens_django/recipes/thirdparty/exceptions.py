"""Outcomes of the third-party recipe."""

from __future__ import annotations

from supertokens_django.exceptions import BadInputError, GeneralError, SuperTokensError
from supertokens_django.flow.exceptions import ANOTHER_METHOD, SignInUpNotAllowed
from supertokens_django.users.exceptions import UnknownUserId

__all__ = [
    "NoEmailGivenByProvider",
    "ProviderFailure",
    "ProviderMisconfigured",
    "ProviderTokensExpired",
    "SignInUpNotAllowed",
    "UnknownClientType",
    "UnknownProvider",
    "UnknownUserId",
]


class UnknownProvider(BadInputError):
    """The tenant has no such provider."""

    def __init__(self, third_party_id: str) -> None:
        super().__init__(f"the provider {third_party_id} could not be found in the configuration")


class UnknownClientType(BadInputError):
    """The provider has no client of this type, or several and none was named."""

    def __init__(self, third_party_id: str, client_type: str | None) -> None:
        text = (
            f"the provider {third_party_id} has several clients; please provide the clientType"
            if client_type is None
            else f"the provider {third_party_id} has no client with the clientType {client_type}"
        )
        super().__init__(text)


class NoEmailGivenByProvider(SuperTokensError):
    """The provider has told no e-mail address, and one is required (FDI)."""

    status = "NO_EMAIL_GIVEN_BY_PROVIDER"


SIGN_IN_REFUSED = ANOTHER_METHOD.format("004")
SIGN_UP_REFUSED = ANOTHER_METHOD.format("006")
EMAIL_TAKEN = (
    "Cannot sign in / up because new email cannot be applied to existing account. "
    "Please contact support. (ERR_CODE_005)"
)


class ProviderFailure(GeneralError):
    """The provider did not do its part, or sent what must not be believed.

    The user reads a calm text; ``reason`` is for the project's log.  It has no secrets in it.
    ``provider_status`` is the HTTP status where the provider refused a request by one.
    """

    is_final = False
    """Whether trying again is of no use: what was sent is good no more."""

    def __init__(self, provider_name: str, reason: str, provider_status: int | None = None) -> None:
        super().__init__(
            f"Signing in with {provider_name} did not work. Please try again or use another way."
        )
        self.provider_name = provider_name
        self.reason = reason
        self.provider_status = provider_status


class ProviderMisconfigured(ProviderFailure):
    """What the project has configured for the provider does not do."""


class ProviderTokensExpired(SuperTokensError):
    """The kept access token has expired, and there is no refresh token that the provider still takes."""
