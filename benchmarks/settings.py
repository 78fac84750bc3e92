"""Settings of the project that is measured; the environment says which one, and where its database is.

``BENCHMARKS_PEER``: a module of ``benchmarks.peers``; ``BENCHMARKS_DATABASE``: ``sqlite`` or ``postgres``;
``BENCHMARKS_NAME``: the file or the name of the database; ``BENCHMARKS_HASHER``: ``fast`` or ``argon2``.
"""

import os

from benchmarks import databases, peers
from benchmarks.cases import BARE_MIDDLEWARE

peer = peers.current()

DATABASES = {
    "default": databases.settings(
        os.environ.get("BENCHMARKS_DATABASE", "sqlite"), os.environ.get("BENCHMARKS_NAME", ":memory:")
    )
}
HASHERS = {
    # Costs nothing, so that what is measured is the library's.
    "fast": "django.contrib.auth.hashers.MD5PasswordHasher",
    "argon2": "django.contrib.auth.hashers.Argon2PasswordHasher",
}
PASSWORD_HASHERS = [HASHERS[os.environ.get("BENCHMARKS_HASHER", "fast")]]

INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", *peer.apps]
MIDDLEWARE = [*BARE_MIDDLEWARE, *peer.middleware]
ROOT_URLCONF = "benchmarks.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ALLOWED_HOSTS = ["testserver"]
DEBUG = False
USE_TZ = True
SECRET_KEY = "for measuring only, and long enough for every signature that is made with it"

globals().update(peer.settings())
