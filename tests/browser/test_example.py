"""The example project's own pages in Chromium, as ``make run`` serves them: looked at, and measured by axe-core."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from example_project.settings import SUPERTOKENS
from supertokens_django.services import emailverification
from tests.base import ALICE, sign_up, supertokens_settings
from tests.browser.conftest import Shot
from tests.browser.pages import fill_in, look, press

if TYPE_CHECKING:
    from playwright.sync_api import Page

SECTIONS = ("RECIPES", "PASSWORDLESS", "EMAILVERIFICATION", "DJANGO_USER", "SMS_BACKEND")


@pytest.fixture(autouse=True)
def _as_it_is_served(site: str) -> Iterator[None]:
    chosen: dict[str, Any] = {name: SUPERTOKENS[name] for name in SECTIONS}
    with supertokens_settings(**chosen):
        yield


def test_every_page_is_looked_at(tab: Page, shot: Shot, axe: str) -> None:
    emailverification.mark_email_verified(sign_up(ALICE))
    tab.goto("/")
    assert tab.get_by_role("link", name="Sign in with a code").get_attribute("href") == "/auth/?show=code"
    look(tab, "example-home", shot, axe)
    tab.goto("/auth/?next=/verified/")
    fill_in(tab, email=ALICE.email, password=ALICE.password)
    press(tab, "Sign in")
    tab.get_by_role("heading", name="Your address is verified").wait_for()
    look(tab, "example-verified", shot, axe)
    tab.goto("/protected/")
    look(tab, "example-protected", shot, axe)
    tab.goto("/")
    tab.get_by_role("heading", name=f"Welcome, {ALICE.email}").wait_for()
    look(tab, "example-home-signed-in", shot, axe)
