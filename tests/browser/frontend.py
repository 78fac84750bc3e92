"""A visitor's browser with SuperTokens' own frontend SDK in it, driven from Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.base import Person
from tests.client import Mode

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Response

JSON = Any


class Frontend:
    """One tab that shows the website. ``traffic`` lists what its whole profile asked of the API, in order."""

    def __init__(self, context: BrowserContext, website: str, api: str, mode: Mode) -> None:
        self.context = context
        self.website = website
        self.api = api
        self.mode: Mode = mode
        self.traffic: list[str] = []
        self.answers: list[Response] = []
        context.on("response", self._record)
        self.page: Page = self._open("/")

    def _open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(self.website + path)
        return page

    def _record(self, response: Response) -> None:
        if response.url.startswith(self.api):
            self.answers.append(response)
            self.traffic.append(f"{response.request.method} {urlsplit(response.url).path} {response.status}")

    def new_tab(self) -> Frontend:
        """A second tab of the same browser profile."""
        return Frontend(self.context, self.website, self.api, self.mode)

    def forget_traffic(self) -> None:
        self.traffic.clear()
        self.answers.clear()

    def call(self, function: str, argument: JSON = None) -> JSON:
        """Call a function of the page's ``window.app`` and wait for what it resolves to."""
        return self.page.evaluate(f"argument => app.{function}(argument)", argument)

    def start(self, function: str, argument: JSON = None) -> None:
        """Call a function of the page's ``window.app`` without waiting; ``finish`` gives the result."""
        self.page.evaluate(f"argument => {{ window.started = app.{function}(argument) }}", argument)

    def finish(self) -> JSON:
        return self.page.evaluate("() => window.started")

    # ------------------------------------------------------------------ what a visitor does

    def sign_up(self, person: Person, **changes: str) -> JSON:
        return self.call("signUp", {"email": person.email, "password": person.password, **changes})

    def sign_in(self, person: Person, **changes: str) -> JSON:
        return self.call("signIn", {"email": person.email, "password": person.password, **changes})

    def sign_out(self) -> None:
        self.call("signOut")

    def fetch(self, path: str, method: str = "GET", body: Mapping[str, JSON] | None = None) -> JSON:
        return self.call("fetch", {"path": path, "method": method, "body": body})

    def is_signed_in(self) -> bool:
        return bool(self.call("doesSessionExist"))

    def events(self) -> list[str]:
        events: list[str] = self.call("events")
        return events

    # ------------------------------------------------------------------ what the browser keeps

    def cookies_of_api(self) -> dict[str, str]:
        return self._cookies(f"{self.api}/auth/session/refresh")

    def cookies_of_website(self) -> dict[str, str]:
        return self._cookies(self.website)

    def _cookies(self, url: str) -> dict[str, str]:
        return {cookie["name"]: cookie["value"] for cookie in self.context.cookies(url)}

    def refresh_token(self) -> str | None:
        """The refresh token as the browser keeps it, wherever the mode says."""
        if self.mode == "cookie":
            return self.cookies_of_api().get("sRefreshToken")
        return self.cookies_of_website().get("st-refresh-token")
