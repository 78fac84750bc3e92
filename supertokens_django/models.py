"""The models of all rooms, where Django looks for them."""

from supertokens_django.recipes.emailpassword.models import Password, PasswordResetToken
from supertokens_django.recipes.emailverification.models import EmailVerificationToken
from supertokens_django.recipes.jwt.models import SigningKey
from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.recipes.passwordless.models import PasswordlessCode, PasswordlessDevice
from supertokens_django.recipes.session.models import Session
from supertokens_django.recipes.thirdparty.models import (
    ProviderTokens,
    ThirdPartyProvider,
    ThirdPartyProviderClient,
)
from supertokens_django.recipes.usermetadata.models import UserMetadata
from supertokens_django.recipes.userroles.models import Role, RolePermission, UserRole
from supertokens_django.users.models import (
    DjangoUserLink,
    LoginIdentity,
    LoginMethod,
    User,
    UserIdMapping,
    VerifiedEmail,
)

__all__ = [
    "DjangoUserLink",
    "EmailVerificationToken",
    "LoginIdentity",
    "LoginMethod",
    "Password",
    "PasswordResetToken",
    "PasswordlessCode",
    "PasswordlessDevice",
    "ProviderTokens",
    "Role",
    "RolePermission",
    "Session",
    "SigningKey",
    "Tenant",
    "ThirdPartyProvider",
    "ThirdPartyProviderClient",
    "User",
    "UserIdMapping",
    "UserMetadata",
    "UserRole",
    "VerifiedEmail",
]
