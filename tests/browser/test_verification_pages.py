"""Our own pages about an e-mail that is to be verified, in Chromium: looked at, measured by axe-core, and used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from supertokens_django.models import LoginMethod
from supertokens_django.services import emailverification
from tests.base import ALICE, BOB, supertokens_settings
from tests.browser.conftest import OpenTab, Shot
from tests.browser.pages import fill_in, look, press
from tests.mail import outbox
from tests.recipes.emailverification.verification import link_in, the_mail

if TYPE_CHECKING:
    from playwright.sync_api import Page

WRONG = "alcie@example.com"


@pytest.fixture(autouse=True)
def _required(site: str) -> Iterator[None]:
    with supertokens_settings(
        RECIPES=["emailpassword", "emailverification"], EMAILVERIFICATION={"MODE": "REQUIRED"}
    ):
        yield


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def any_tab(request: pytest.FixtureRequest, open_tab: OpenTab) -> Page:
    """With JavaScript and without."""
    return open_tab(java_script_enabled=request.param)


def sign_up(tab: Page, email: str = ALICE.email) -> None:
    tab.goto("/auth/?show=signup&next=/protected/")
    fill_in(tab, email=email, password=ALICE.password)
    press(tab, "Create account")
    tab.get_by_role("heading", name="Check your e-mail").wait_for()


def path_of_the_link() -> str:
    """Where the link of the only mail leads, which is taken out of the box."""
    parts = urlsplit(link_in(the_mail()))
    outbox().clear()
    return f"{parts.path}?{parts.query}"


class TestLooks:
    def test_the_page_that_waits(self, tab: Page, shot: Shot, axe: str) -> None:
        sign_up(tab)
        look(tab, "verify-email-sent", shot, axe)
        tab.goto("/auth/verify-email")
        look(tab, "verify-email", shot, axe)
        tab.get_by_text("Wrong address?").click()
        look(tab, "verify-email-correction", shot, axe)
        fill_in(tab, email=BOB.email, password=BOB.password)
        tab.locator("details").get_by_role("button", name="Send link").click()
        tab.get_by_text("This is not your password.").wait_for()
        look(tab, "verify-email-correction-refused", shot, axe)

    def test_the_landing_page(self, tab: Page, shot: Shot, axe: str) -> None:
        sign_up(tab)
        tab.goto(path_of_the_link())
        look(tab, "confirm-email", shot, axe)
        press(tab, "Confirm the address")
        tab.get_by_text("Your e-mail address is confirmed.").wait_for()
        look(tab, "confirm-email-done", shot, axe)
        tab.goto("/auth/verify-email?token=nonsense")
        press(tab, "Confirm the address")
        tab.get_by_role("alert").wait_for()
        look(tab, "confirm-email-refused", shot, axe)


class TestUse:
    def test_a_link_opened_on_a_phone_lets_the_desk_in(self, any_tab: Page, open_tab: OpenTab) -> None:
        sign_up(any_tab)
        phone = open_tab(java_script_enabled=False)
        phone.goto(path_of_the_link())
        (method,) = LoginMethod.objects.all()
        assert not emailverification.is_email_verified(method.id)
        press(phone, "Confirm the address")
        phone.get_by_text("Your e-mail address is confirmed.").wait_for()
        any_tab.get_by_role("link", name="I have opened the link").click()
        any_tab.get_by_role("heading", name="You are in").wait_for()

    def test_who_is_in_a_hurry_stays_and_can_have_it_sent_again(self, any_tab: Page) -> None:
        sign_up(any_tab)
        any_tab.get_by_role("link", name="I have opened the link").click()
        any_tab.get_by_role("heading", name="Confirm your address").wait_for()
        (method,) = LoginMethod.objects.all()
        assert not emailverification.is_email_verified(method.id)
        outbox().clear()
        press(any_tab, "Send link")
        any_tab.get_by_role("heading", name="Check your e-mail").wait_for()
        any_tab.goto(path_of_the_link())
        press(any_tab, "Confirm the address")
        any_tab.goto("/protected/")
        any_tab.get_by_role("heading", name="You are in").wait_for()
        assert emailverification.is_email_verified(method.id)

    def test_a_mistyped_address_is_corrected(self, any_tab: Page) -> None:
        sign_up(any_tab, WRONG)
        outbox().clear()
        any_tab.get_by_text("Wrong address?").click()
        fill_in(any_tab, email=ALICE.email, password=ALICE.password)
        press(any_tab, "Send link")
        any_tab.get_by_text("We have sent a link to the new address.").wait_for()
        any_tab.goto(path_of_the_link())
        press(any_tab, "Confirm the address")
        any_tab.get_by_text("Your e-mail address is confirmed.").wait_for()
        any_tab.goto("/protected/")
        any_tab.get_by_role("heading", name="You are in").wait_for()
        assert [method.email for method in LoginMethod.objects.all()] == [ALICE.email]
