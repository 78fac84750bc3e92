"""The example project with its own settings, and somebody who has just typed ``make run``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from example_project.settings import MAIL_BACKEND, SITE, SUPERTOKENS
from tests.mail import mail_settings
from tests.pages.visiting import NAVIGATION, Visitor


@pytest.fixture(autouse=True)
def _as_it_is_served() -> Iterator[None]:
    """With what its settings say of sign-in; only the limits are off, since all tests come from one address."""
    recipes = {**SUPERTOKENS, "RATE_LIMITS": {"ENABLED": False}}
    with override_settings(
        ROOT_URLCONF="example_project.urls", SUPERTOKENS=recipes, **mail_settings(MAIL_BACKEND)
    ):
        yield


@pytest.fixture
def newcomer() -> Visitor:
    """A browser, without JavaScript, at the address that ``make run`` names."""
    return Visitor(headers=NAVIGATION, origin=SITE)
