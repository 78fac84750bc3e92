"""Our own pages in Chromium: looked at, measured by axe-core, used with the keyboard and without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

import pytest
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from supertokens_django.recipes.jwt.keys import ring
from tests.base import ALICE, BOB, sign_up, supertokens_settings
from tests.browser.conftest import Shot
from tests.browser.website import HERE
from tests.recipes.emailpassword.mailbox import link_in, the_mail

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def strict_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware that allows what our own static files need, and nothing else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = POLICY
        return response

    return middleware


@pytest.fixture
def site(live_server: LiveServer, settings: Any) -> Iterator[str]:
    """The origin of the example project, where site and API are one."""
    ring.forget()  # the keys of the last test's database are gone
    origin = live_server.url
    settings.MIDDLEWARE = [f"{__name__}.strict_policy", *settings.MIDDLEWARE]
    with (
        override_settings(ROOT_URLCONF="example_project.urls"),
        supertokens_settings(APP_NAME="Acme", API_DOMAIN=origin, WEBSITE_DOMAIN=origin),
    ):
        yield origin


OpenTab = Callable[..., "Page"]


@pytest.fixture
def open_tab(chromium: Browser, site: str) -> Iterator[OpenTab]:
    """Opens a browser profile of its own; fails at the end when a page broke the content policy."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(**options: Any) -> Page:
        context = chromium.new_context(base_url=site, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("console", lambda message: complaints.extend(errors_of(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def errors_of(message: ConsoleMessage) -> list[str]:
    """What a message of the console complains about; that an answer in JSON has no icon is no complaint."""
    is_error = message.type == "error" and not message.location["url"].endswith("/favicon.ico")
    return [message.text] if is_error else []


@pytest.fixture
def tab(open_tab: OpenTab) -> Page:
    return open_tab()


@pytest.fixture(scope="session")
def axe(bundles: None) -> str:
    return (HERE / "node_modules/axe-core/axe.min.js").read_text()


def fill_in(tab: Page, **fields: str) -> None:
    for name, value in fields.items():
        tab.fill(f"[name={name}]", value)


def press(tab: Page, button: str) -> None:
    tab.get_by_role("button", name=button, exact=True).click()


class TestLooks:
    """Each page in each state: nothing for axe to complain about, nothing wider than a phone; pictures are kept."""

    FIELDS = ({"id": "name"}, {"id": "company", "optional": True})

    def look(self, tab: Page, name: str, shot: Shot, axe: str) -> None:
        for scheme in SCHEMES:
            tab.emulate_media(color_scheme=scheme)
            shot(tab, f"pages-{name}-{scheme}")
            for width in (1280, 390, 320):
                tab.set_viewport_size({"width": width, "height": 800})
                assert violations(tab, axe) == [], f"{name}, {scheme}, {width} px"
                assert tab.evaluate("document.documentElement.scrollWidth") <= width

    def test_sign_in(self, tab: Page, shot: Shot, axe: str) -> None:
        sign_up(ALICE)
        tab.goto("/auth/")
        self.look(tab, "sign-in", shot, axe)
        fill_in(tab, email=ALICE.email, password=BOB.password)
        press(tab, "Sign in")
        tab.get_by_role("alert").wait_for()
        self.look(tab, "sign-in-refused", shot, axe)
        tab.goto("/auth/?notice=password-changed")
        self.look(tab, "sign-in-after-reset", shot, axe)

    def test_sign_up(self, tab: Page, shot: Shot, axe: str) -> None:
        tab.goto("/auth/?show=signup")
        self.look(tab, "sign-up", shot, axe)
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": list(self.FIELDS)}):
            tab.reload()
            fill_in(tab, email="nonsense", password="short", company="Acme & Sons")
            press(tab, "Create account")
            tab.get_by_text("Enter a valid e-mail address.").wait_for()
            self.look(tab, "sign-up-refused", shot, axe)

    def test_password_reset(self, tab: Page, shot: Shot, axe: str) -> None:
        sign_up(ALICE)
        tab.goto("/auth/reset-password")
        self.look(tab, "reset-password", shot, axe)
        fill_in(tab, email=ALICE.email)
        press(tab, "Send link")
        tab.get_by_role("heading", name="Check your e-mail").wait_for()
        self.look(tab, "link-sent", shot, axe)
        tab.goto(link_in(the_mail()))
        self.look(tab, "new-password", shot, axe)
        tab.goto("/auth/reset-password?token=nonsense")
        fill_in(tab, password=BOB.password)
        press(tab, "Change password")
        tab.get_by_role("alert").wait_for()
        self.look(tab, "new-password-refused", shot, axe)

    def test_being_signed_in(self, tab: Page, shot: Shot, axe: str) -> None:
        tab.goto("/auth/?show=signup&next=/auth/")
        fill_in(tab, email=ALICE.email, password=ALICE.password)
        press(tab, "Create account")
        tab.get_by_role("heading", name="You are signed in").wait_for()
        self.look(tab, "signed-in", shot, axe)
        tab.goto("/auth/sign-out")
        self.look(tab, "sign-out", shot, axe)

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
        assert len(mail.outbox) == 1

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


def violations(tab: Page, axe: str, disabled: list[str] | None = None) -> list[str]:
    """What axe-core finds, each with the elements concerned."""
    tab.evaluate(axe)
    rules = {rule: {"enabled": False} for rule in disabled or []}
    found = tab.evaluate("options => axe.run(document, options)", {"rules": rules})
    return [f"{item['id']}: {[node['html'] for node in item['nodes']]}" for item in found["violations"]]
