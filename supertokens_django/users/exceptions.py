"""Outcomes of the verbs on users."""

from __future__ import annotations

from supertokens_django.exceptions import BadInputError, SuperTokensError


class IdentityTaken(SuperTokensError):
    """Another login method of the same recipe has this e-mail, phone number or provider account in the tenant."""


class EmailAlreadyExists(SuperTokensError):
    """Another login method of the same recipe has this e-mail in one of the tenants."""

    status = "EMAIL_ALREADY_EXISTS_ERROR"


class UnknownUserId(SuperTokensError):
    """No user has this id (FDI)."""

    status = "UNKNOWN_USER_ID_ERROR"


class UnknownSuperTokensUserId(SuperTokensError):
    """The id to be mapped belongs to no user."""

    status = "UNKNOWN_SUPERTOKENS_USER_ID_ERROR"


class UserIdMappingAlreadyExists(SuperTokensError):
    """One of the two ids is mapped already."""

    status = "USER_ID_MAPPING_ALREADY_EXISTS_ERROR"

    def __init__(self, *, does_supertokens_user_id_exist: bool, does_external_user_id_exist: bool) -> None:
        super().__init__("user id mapping already exists")
        self.does_supertokens_user_id_exist = does_supertokens_user_id_exist
        self.does_external_user_id_exist = does_external_user_id_exist


class UnknownMapping(SuperTokensError):
    """The id is not mapped."""

    status = "UNKNOWN_MAPPING_ERROR"


class UserIdInUse(BadInputError):
    """The id already has sessions or other data, which a mapping would orphan; ``force`` maps it all the same."""
