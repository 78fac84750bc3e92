"""The admin of all rooms, where Django looks for it."""

from supertokens_django.recipes.jwt.admin import SigningKeyAdmin
from supertokens_django.recipes.multitenancy.admin import TenantAdmin
from supertokens_django.recipes.session.admin import SessionAdmin
from supertokens_django.recipes.thirdparty.admin import ThirdPartyProviderAdmin
from supertokens_django.recipes.usermetadata.admin import UserMetadataAdmin
from supertokens_django.recipes.userroles.admin import RoleAdmin, UserRoleAdmin
from supertokens_django.users.admin import UserAdmin

__all__ = [
    "RoleAdmin",
    "SessionAdmin",
    "SigningKeyAdmin",
    "TenantAdmin",
    "ThirdPartyProviderAdmin",
    "UserAdmin",
    "UserMetadataAdmin",
    "UserRoleAdmin",
]
