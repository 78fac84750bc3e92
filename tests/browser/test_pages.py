"""Our own pages in Chromium: looked at, measured by axe-core, used with the keyboard and without JavaScript."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.base import ALICE, BOB, sign_up, supertokens_settings
from tests.browser.conftest import OpenTab, Shot
from tests.browser.pages import POLICY, SCHEMES, fill_in, look, press, violations
from tests.mail import outbox
from tests.recipes.emailpassword.mailbox import link_in, the_mail

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["SCHEMES"]

FOR_MEMBERS = ("/auth/?next=/", "/auth/sign-out", "/auth/account")
PAGES = (
    "/auth/",
    "/auth/?show=signup",
    "/auth/reset-password",
    "/auth/reset-password?notice=link-sent",
    "/auth/reset-password?token=nonsense",
    *FOR_MEMBERS,
)


class TestLooks:
    """Each page in each state: nothing for axe to complain about, nothing wider than a phone; pictures are kept."""

    FIELDS = ({"id": "name"}, {"id": "company", "optional": True})

    def test_sign_in(self, tab: Page, shot: Shot, axe: str) -> None:
        sign_up(ALICE)
        tab.goto("/auth/")
        look(tab, "sign-in", shot, axe)
        fill_in(tab, email=ALICE.email, password=BOB.password)
        press(tab, "Sign in")
        tab.get_by_role("alert").wait_for()
        look(tab, "sign-in-refused", shot, axe)
        tab.goto("/auth/?notice=password-changed")
        look(tab, "sign-in-after-reset", shot, axe)

    def test_sign_up(self, tab: Page, shot: Shot, axe: str) -> None:
        tab.goto("/auth/?show=signup")
        look(tab, "sign-up", shot, axe)
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": list(self.FIELDS)}):
            tab.reload()
            fill_in(tab, email="nonsense", password="short", company="Acme & Sons")
            press(tab, "Create account")
            tab.get_by_text("Enter a valid e-mail address.").wait_for()
            look(tab, "sign-up-refused", shot, axe)

    def test_password_reset(self, tab: Page, shot: Shot, axe: str) -> None:
        sign_up(ALICE)
        tab.goto("/auth/reset-password")
        look(tab, "reset-password", shot, axe)
        fill_in(tab, email=ALICE.email)
        press(tab, "Send link")
        tab.get_by_role("heading", name="Check your e-mail").wait_for()
        look(tab, "link-sent", shot, axe)
        tab.goto(link_in(the_mail()))
        look(tab, "new-password", shot, axe)
        tab.goto("/auth/reset-password?token=nonsense")
        fill_in(tab, password=BOB.password)
        press(tab, "Change password")
        tab.get_by_role("alert").wait_for()
        look(tab, "new-password-refused", shot, axe)

    def test_being_signed_in(self, tab: Page, shot: Shot, axe: str) -> None:
        tab.goto("/auth/?show=signup&next=/auth/")
        fill_in(tab, email=ALICE.email, password=ALICE.password)
        press(tab, "Create account")
        tab.get_by_role("heading", name="You are signed in").wait_for()
        look(tab, "signed-in", shot, axe)
        tab.goto("/auth/sign-out")
        look(tab, "sign-out", shot, axe)

    def test_the_mail(self, open_tab: OpenTab, site: str, shot: Shot, axe: str) -> None:
        tab = open_tab()
        sign_up(ALICE)
        tab.goto("/auth/reset-password")
        fill_in(tab, email=ALICE.email)
        press(tab, "Send link")
        tab.get_by_role("heading", name="Check your e-mail").wait_for()
        tab.goto("about:blank")  # mails are no pages of this site
        tab.set_content(str(the_mail().alternatives[0][0]))
        for scheme in SCHEMES:
            tab.emulate_media(color_scheme=scheme)
            shot(tab, f"mail-reset-password-{scheme}")
            assert violations(tab, axe, disabled=["region", "landmark-one-main"]) == []


class TestUse:
    """The way of a visitor, told by what they see."""

    def test_without_javascript(self, open_tab: OpenTab) -> None:
        tab = open_tab(java_script_enabled=False)
        tab.goto("/protected/")
        tab.get_by_role("link", name="Create an account").click()
        fill_in(tab, email=ALICE.email, password=ALICE.password)
        press(tab, "Create account")
        tab.get_by_role("heading", name="You are in").wait_for()
        press(tab, "Sign out")
        tab.get_by_role("heading", name="Sign-in that lives in your Django project").wait_for()
        tab.goto("/protected/")
        tab.get_by_role("link", name="Forgot your password?").click()
        fill_in(tab, email=ALICE.email)
        press(tab, "Send link")
        tab.get_by_role("heading", name="Check your e-mail").wait_for()
        tab.goto(link_in(the_mail()))
        fill_in(tab, password=BOB.password)
        press(tab, "Change password")
        tab.get_by_text("Your password has been changed.").wait_for()
        fill_in(tab, email=ALICE.email, password=BOB.password)
        press(tab, "Sign in")
        tab.get_by_role("heading", name="You are in").wait_for()
        assert len(outbox()) == 1

    def test_with_the_keyboard_alone(self, tab: Page) -> None:
        sign_up(ALICE)
        tab.goto("/auth/")
        tab.keyboard.type(ALICE.email)
        tab.keyboard.press("Tab")
        tab.keyboard.type("not it")
        tab.keyboard.press("Enter")
        tab.get_by_role("alert").wait_for()
        tab.keyboard.type(ALICE.password)  # the cursor stands in the password, the e-mail is still there
        tab.keyboard.press("Enter")
        tab.get_by_role("heading", name="You are in").wait_for()
        assert tab.get_by_text(ALICE.email).count() > 0

    def test_every_stop_of_the_keyboard_is_seen(self, tab: Page) -> None:
        tab.goto("/auth/")
        stops = []
        for _ in range(6):
            stops.append(tab.evaluate("document.activeElement.innerText || document.activeElement.name"))
            outline, shadow = tab.evaluate(
                "(style => [style.outlineStyle, style.boxShadow])(getComputedStyle(document.activeElement))"
            )
            assert outline != "none" or shadow != "none", stops[-1]
            tab.keyboard.press("Tab")
        assert stops == ["email", "password", "Show", "Sign in", "Forgot your password?", "Create an account"]

    @pytest.mark.parametrize("path", PAGES)
    def test_every_page_is_used_by_the_keyboard(self, path: str, tab: Page) -> None:
        """Each control is reached by the tabulator once, in the order of the page, and seen when it is."""
        sign_up(ALICE)
        if path in FOR_MEMBERS:
            tab.goto("/auth/")
            fill_in(tab, email=ALICE.email, password=ALICE.password)
            press(tab, "Sign in")
            tab.get_by_role("heading", name="You are in").wait_for()
        tab.goto(path)
        tab.evaluate("document.body.tabIndex = -1; document.body.focus()")  # the tabulator begins there
        controls = tab.locator("a[href]:visible, button:visible, input:not([type=hidden]):visible")
        wanted = controls.evaluate_all("found => found.map(item => item.outerHTML)")
        assert wanted
        reached = []
        for _ in wanted:
            tab.keyboard.press("Tab")
            html, outline, shadow = tab.evaluate(
                "(item => [item.outerHTML, getComputedStyle(item).outlineStyle, getComputedStyle(item).boxShadow])"
                "(document.activeElement)"
            )
            assert outline != "none" or shadow != "none", html
            reached.append(html)
        assert reached == wanted

    def test_signing_up_and_out_with_the_keyboard_alone(self, tab: Page) -> None:
        tab.goto("/auth/?show=signup&next=/auth/sign-out")
        tab.keyboard.type(ALICE.email)
        tab.keyboard.press("Tab")
        tab.keyboard.type(ALICE.password)
        tab.keyboard.press("Enter")
        tab.get_by_role("heading", name="Sign out?").wait_for()
        tab.keyboard.press("Tab")
        tab.keyboard.press("Enter")
        tab.get_by_role("heading", name="Sign-in that lives in your Django project").wait_for()
        assert "sAccessToken" not in {cookie["name"] for cookie in tab.context.cookies()}

    def test_a_password_can_be_looked_at(self, tab: Page) -> None:
        tab.goto("/auth/")
        tab.fill("[name=password]", "visible")
        button = tab.get_by_role("button", name="Show password")
        assert tab.get_attribute("[name=password]", "type") == "password"
        button.click()
        assert tab.get_attribute("[name=password]", "type") == "text"
        assert button.get_attribute("aria-pressed") == "true"
        button.click()
        assert tab.get_attribute("[name=password]", "type") == "password"

    def test_the_api_of_the_same_origin_knows_the_session(self, tab: Page) -> None:
        sign_up(ALICE)
        tab.goto("/auth/?next=/api/sync")
        fill_in(tab, email=ALICE.email, password=ALICE.password)
        press(tab, "Sign in")
        tab.wait_for_url("**/api/sync")
        assert set(json.loads(tab.inner_text("body"))) == {"userId", "sessionHandle"}


def test_the_content_policy_is_in_force(tab: Page) -> None:
    """Without it, no complaint of a browser would mean anything."""
    answer = tab.goto("/auth/")
    assert answer is not None
    assert answer.headers["content-security-policy"] == POLICY
