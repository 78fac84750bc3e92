"""What a visitor of the prebuilt screens sees and does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from playwright.sync_api import Page


@dataclass(frozen=True, slots=True)
class Screens:
    """A tab with the website."""

    tab: Page

    def fill_in(self, **fields: str) -> None:
        for name, value in fields.items():
            self.tab.fill(f"input[name={name}]", value)

    def press(self, button: str) -> None:
        self.tab.get_by_role("button", name=button, exact=True).click()

    def follow(self, text: str) -> None:
        """Click on words that are not a button to browsers."""
        self.tab.get_by_text(text, exact=True).click()

    def wait_for(self, text: str) -> None:
        self.tab.get_by_text(text).wait_for()

    def text(self) -> list[str]:
        """All that the screen says, in lines; a time that is counted down is left out."""
        shown = self.tab.locator("[data-supertokens~=container]").inner_text()
        return [re.sub(r" \d\d:\d\d$", "", line).strip() for line in shown.splitlines() if line.strip()]

    def user_id(self) -> str:
        """Who the protected home page, and the API that it asks, let in."""
        self.tab.get_by_role("heading", name="Welcome").wait_for()
        self.wait_for("the API says 200")
        found: str = self.tab.locator("#user-id").inner_text()
        return found


class OpenScreens(Protocol):
    def __call__(
        self,
        *recipes: str,
        path: str = "/",
        contactMethod: str = "EMAIL",
        verification: str = "REQUIRED",
        view: str = "/api/sync",
    ) -> Screens: ...
