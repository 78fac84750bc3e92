"""SuperTokens' prebuilt React screens, unmodified, against this backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core import mail

from supertokens_django.services import users
from tests.base import ALICE
from tests.browser.conftest import OpenProfile, Shot, Sites
from tests.client import Mode

if TYPE_CHECKING:
    from playwright.sync_api import Page

NEW_PASSWORD = "looking glass 1871"


@pytest.fixture
def website(sites: Sites, react_port: int) -> str:
    return f"http://{sites.website_host}:{react_port}"


@pytest.fixture
def tab(open_profile: OpenProfile, website: str) -> Page:
    tab = open_profile().new_page()
    tab.goto(website)
    return tab


def _fill_in(tab: Page, password: str = ALICE.password) -> None:
    tab.fill("input[name=email]", ALICE.email)
    tab.fill("input[name=password]", password)


def _press(tab: Page, button: str) -> None:
    tab.get_by_role("button", name=button).click()


def _wait_for(tab: Page, text: str) -> None:
    tab.get_by_text(text).wait_for()


def _sign_up(tab: Page) -> None:
    tab.get_by_text("Sign Up", exact=True).click()
    _fill_in(tab)
    _press(tab, "SIGN UP")
    tab.get_by_role("heading", name="Welcome").wait_for()


def test_a_visitor_signs_up_out_and_in(tab: Page, website: str, mode: Mode, shot: Shot) -> None:
    tab.get_by_role("button", name="SIGN IN").wait_for()
    assert tab.url.startswith(f"{website}/auth/")
    shot(tab, f"prebuilt-ui-sign-in-{mode}")

    _sign_up(tab)
    (user,) = users.get_users_newest_first("public").users
    assert tab.locator("#user-id").inner_text() == user.id

    _press(tab, "Sign out")
    _fill_in(tab)
    _press(tab, "SIGN IN")
    assert tab.locator("#user-id").inner_text() == user.id


def test_the_screens_show_the_words_of_the_backend(tab: Page, mode: Mode, shot: Shot) -> None:
    _sign_up(tab)
    _press(tab, "Sign out")

    _fill_in(tab, "wonderland 1866")
    _press(tab, "SIGN IN")
    _wait_for(tab, "Incorrect email and password combination")

    tab.get_by_text("Sign Up", exact=True).click()
    _fill_in(tab)
    _press(tab, "SIGN UP")
    _wait_for(tab, "This email already exists. Please sign in instead.")
    shot(tab, f"prebuilt-ui-email-taken-{mode}")


def test_a_forgotten_password_is_replaced(tab: Page, mode: Mode, shot: Shot) -> None:
    _sign_up(tab)
    _press(tab, "Sign out")
    tab.get_by_text("Forgot password?").click()
    tab.fill("input[name=email]", ALICE.email)
    _press(tab, "Email me")
    _wait_for(tab, "A password reset email has been sent to")

    (link,) = (word for word in str(mail.outbox[0].body).split() if word.startswith("http"))
    tab.goto(link)
    tab.fill("input[name=password]", NEW_PASSWORD)
    tab.fill("input[name=confirm-password]", NEW_PASSWORD)
    shot(tab, f"prebuilt-ui-new-password-{mode}")
    _press(tab, "CHANGE PASSWORD")
    _wait_for(tab, "Success!")
