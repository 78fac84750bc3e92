"""Codes and links: with the frontend SDK's Passwordless recipe as it is, and on our own pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from supertokens_django.delivery.backends import locmem
from supertokens_django.services import users
from tests.base import Clock, supertokens_settings
from tests.browser.conftest import OpenFrontend, OpenTab, Shot
from tests.browser.frontend import Frontend
from tests.browser.pages import SCHEMES, fill_in, look, press
from tests.recipes.passwordless.device import (
    BOTH,
    EMAIL,
    NUMBER,
    RECIPES,
    RESTART,
    code_in,
    expired,
    incorrect,
    mailed_code,
    mailed_link,
    texts_of_sms,
    wrong,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["SCHEMES"]


@pytest.fixture
def _recipe_is_on(request: pytest.FixtureRequest) -> Iterator[None]:
    request.getfixturevalue("api" if "visitor" in request.fixturenames else "site")
    locmem.outbox.clear()
    with supertokens_settings(**RECIPES):
        yield


@pytest.mark.usefixtures("_recipe_is_on")
class TestSdk:
    def test_a_code_that_is_typed(self, visitor: Frontend) -> None:
        answer = visitor.call("sendCode", {"email": EMAIL})
        assert (answer["status"], answer["flowType"]) == ("OK", BOTH)
        code = mailed_code()
        assert visitor.call("typeCode", wrong(code)) == incorrect(1)
        assert visitor.call("resendCode") == {"status": "OK"}
        answer = visitor.call("typeCode", mailed_code())
        assert (answer["status"], answer["createdNewRecipeUser"]) == ("OK", True)
        assert answer["user"]["emails"] == [EMAIL]
        assert visitor.call("getUserId") == answer["user"]["id"]
        assert visitor.events() == ["SESSION_CREATED"]

    def test_wrong_codes_until_the_flow_starts_over(self, visitor: Frontend) -> None:
        visitor.call("sendCode", {"email": EMAIL})
        code = mailed_code()
        answers = [visitor.call("typeCode", wrong(code)) for _ in range(5)]
        assert answers == [incorrect(1), incorrect(2), incorrect(3), incorrect(4), RESTART]
        assert visitor.call("typeCode", code) == RESTART
        assert visitor.call("resendCode") == RESTART
        assert visitor.call("sendCode", {"email": EMAIL})["status"] == "OK"
        assert visitor.call("typeCode", mailed_code())["status"] == "OK"

    def test_a_code_that_has_expired(self, visitor: Frontend, server_clock: Clock) -> None:
        visitor.call("sendCode", {"email": EMAIL})
        code = mailed_code()
        server_clock.advance(timedelta(minutes=15, seconds=1))
        assert visitor.call("typeCode", code) == expired(1)
        assert visitor.call("resendCode") == {"status": "OK"}
        assert visitor.call("typeCode", code) == expired(2)
        assert visitor.call("typeCode", mailed_code())["status"] == "OK"

    def test_a_link_that_is_opened_in_another_browser(
        self, visitor: Frontend, open_frontend: OpenFrontend
    ) -> None:
        visitor.call("sendCode", {"email": EMAIL})
        assert visitor.call("isSameDevice") is True
        phone = open_frontend()
        phone.page.goto(mailed_link())
        assert phone.call("isSameDevice") is False  # a website asks for a click here
        answer = phone.call("followLink")
        assert (answer["status"], answer["createdNewRecipeUser"]) == ("OK", True)
        assert phone.is_signed_in()
        assert not visitor.is_signed_in()
        assert visitor.call("typeCode", mailed_code()) == RESTART

    def test_a_number(self, visitor: Frontend) -> None:
        assert visitor.call("isNumberTaken", NUMBER)["doesExist"] is False
        visitor.call("sendCode", {"phoneNumber": NUMBER})
        assert visitor.call("typeCode", code_in(texts_of_sms()[0]))["status"] == "OK"
        assert visitor.call("isNumberTaken", NUMBER)["doesExist"] is True


@pytest.mark.usefixtures("_recipe_is_on")
class TestPages:
    def ask(self, tab: Page, contact: str = EMAIL, path: str = "/auth/?show=code&next=/protected/") -> None:
        tab.goto(path)
        fill_in(tab, contact=contact)
        press(tab, "Continue")
        tab.get_by_role("heading", name="Enter the code").wait_for()

    def test_looks(self, tab: Page, shot: Shot, axe: str) -> None:
        tab.goto("/auth/")
        look(tab, "sign-in-or-code", shot, axe)
        tab.get_by_role("link", name="Sign in with a code instead").click()
        look(tab, "code-contact", shot, axe)
        fill_in(tab, contact="0301234567")
        press(tab, "Continue")
        tab.get_by_role("alert").wait_for()
        look(tab, "code-contact-refused", shot, axe)
        self.ask(tab)
        look(tab, "code", shot, axe)
        fill_in(tab, code=wrong(mailed_code()))
        press(tab, "Sign in")
        tab.get_by_text("This is not the code. 4 tries are left.").wait_for()
        look(tab, "code-wrong", shot, axe)

    def test_the_link_looks(self, tab: Page, open_tab: OpenTab, shot: Shot, axe: str) -> None:
        self.ask(tab)
        phone = open_tab()
        phone.goto(mailed_link())
        look(phone, "code-link", shot, axe)
        phone.goto(mailed_link().partition("#")[0] + "&x=1")
        phone.get_by_text("The link is not complete.").wait_for()
        look(phone, "code-link-broken", shot, axe)

    def test_the_code_signs_in_and_leads_on(self, tab: Page) -> None:
        self.ask(tab)
        assert tab.get_by_role("button", name="Send it again in").is_disabled()
        fill_in(tab, code=mailed_code())
        press(tab, "Sign in")
        tab.get_by_role("heading", name="You are in").wait_for()

    def test_the_link_signs_in_at_once_where_it_was_asked_for(self, tab: Page) -> None:
        self.ask(tab)
        tab.goto(mailed_link())
        tab.get_by_role("heading", name="You are in").wait_for()
        assert "#" not in tab.url

    def test_elsewhere_the_link_asks_for_a_click(self, tab: Page, open_tab: OpenTab) -> None:
        self.ask(tab)
        phone = open_tab()
        phone.goto(mailed_link())
        phone.wait_for_load_state("networkidle")
        assert users.get_user_count() == 0
        press(phone, "Sign in")
        phone.get_by_role("heading", name="You are in").wait_for()

    def test_without_javascript_the_code_does_it(self, open_tab: OpenTab) -> None:
        tab = open_tab(java_script_enabled=False)
        self.ask(tab)
        tab.goto(mailed_link())
        tab.get_by_role("link", name="Enter the code instead").click()
        fill_in(tab, code=mailed_code())
        press(tab, "Sign in")
        tab.wait_for_url(lambda url: "/auth/" not in url)
        assert users.get_user_count() == 1
