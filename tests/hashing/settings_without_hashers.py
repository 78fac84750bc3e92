"""The tests' settings of a project that says nothing about ``PASSWORD_HASHERS``."""

from tests.settings import *  # noqa: F403

del PASSWORD_HASHERS  # noqa: F821
