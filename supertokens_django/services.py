"""The public door to every recipe: one typed lazy object each, the configured service."""

from supertokens_django.delivery.service import delivery
from supertokens_django.limits.service import ratelimits
from supertokens_django.recipes.emailpassword.service import emailpassword
from supertokens_django.recipes.emailverification.service import emailverification
from supertokens_django.recipes.jwt.service import jwt_service as jwt
from supertokens_django.recipes.openid.service import openid
from supertokens_django.recipes.passwordless.service import passwordless
from supertokens_django.recipes.session.service import session
from supertokens_django.recipes.thirdparty.service import thirdparty
from supertokens_django.recipes.usermetadata.service import usermetadata
from supertokens_django.recipes.userroles.service import userroles
from supertokens_django.users.service import users

__all__ = [
    "delivery",
    "emailpassword",
    "emailverification",
    "jwt",
    "openid",
    "passwordless",
    "ratelimits",
    "session",
    "thirdparty",
    "usermetadata",
    "userroles",
    "users",
]
