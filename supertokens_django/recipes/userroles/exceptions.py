"""Outcomes of the verbs on roles."""

from __future__ import annotations

from supertokens_django.exceptions import SuperTokensError


class UnknownRole(SuperTokensError):
    """There is no such role."""

    status = "UNKNOWN_ROLE_ERROR"
