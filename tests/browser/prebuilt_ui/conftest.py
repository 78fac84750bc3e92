"""The website of SuperTokens' prebuilt React screens, and somebody in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import OpenProfile, Sites
from tests.browser.prebuilt_ui.screens import OpenScreens, Screens

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage


@pytest.fixture
def website(sites: Sites, react_port: int) -> str:
    return f"http://{sites.website_host}:{react_port}"


@pytest.fixture
def open_screens(open_profile: OpenProfile, website: str, api: str) -> Iterator[OpenScreens]:
    """Opens the website in a profile of its own; fails at the end when it complained on its console.

    ``recipes`` are those that the frontend is told to have, the other options go to its configuration as well.
    """
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        is_answer = "the server responded with" in message.text and _is_expected(message, api)
        if message.type in ("error", "warning") and not is_answer and not _is_from_afar(message):
            complaints.append(message.text)

    def open_one(*recipes: str, path: str = "/", **app_config: Any) -> Screens:
        config = {"recipes": recipes, "contactMethod": "EMAIL", **app_config}
        tab = open_profile(**config).new_page()
        tab.on("console", hear)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(website + path)
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
