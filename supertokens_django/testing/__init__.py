"""For the tests of projects: signed-in test clients, users, a clock that stands still.  Real sessions, no network."""

from supertokens_django.testing.clients import (
    SuperTokensAsyncClient,
    SuperTokensClient,
    SuperTokensClientMixin,
    aforce_login,
    alogout,
    arefresh,
    force_login,
    logout,
    refresh,
)
from supertokens_django.testing.clocks import Clock, frozen_time
from supertokens_django.testing.keys import reused_signing_keys
from supertokens_django.testing.limits import rate_limits
from supertokens_django.testing.people import acreate_user, create_user

__all__ = [
    "Clock",
    "SuperTokensAsyncClient",
    "SuperTokensClient",
    "SuperTokensClientMixin",
    "acreate_user",
    "aforce_login",
    "alogout",
    "arefresh",
    "create_user",
    "force_login",
    "frozen_time",
    "logout",
    "rate_limits",
    "refresh",
    "reused_signing_keys",
]
