"""The example project, made ready for tests.

``TEST_DATABASE`` chooses the database (``sqlite``, ``postgres`` or ``mariadb``), ``TEST_DB_SUFFIX`` gives the
test database a name of its own, so that two runs on one server do not meet.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from example_project.settings import *  # noqa: F403
from example_project.settings import DATABASE_CHOICES
from example_project.settings import SUPERTOKENS as EXAMPLE
from tests.mail import mail_settings

TEST_DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
TEST_DB_SUFFIX = os.environ.get("TEST_DB_SUFFIX", "")


def _test_database() -> dict[str, Any]:
    chosen = DATABASE_CHOICES[TEST_DATABASE]
    if TEST_DATABASE != "sqlite":
        name = "_".join(part for part in ("test_supertokens_django", TEST_DB_SUFFIX) if part)
        options = {**chosen.get("OPTIONS", {}), **UNSAFE_OPTIONS.get(TEST_DATABASE, {})}
        return {
            **chosen,
            "OPTIONS": options,
            "TEST": {"NAME": name, **TEST_OPTIONS.get(TEST_DATABASE, {})},
        }
    # A file, because threads cannot wait for each other on a database in memory; never synced, as it is
    # thrown away in the end.
    file = Path(tempfile.gettempdir()) / f"test_supertokens_django_{TEST_DB_SUFFIX or os.getpid()}.sqlite3"
    options = {**chosen["OPTIONS"], "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"}
    return {**chosen, "OPTIONS": options, "TEST": {"NAME": file}}


# What is thrown away in the end need not be on the disk when a transaction ends.
UNSAFE_OPTIONS = {"postgres": {"options": "-c synchronous_commit=off"}}
TEST_OPTIONS = {"mariadb": {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"}}
DATABASES = {"default": _test_database()}

DEBUG = False
SECRET_KEY = "the secret of the tests, long enough for every signature in them"
ALLOWED_HOSTS = ["*"]
# Not for a fixture to set: each change makes the URL resolver anew, and what the old ones leave in asgiref's contexts
# makes every asynchronous test slower than the one before it.
ROOT_URLCONF = "tests.urls"

# Fast hashes for what tests make themselves; the real hashers stay known for the tests that are about them.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.BCryptPasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
]

vars().update(mail_settings("django.core.mail.backends.locmem.EmailBackend"))
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# One recipe, and what else a test is about it turns on. That goes for the limits, too: every test comes from one
# address and signs the same people in.
SUPERTOKENS = {
    **{name: EXAMPLE[name] for name in ("APP_NAME", "API_DOMAIN", "WEBSITE_DOMAIN")},
    "RECIPES": ["emailpassword"],
    "RATE_LIMITS": {"ENABLED": False},
}
