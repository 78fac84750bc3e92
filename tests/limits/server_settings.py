"""The example project behind one proxy, with its limits in a Redis that several servers share."""

import os

from example_project.settings import *  # noqa: F403
from example_project.settings import DATABASE_CHOICES
from example_project.settings import SUPERTOKENS as EXAMPLE

DATABASES = {"default": {**DATABASE_CHOICES["sqlite"], "NAME": os.environ["LIMITS_DATABASE"]}}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "limits": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["LIMITS_REDIS"],
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    },
}
SUPERTOKENS = {
    **EXAMPLE,
    "TRUSTED_PROXY_COUNT": 1,
    "RATE_LIMITS": {"CACHE": "limits"},
}
DEBUG = False
SECRET_KEY = "the secret of the servers that share their limits, long enough for every signature"
ALLOWED_HOSTS = ["127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
