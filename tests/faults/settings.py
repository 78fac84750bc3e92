"""The example project on a database of its own, served by real workers that are killed."""

import os

from example_project.settings import *  # noqa: F403
from example_project.settings import DATABASE_CHOICES
from example_project.settings import SUPERTOKENS as EXAMPLE

DATABASES = {
    "default": {**DATABASE_CHOICES[os.environ["FAULTS_DATABASE"]], "NAME": os.environ["FAULTS_NAME"]}
}
DEBUG = False
SECRET_KEY = "the secret of the servers that are killed, long enough for every signature"
ALLOWED_HOSTS = ["127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A crowd from one address.
SUPERTOKENS = {**EXAMPLE, "RATE_LIMITS": {"ENABLED": False}}
