"""The tests' settings of a project that says nothing about where to go after signing in and out."""

from tests.settings import *  # noqa: F403

del LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL  # noqa: F821
