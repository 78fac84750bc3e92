"""Django REST framework: authentication by a session, permissions by its claims, and both for drf-spectacular."""

from importlib.util import find_spec

from supertokens_django.contrib.rest_framework.authentication import SuperTokensAuthentication
from supertokens_django.contrib.rest_framework.permissions import (
    HasClaim,
    HasPermission,
    HasRole,
    IsEmailVerified,
)

if find_spec("drf_spectacular") is not None:
    from supertokens_django.contrib.rest_framework import openapi as _openapi  # noqa: F401 - registers itself

__all__ = ["HasClaim", "HasPermission", "HasRole", "IsEmailVerified", "SuperTokensAuthentication"]
