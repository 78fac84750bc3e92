"""Signing in with a provider from our own pages, in Chromium, under a strict content policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from supertokens_django.models import Session
from supertokens_django.recipes.thirdparty import discovery
from supertokens_django.users.models import LoginMethod, User
from tests.base import ALICE, supertokens_settings
from tests.browser.conftest import OpenTab, Shot
from tests.browser.pages import look, press
from tests.idp.faults import down
from tests.idp.personalities.apple import Apple
from tests.idp.personalities.base import Personality
from tests.idp.personalities.github import GitHub
from tests.idp.personalities.google import Google
from tests.idp.provider import IdentityProvider, serving
from tests.recipes.thirdparty.dance import LOOPBACK

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

PERSONALITIES: dict[str, type[Personality]] = {"google": Google, "github": GitHub, "apple": Apple}
NAMES = {"google": "Google", "github": "GitHub", "apple": "Apple"}
LOGGED_OUT = "You are not signed in"

Providers = dict[str, IdentityProvider]


@pytest.fixture
def providers(site: str) -> Iterator[Providers]:
    """Google, GitHub and Apple, each with an account of Alice's."""
    discovery.forget()
    with ExitStack() as stack:
        found: Providers = {}
        entries: list[dict[str, Any]] = []
        for third_party_id, personality in PERSONALITIES.items():
            # Another host than the site's: to a browser another site, as in real life.
            idp = found[third_party_id] = stack.enter_context(serving(personality))
            client = idp.add_client("acme", redirect_uris=[f"{site}/auth/callback/{third_party_id}"])
            idp.add_account("865", ALICE.email, name="Alice Liddell")
            entries.append(idp.settings(client, name=NAMES[third_party_id]))
        stack.enter_context(supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": entries}))
        yield found


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def any_tab(request: pytest.FixtureRequest, open_tab: OpenTab) -> Page:
    """With JavaScript and without."""
    return open_tab(java_script_enabled=request.param)


def go_to(tab: Page, name: str, path: str = "/auth/?next=/protected/") -> None:
    """Choose a provider, and be at its sign-in page."""
    tab.goto(path)
    press(tab, f"Continue with {name}")
    tab.get_by_role("heading", name="Sign in to").wait_for()


def identify(tab: Page) -> None:
    tab.fill("[name=login]", ALICE.email)
    tab.fill("[name=password]", "password")
    press(tab, "Sign in")
    tab.get_by_role("button", name="Accept").wait_for()


def accept(tab: Page) -> None:
    press(tab, "Accept")
    sent_on(tab)


def sent_on(tab: Page) -> None:
    """Apple sends a form, which without JavaScript has to be sent by hand."""
    if tab.get_by_role("heading", name="One moment").is_visible():
        press(tab, "Continue")


def dance(tab: Page, name: str, path: str = "/auth/?next=/protected/") -> None:
    go_to(tab, name, path)
    identify(tab)
    accept(tab)


def is_in(tab: Page) -> None:
    tab.get_by_role("heading", name="You are in").wait_for()


def is_refused(tab: Page, reason: str) -> None:
    tab.get_by_role("heading", name=LOGGED_OUT).wait_for()
    assert tab.get_by_role("status").inner_text() == reason


class TestDance:
    @pytest.mark.parametrize("third_party_id", PERSONALITIES)
    def test_from_the_button_and_back(self, third_party_id: str, any_tab: Page, providers: Providers) -> None:
        dance(any_tab, NAMES[third_party_id])
        is_in(any_tab)
        method = LoginMethod.objects.get()
        assert (method.third_party_id, method.email) == (third_party_id, ALICE.email)
        assert [one["name"] for one in any_tab.context.cookies() if "sThirdParty" in one["name"]] == []

    def test_with_the_keyboard_alone(self, tab: Page, providers: Providers) -> None:
        tab.goto("/auth/?next=/protected/")
        for _ in range(3):
            tab.keyboard.press("Shift+Tab")  # the cursor stands in the form below the buttons
        assert tab.evaluate("document.activeElement.innerText") == "Continue with Google"
        style = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none"
        tab.keyboard.press("Enter")
        tab.get_by_role("heading", name="Sign in to").wait_for()
        for text in (ALICE.email, "password"):
            tab.keyboard.type(text)
            tab.keyboard.press("Tab")
        tab.keyboard.press("Enter")
        tab.get_by_role("button", name="Accept").focus()
        tab.keyboard.press("Enter")
        is_in(tab)

    def test_the_second_time_and_from_sign_up(
        self, tab: Page, open_tab: OpenTab, providers: Providers
    ) -> None:
        dance(tab, "Google")
        is_in(tab)
        other = open_tab()
        dance(other, "Google", "/auth/?show=signup&next=/protected/")
        is_in(other)
        assert User.objects.count() == 1

    def test_two_tabs_at_once(self, tab: Page, providers: Providers) -> None:
        second = tab.context.new_page()
        go_to(tab, "Google")
        go_to(second, "GitHub", "/auth/?next=/auth/account")
        identify(tab)
        identify(second)
        accept(tab)
        is_in(tab)
        accept(second)
        second.get_by_role("heading", name="Connected accounts").wait_for()
        assert urlsplit(second.url).path == "/auth/account"
        assert User.objects.count() == 2  # of each provider, one

    def test_buttons_are_large_enough_for_a_finger(self, tab: Page, providers: Providers) -> None:
        tab.set_viewport_size({"width": 320, "height": 800})
        tab.goto("/auth/")
        boxes = [button.bounding_box() for button in tab.get_by_role("button", name="Continue with").all()]
        assert len(boxes) == 3
        assert all(box and box["height"] >= 44 and box["width"] >= 44 for box in boxes)


class TestMishaps:
    @pytest.mark.parametrize("third_party_id", PERSONALITIES)
    def test_cancelled(self, third_party_id: str, any_tab: Page, providers: Providers) -> None:
        go_to(any_tab, NAMES[third_party_id])
        identify(any_tab)
        press(any_tab, "Cancel")
        sent_on(any_tab)
        is_refused(any_tab, f"It was cancelled at {NAMES[third_party_id]}.")
        assert User.objects.count() == 0
        any_tab.get_by_role("link", name="Back to sign-in").click()
        press(any_tab, "Continue with Google")  # and once more, to where the visitor was going
        any_tab.wait_for_url(f"{providers['google'].base}/**")

    def test_a_tampered_state(self, tab: Page, providers: Providers) -> None:
        go_to(tab, "Google")
        parts = urlsplit(tab.url)
        query = parts.query.replace("state=", "state=x")
        tab.goto(f"{parts.scheme}://{parts.netloc}{parts.path}?{query}")
        identify(tab)
        accept(tab)
        is_refused(tab, "This sign-in is over, or it was begun in another browser. Please begin again.")
        assert User.objects.count() == 0

    def test_another_browser_opens_the_callback(
        self, tab: Page, open_tab: OpenTab, providers: Providers
    ) -> None:
        """Login CSRF: Mallory keeps the callback's address, and has Alice open it."""
        go_to(tab, "GitHub")
        github = providers["github"]
        kept = github.authorize(tab.url, github.accounts["865"])
        assert "code=" in kept.url
        victim = open_tab()
        victim.goto(kept.url)
        is_refused(victim, "This sign-in is over, or it was begun in another browser. Please begin again.")
        assert User.objects.count() == 0

    def test_the_callback_a_second_time(self, tab: Page, providers: Providers, site: str) -> None:
        seen: list[str] = []
        tab.on("request", lambda request: seen.append(request.url))
        dance(tab, "Google")
        is_in(tab)
        (callback,) = [url for url in seen if url.startswith(f"{site}/auth/callback/google?")]
        handles = Session.objects.count()
        tab.goto(callback)
        tab.get_by_role("heading", name="You are signed in").wait_for()
        assert (User.objects.count(), Session.objects.count()) == (1, handles)

    def test_the_back_button(self, tab: Page, providers: Providers) -> None:
        """From the provider to the sign-in page, and afterwards not into the middle of it all."""
        go_to(tab, "Google")
        tab.go_back()
        tab.get_by_role("button", name="Continue with Google").wait_for()
        press(tab, "Continue with Google")
        identify(tab)
        accept(tab)
        is_in(tab)
        tab.go_back()
        assert not urlsplit(tab.url).path.startswith("/auth/callback/")

    def test_a_provider_that_is_down(self, tab: Page, providers: Providers) -> None:
        providers["google"].fail("discovery", down)
        discovery.forget()
        tab.goto("/auth/")
        press(tab, "Continue with Google")
        tab.get_by_role("alert").wait_for()
        assert "Signing in with Google did not work." in tab.get_by_role("alert").inner_text()


class TestLooks:
    def test_sign_in_and_sign_up(self, tab: Page, providers: Providers, shot: Shot, axe: str) -> None:
        tab.goto("/auth/")
        look(tab, "thirdparty-sign-in", shot, axe)
        tab.goto("/auth/?show=signup")
        look(tab, "thirdparty-sign-up", shot, axe)
        with supertokens_settings(RECIPES=["thirdparty"]):
            tab.goto("/auth/")
            look(tab, "thirdparty-alone", shot, axe)
        with supertokens_settings(RECIPES=["emailpassword", "thirdparty", "passwordless"]):
            for show in ("", "?show=code", "?show=signup"):
                tab.goto(f"/auth/{show}")
                look(tab, f"all-ways{show.replace('?show=', '-')}", shot, axe)

    def test_refusals(self, tab: Page, providers: Providers, shot: Shot, axe: str) -> None:
        tab.goto("/auth/callback/google?state=x")
        look(tab, "thirdparty-refused", shot, axe)
        providers["google"].fail("discovery", down)
        discovery.forget()
        tab.goto("/auth/")
        press(tab, "Continue with Google")
        tab.get_by_role("alert").wait_for()
        look(tab, "thirdparty-down", shot, axe)

    def test_on_the_way(self, tab: Page, providers: Providers, shot: Shot, axe: str, site: str) -> None:
        """The page in between: its own link does what it does by itself."""

        def hold(route: Route) -> None:
            answer = route.fetch()
            body = re.sub(r'<meta http-equiv="refresh"[^>]*>', "", answer.text())
            route.fulfill(response=answer, body=body)

        tab.goto("/auth/")
        tab.route(f"{site}/auth/", hold)
        press(tab, "Continue with GitHub")
        tab.get_by_role("heading", name="Going on to GitHub").wait_for()
        tab.unroute(f"{site}/auth/")
        look(tab, "thirdparty-onward", shot, axe)
        tab.get_by_role("link", name="Continue to GitHub").click()
        tab.get_by_role("heading", name="Sign in to").wait_for()

    def test_the_account(self, tab: Page, providers: Providers, shot: Shot, axe: str) -> None:
        dance(tab, "GitHub", "/auth/?next=/auth/account")
        tab.get_by_role("heading", name="Connected accounts").wait_for()
        look(tab, "thirdparty-account", shot, axe)
