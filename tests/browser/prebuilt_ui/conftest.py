"""The website of SuperTokens' prebuilt React screens, the example project behind it, and somebody in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from example_project.settings import SUPERTOKENS
from supertokens_django.delivery.backends import locmem
from supertokens_django.recipes.jwt.keys import ring
from tests.browser.conftest import OpenProfile, Sites
from tests.browser.prebuilt_ui.screens import OpenScreens, Screens

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage


@pytest.fixture
def website(sites: Sites, react_port: int) -> str:
    return f"http://{sites.website_host}:{react_port}"


@pytest.fixture
def api(sites: Sites, website: str, live_server: LiveServer) -> Iterator[str]:
    """The origin of the example project with its own settings, apart from where the two of them are served.

    Text messages are kept for the test to read, as Django's test runner does with mails, and the limits are off,
    because all browsers are at one address.
    """
    ring.forget()  # the keys of the last test's database are gone
    locmem.outbox.clear()
    origin = f"http://{sites.api_host}:{urlsplit(live_server.url).port}"
    with override_settings(
        ROOT_URLCONF="example_project.urls",
        ALLOWED_HOSTS=[sites.api_host],
        CORS_ALLOWED_ORIGINS=[website],
        SUPERTOKENS={
            **SUPERTOKENS,
            "API_DOMAIN": origin,
            "WEBSITE_DOMAIN": website,
            "SMS_BACKEND": "supertokens_django.delivery.backends.locmem.SmsBackend",
            "RATE_LIMITS": {"ENABLED": False},
        },
    ):
        yield origin


@pytest.fixture
def open_screens(open_profile: OpenProfile, website: str, api: str) -> Iterator[OpenScreens]:
    """Opens the website in a profile of its own; fails at the end when it complained on its console.

    ``recipes`` are those that the frontend is told to have, the other options go to its configuration as well: the
    ``contactMethod``, the ``verification`` that it insists on, and ``view``, which its protected page asks.  ``path``
    may be a link: the page that a browser is about to leave would lead it elsewhere.
    """
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        is_answer = "the server responded with" in message.text and _is_expected(message, api)
        if message.type in ("error", "warning") and not is_answer and not _is_from_afar(message):
            complaints.append(message.text)

    def open_one(*recipes: str, path: str = "/", **app_config: Any) -> Screens:
        usual = {"contactMethod": "EMAIL", "verification": "REQUIRED", "view": "/api/sync"}
        config = {**usual, "recipes": recipes, **app_config}
        tab = open_profile(**config).new_page()
        tab.on("console", hear)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(urljoin(website, path))
        return Screens(tab)

    yield open_one
    assert complaints == []


def _is_expected(message: ConsoleMessage, api: str) -> bool:
    """The browser names answers that are not 2xx: the protocol has some; no provider here has an icon."""
    url: str = message.location["url"]
    return url.startswith(api) or url.endswith("/favicon.ico")


def _is_from_afar(message: ConsoleMessage) -> bool:
    """The screens ask for a font, and for rules of phone numbers; nothing is reached from here."""
    host = urlsplit(message.location["url"]).hostname or ""
    return message.text.endswith("net::ERR_NAME_NOT_RESOLVED") and not host.endswith("localhost")
