"""How the mails look: nothing is cut off, nothing for axe to complain about, in light and dark; pictures are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from supertokens_django.delivery.message import Draft
from supertokens_django.services import delivery
from tests.base import ALICE
from tests.browser.conftest import OpenTab, Shot
from tests.browser.pages import SCHEMES, violations
from tests.delivery.drafts import LANGUAGES, MAILS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOT_OF_MAILS = ["region", "landmark-one-main"]
"""What axe wants of pages: a mail is shown inside somebody else's."""


def html_of(name: str, language: str) -> str:
    template, context = MAILS[name]
    draft = Draft(
        channel="email",
        template=template,
        to=ALICE.email,
        context=context,
        tenant_id="public",
        language=language,
    )
    with translation.override(language):
        return delivery.compose(draft).html


@pytest.fixture
def tab(open_tab: OpenTab, acme: None) -> Page:
    return open_tab()


@pytest.mark.parametrize("name", MAILS)
def test_it_looks_right(name: str, tab: Page, shot: Shot, axe: str) -> None:
    for language in LANGUAGES:
        tab.goto("about:blank")
        tab.set_content(html_of(name, language))
        for scheme in SCHEMES:
            tab.emulate_media(color_scheme=scheme)
            for width in (1280, 390, 320):
                tab.set_viewport_size({"width": width, "height": 800})
                assert tab.evaluate("document.documentElement.scrollWidth") <= width, (language, width)
            if language in ("en", "de"):
                assert violations(tab, axe, NOT_OF_MAILS) == [], (language, scheme)
                shot(tab, f"mail-{name}-{language}-{scheme}")


def test_it_is_600_pixels_wide_on_a_desk_and_full_on_a_phone(tab: Page) -> None:
    tab.goto("about:blank")
    tab.set_content(html_of("login_by_both", "en"))
    widths = []
    for width in (1280, 390):
        tab.set_viewport_size({"width": width, "height": 800})
        widths.append(tab.locator(".st-card").evaluate("card => card.getBoundingClientRect().width"))
    assert widths == [600, 390]


def test_it_asks_nobody_for_anything(tab: Page) -> None:
    """No image, no font, no pixel: nobody learns when a mail is opened."""
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    for name in MAILS:
        tab.set_content(html_of(name, "en"), wait_until="networkidle")
    assert asked == []
