"""The account page in Chromium, sessions that expire while pages are used, and two browsers of one user."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.test import override_settings

from supertokens_django.recipes.emailpassword.exceptions import WrongCredentials
from supertokens_django.services import emailpassword, session
from tests.base import ALICE, BOB, Clock, sign_up, supertokens_settings
from tests.browser.conftest import OpenTab, Shot
from tests.browser.pages import fill_in, look, press
from tests.pages.urls_of_forms import received

if TYPE_CHECKING:
    from playwright.sync_api import Page

AN_HOUR = 3700
IPHONE: dict[str, Any] = {
    "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1",
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}
TRY_REFRESH = '{"message":"try refresh token"}'


def sign_in(tab: Page, destination: str) -> None:
    tab.goto(f"/auth/?next={destination}")
    fill_in(tab, email=ALICE.email, password=ALICE.password)
    press(tab, "Sign in")
    tab.wait_for_url(f"**{destination}")


def devices_on(tab: Page) -> list[str]:
    """The names of the devices on the account page, this one first."""
    own_text = "names => names.map((name) => name.firstChild.textContent.trim())"
    names: list[str] = tab.locator(".st-device-name").evaluate_all(own_text)
    return names


def cookies_of(tab: Page) -> set[str]:
    """The names of the session's cookies that a browser keeps."""
    kept = {cookie["name"] for cookie in tab.context.cookies()}
    return kept & {"sAccessToken", "sRefreshToken", "sFrontToken"}


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def any_tab(request: pytest.FixtureRequest, open_tab: OpenTab) -> Page:
    """With JavaScript and without."""
    return open_tab(java_script_enabled=request.param)


class TestLooks:
    def test_the_account(self, open_tab: OpenTab, server_clock: Clock, shot: Shot, axe: str) -> None:
        user_id = sign_up(ALICE)
        server_clock.advance(-9 * 86400)
        sign_in(open_tab(**IPHONE), "/auth/account")
        server_clock.advance(9 * 86400)
        tab = open_tab()
        sign_in(tab, "/auth/account")
        assert devices_on(tab) == ["Chrome on Linux", "Safari on iPhone"]
        look(tab, "account", shot, axe)
        fill_in(tab, current_password="a guess", new_password="x")
        press(tab, "Change password")
        tab.get_by_text("This is not your password.").wait_for()
        look(tab, "account-refused", shot, axe)
        press(tab, "Sign out all other devices")
        tab.get_by_text("All other devices are signed out.").wait_for()
        assert devices_on(tab) == ["Chrome on Linux"]
        assert len(session.get_all_session_handles_for_user(user_id)) == 1
        look(tab, "account-alone", shot, axe)


class TestUse:
    def test_devices_and_password(self, any_tab: Page, open_tab: OpenTab) -> None:
        sign_up(ALICE)
        sign_in(open_tab(**IPHONE), "/auth/account")
        sign_in(any_tab, "/auth/")
        any_tab.get_by_role("link", name="Your account").click()
        any_tab.get_by_role("button", name="Sign out Safari on iPhone").click()
        any_tab.get_by_text("That device is signed out.").wait_for()
        assert any_tab.get_by_role("listitem").count() == 1
        fill_in(any_tab, current_password=ALICE.password, new_password=BOB.password)
        press(any_tab, "Change password")
        any_tab.get_by_text("Your password has been changed.").wait_for()
        press(any_tab, "Sign out")
        any_tab.goto("/auth/")
        fill_in(any_tab, email=ALICE.email, password=BOB.password)
        press(any_tab, "Sign in")
        any_tab.get_by_role("heading", name="You are in").wait_for()

    def test_with_the_keyboard_alone(self, tab: Page, open_tab: OpenTab) -> None:
        sign_up(ALICE)
        sign_in(open_tab(**IPHONE), "/auth/account")
        sign_in(tab, "/auth/account")
        stops = []
        for _ in range(9):
            tab.keyboard.press("Tab")
            stops.append(
                tab.evaluate("document.activeElement.name || document.activeElement.textContent.trim()")
            )
            outline, shadow = tab.evaluate(
                "(style => [style.outlineStyle, style.boxShadow])(getComputedStyle(document.activeElement))"
            )
            assert outline != "none" or shadow != "none", stops[-1]
        assert stops == [
            "Sign out",
            "Sign out Safari on iPhone",
            "Sign out all other devices",
            "current_password",
            "Show",
            "new_password",
            "Show",
            "Change password",
            "Back to Acme",
        ]
        for _ in range(6):
            tab.keyboard.press("Shift+Tab")
        tab.keyboard.press("Enter")
        tab.get_by_text("All other devices are signed out.").wait_for()

    def test_on_a_phone(self, open_tab: OpenTab) -> None:
        user_id = sign_up(ALICE)
        sign_in(open_tab(), "/auth/account")
        phone = open_tab(**IPHONE)
        sign_in(phone, "/auth/account")
        phone.get_by_role("button", name="Sign out all other devices").tap()
        phone.get_by_text("All other devices are signed out.").wait_for()
        assert devices_on(phone) == ["Safari on iPhone"]
        assert len(session.get_all_session_handles_for_user(user_id)) == 1


class TestExpiry:
    @pytest.mark.parametrize("path", ["/protected/", "/auth/account"])
    def test_a_page_is_reached_after_an_hour(self, path: str, any_tab: Page, server_clock: Clock) -> None:
        user_id = sign_up(ALICE)
        sign_in(any_tab, path)
        heading = any_tab.inner_text("h1")
        for _ in range(2):
            server_clock.advance(AN_HOUR)
            any_tab.goto(path)
            assert any_tab.inner_text("h1") == heading
            assert any_tab.url.endswith(path)
        assert len(session.get_all_session_handles_for_user(user_id)) == 1

    def test_the_history_has_no_detour(self, tab: Page, server_clock: Clock) -> None:
        sign_up(ALICE)
        sign_in(tab, "/protected/")
        server_clock.advance(AN_HOUR)
        tab.goto("/auth/account")
        tab.go_back()
        assert tab.url.endswith("/protected/")

    def test_a_script_gets_its_401(self, tab: Page, server_clock: Clock) -> None:
        sign_up(ALICE)
        sign_in(tab, "/protected/")
        server_clock.advance(AN_HOUR)
        answer = tab.request.get("/api/sync")
        assert (answer.status, answer.text()) == (401, TRY_REFRESH)

    @pytest.mark.parametrize("path", ["/letter/", "/verified-letter/"])
    def test_a_form_that_was_filled_in_meanwhile_is_kept(
        self, path: str, any_tab: Page, server_clock: Clock, tmp_path: Path
    ) -> None:
        received.clear()
        sign_up(ALICE)
        (tmp_path / "photo.txt").write_text("smile " * 50_000)
        with override_settings(ROOT_URLCONF="tests.pages.urls_of_forms", LOGIN_URL="/auth/"):
            sign_in(any_tab, path)
            any_tab.fill("[name=text]", "Dear Bob,\nhow are you?")
            any_tab.set_input_files("[name=enclosed]", tmp_path / "photo.txt")
            server_clock.advance(AN_HOUR)
            any_tab.get_by_role("button", name="Send").click()
            any_tab.get_by_text("Dear Bob").wait_for()
        assert received == [
            {"from": ALICE.email, "text": "Dear Bob,\r\nhow are you?", "enclosed": "smile " * 50_000}
        ]

    def test_a_password_is_changed_all_the_same(self, any_tab: Page, server_clock: Clock) -> None:
        sign_up(ALICE)
        sign_in(any_tab, "/auth/account")
        fill_in(any_tab, current_password=ALICE.password, new_password=BOB.password)
        server_clock.advance(AN_HOUR)
        press(any_tab, "Change password")
        any_tab.get_by_text("Your password has been changed.").wait_for()
        assert emailpassword.verify_credentials("public", ALICE.email, BOB.password).email == ALICE.email
        with pytest.raises(WrongCredentials):
            emailpassword.verify_credentials("public", ALICE.email, ALICE.password)


class TestTwoBrowsers:
    def revoke_the_phone(self, desk: Page) -> None:
        desk.reload()
        desk.get_by_role("button", name="Sign out Safari on iPhone").click()
        desk.get_by_text("That device is signed out.").wait_for()

    def test_our_pages_know_at_once(self, tab: Page, open_tab: OpenTab) -> None:
        sign_up(ALICE)
        phone = open_tab(**IPHONE)
        sign_in(tab, "/auth/account")
        sign_in(phone, "/auth/account")
        self.revoke_the_phone(tab)
        phone.reload()
        phone.get_by_role("heading", name="Sign in").wait_for()
        assert cookies_of(phone) == set()
        phone.goto("/protected/")
        phone.get_by_role("heading", name="Sign in").wait_for()
        assert urlsplit(phone.url).query == "next=/protected/"

    def test_with_a_cache_of_revocations_every_page_knows(self, tab: Page, open_tab: OpenTab) -> None:
        sign_up(ALICE)
        phone = open_tab(**IPHONE)
        with supertokens_settings(SESSION={"REVOCATION_CACHE": "default"}):
            sign_in(tab, "/auth/account")
            sign_in(phone, "/protected/")
            self.revoke_the_phone(tab)
            phone.reload()
            phone.get_by_role("heading", name="Sign in").wait_for()
            assert cookies_of(phone) == set()
            tab.reload()
            tab.get_by_role("heading", name="Your account").wait_for()
            assert devices_on(tab) == ["Chrome on Linux"]
