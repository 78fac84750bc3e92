"""SuperTokens' prebuilt button of a provider leads there and back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from example_project.settings import SUPERTOKENS
from supertokens_django.services import users
from tests.base import supertokens_settings
from tests.browser.conftest import Shot
from tests.browser.prebuilt_ui.screens import OpenScreens
from tests.browser.test_thirdparty import EMAIL, identify, provider
from tests.client import Mode
from tests.idp import lies
from tests.idp.personalities.google import Google
from tests.idp.provider import IdentityProvider


@pytest.fixture
def idp(website: str, api: str) -> Iterator[IdentityProvider]:
    recipes = [*SUPERTOKENS["RECIPES"], "thirdparty"]  # as with a client of Google's in the environment
    with provider(Google, website, api) as google, supertokens_settings(RECIPES=recipes):
        yield google


def test_who_accepts_is_in(idp: IdentityProvider, open_screens: OpenScreens, mode: Mode, shot: Shot) -> None:
    alice = idp.add_account("865", EMAIL)
    screens = open_screens("emailpassword", "thirdparty")
    screens.wait_for("Continue with Google")
    shot(screens.tab, f"prebuilt-ui-google-{mode}")
    screens.press("Continue with Google")
    identify(screens.tab, alice)
    screens.press("Accept")
    user_id = screens.user_id()
    assert users.get_user(user_id) is not None

    screens.press("Sign out")
    screens.press("Continue with Google")
    screens.press("Accept")
    assert screens.user_id() == user_id


def test_who_cancels_is_told(idp: IdentityProvider, open_screens: OpenScreens) -> None:
    screens = open_screens("emailpassword", "thirdparty")
    screens.press("Continue with Google")
    identify(screens.tab, idp.add_account("865", EMAIL))
    screens.press("Cancel")
    screens.wait_for("Something went wrong. Please try again.")
    assert users.get_user_count() == 0


def test_a_provider_that_fails(idp: IdentityProvider, open_screens: OpenScreens) -> None:
    """The prebuilt screen shows the text of the backend."""
    alice = idp.add_account("865", EMAIL)
    idp.lie(lies.ALL["unsigned"])
    screens = open_screens("emailpassword", "thirdparty")
    screens.press("Continue with Google")
    identify(screens.tab, alice)
    screens.press("Accept")
    screens.wait_for("Signing in with Google did not work.")
    assert users.get_user_count() == 0
