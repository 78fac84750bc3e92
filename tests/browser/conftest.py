"""The stage of the browser tests: Debian's Chromium, the website and the API on origins of their own.

Without playwright, node, npm or chromium they say so and skip, or fail with ``TEST_REQUIRE_SERVICES=1``.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import time_machine
from corsheaders.defaults import default_headers
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from supertokens_django.cors import get_all_cors_headers
from supertokens_django.recipes.jwt.keys import ring
from tests.base import Clock, supertokens_settings
from tests.browser.frontend import Frontend
from tests.browser.pages import errors_of, strict_policy
from tests.browser.website import HERE, NpmFailed, build_websites, serve
from tests.client import Mode
from tests.mail import watched_traffic
from tests.services import PROGRAMS, missing_service, require_service

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, StorageState

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
WIDTHS = (1280, 390)
CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever a page asks for, nothing but this machine is reached.
    "--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    if find_spec("playwright") is None:
        missing_service("playwright (the extra `browser`)")
    require_service("chromium")
    return next(path for path in map(shutil.which, PROGRAMS["chromium"]) if path)


@pytest.fixture(scope="session")
def bundles() -> None:
    require_service("node")
    require_service("npm")
    try:
        build_websites()
    except NpmFailed as problem:
        missing_service(str(problem))


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """One browser process per module.

    Playwright's event loop runs in the main thread while it lives, so Django has to be told that the tests'
    own queries are no mistake; and it must not outlive the module, or other tests would run inside that loop.
    """
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_FLAGS)
            yield browser
            browser.close()


@dataclass(frozen=True, slots=True)
class Sites:
    """Where website and API live, and what the API's session settings have to say about it."""

    website_host: str
    api_host: str
    session: Mapping[str, Any] = field(default_factory=dict)

    @property
    def third_party_cookies(self) -> bool:
        return self.session.get("COOKIE_SAME_SITE") == "none"


# Chromium finds every name under .localhost on this machine and trusts it like https.
ONE_SITE = Sites("acme.localhost", "api.acme.localhost")
ONE_HOST = Sites("localhost", "localhost")
TWO_SITES = Sites(
    "acme.localhost", "api.elsewhere.localhost", {"COOKIE_SAME_SITE": "none", "COOKIE_SECURE": True}
)


@pytest.fixture
def sites() -> Sites:
    """Overridden by the tests that care."""
    return ONE_SITE


@pytest.fixture(scope="session")
def web_port(bundles: None) -> Iterator[int]:
    with serve("web") as port:
        yield port


@pytest.fixture(scope="session")
def react_port(bundles: None) -> Iterator[int]:
    with serve("react") as port:
        yield port


@pytest.fixture
def website(sites: Sites, web_port: int) -> str:
    """The origin of the website; overridden by the tests that want the other one."""
    return f"http://{sites.website_host}:{web_port}"


@pytest.fixture
def api(sites: Sites, website: str, live_server: LiveServer) -> Iterator[str]:
    """The origin of the API, configured as the quickstart says for a frontend elsewhere."""
    ring.forget()  # the keys of the last test's database are gone
    origin = f"http://{sites.api_host}:{urlsplit(live_server.url).port}"
    with override_settings(
        ROOT_URLCONF="tests.browser.backend",
        ALLOWED_HOSTS=[sites.api_host],
        CORS_ALLOWED_ORIGINS=[website],
        CORS_ALLOW_CREDENTIALS=True,
        CORS_ALLOW_HEADERS=[*default_headers, *get_all_cors_headers()],
        SUPERTOKENS={
            "APP_NAME": "Acme",
            "API_DOMAIN": origin,
            "WEBSITE_DOMAIN": website,
            "RECIPES": ["emailpassword"],
            "SESSION": dict(sites.session),
            "RATE_LIMITS": {"ENABLED": False},  # all browsers are at one address
        },
    ):
        yield origin


OpenProfile = Callable[..., "BrowserContext"]
OpenFrontend = Callable[..., Frontend]


@pytest.fixture
def open_profile(
    chromium: Browser, chromium_path: str, sites: Sites, api: str, mode: Mode, tmp_path: Path
) -> Iterator[OpenProfile]:
    """Opens a browser profile of its own for every visitor: ``open_profile(profile=None, **app_config)``.

    ``profile`` is another profile's ``storage_state()``; ``tabsLock=False`` switches the SDK's lock off.
    """
    profiles: list[BrowserContext] = []

    def open_one(profile: StorageState | None = None, **app_config: Any) -> BrowserContext:
        if sites.third_party_cookies:
            context = chromium.browser_type.launch_persistent_context(
                _profile_with_third_party_cookies(tmp_path / str(len(profiles))),
                executable_path=chromium_path,
                args=CHROMIUM_FLAGS,
            )
        else:
            context = chromium.new_context(storage_state=profile)
        profiles.append(context)
        context.set_default_timeout(10_000)
        config = {"apiDomain": api, "tokenTransferMethod": mode, **app_config}
        context.add_init_script(f"window.appConfig = {json.dumps(config)}")
        return context

    yield open_one
    for context in profiles:
        context.close()


def _profile_with_third_party_cookies(directory: Path) -> Path:
    """A lasting profile, because those that vanish (incognito) refuse the cookies of another site."""
    (directory / "Default").mkdir(parents=True)
    preferences = {"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}}
    (directory / "Default" / "Preferences").write_text(json.dumps(preferences))
    return directory


@pytest.fixture
def open_frontend(open_profile: OpenProfile, website: str, api: str, mode: Mode) -> OpenFrontend:
    """Opens the website in a browser profile of its own; takes what ``open_profile`` takes."""

    def open_one(profile: StorageState | None = None, **app_config: Any) -> Frontend:
        return Frontend(open_profile(profile, **app_config), website, api, mode)

    return open_one


@pytest.fixture
def visitor(open_frontend: OpenFrontend) -> Frontend:
    """A browser that nobody has signed in with yet, in cookie and in header mode."""
    return open_frontend()


@pytest.fixture
def server_clock() -> Iterator[Clock]:
    """The clock of the API goes on from now until the test moves it; the browser keeps its own."""
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        yield Clock(traveller)


Shot = Callable[["Page", str], None]


@pytest.fixture(scope="session")
def shot() -> Shot:
    """``shot(page, name)`` keeps the whole page in ``screenshots/``, as wide as a desk and as a phone.

    They are there to be looked at: with ``TEST_SCREENSHOTS=0`` none are made.
    """

    def take(page: Page, name: str) -> None:
        if os.environ.get("TEST_SCREENSHOTS") == "0":
            return
        before = page.viewport_size
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True, animations="disabled")
        if before is not None:
            page.set_viewport_size(before)

    return take


@pytest.fixture(autouse=True)
def _watched_traffic() -> Iterator[None]:
    with watched_traffic():
        yield


@pytest.fixture
def site(live_server: LiveServer) -> Iterator[str]:
    """The origin of the example project, where site and API are one."""
    ring.forget()  # the keys of the last test's database are gone
    origin = live_server.url
    with (
        strict_policy(live_server),
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


@pytest.fixture
def tab(open_tab: OpenTab) -> Page:
    return open_tab()


@pytest.fixture(scope="session")
def axe(bundles: None) -> str:
    return (HERE / "node_modules/axe-core/axe.min.js").read_text()
