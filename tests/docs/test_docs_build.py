"""The documentation can be built, without a warning and without the network."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import pytest

from tests.docs.snippets import DOCS
from tests.services import missing_service

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for package in ("sphinx", "myst_parser", "furo", "sphinx_copybutton"):
        if find_spec(package) is None:
            missing_service(f"{package} (the extra `docs`)")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", str(folder / "doctrees")]
    done = subprocess.run(
        [*command, str(DOCS), str(folder / "html")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


class _Resources(HTMLParser):
    """What a browser fetches by itself to show a page."""

    LINKS: ClassVar[set[str]] = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch"}

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag != "a" and "src" in given:
            self.found.append(given["src"])
        self.found += [word for word in given.get("srcset", "").split(",") if word]
        if tag == "link" and set(given.get("rel", "").split()) & self.LINKS:
            self.found.append(given.get("href", ""))
        self.found += _IN_CSS.findall(given.get("style", ""))


_IN_CSS = re.compile(r"(?:url\(|@import)\s*['\"]?([^'\")\s]+)")


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    fetched: dict[str, list[str]] = {}
    for page in site.rglob("*.html"):
        parser = _Resources()
        parser.feed(page.read_text())
        fetched[str(page.relative_to(site))] = parser.found
    for sheet in site.rglob("*.css"):
        fetched[str(sheet.relative_to(site))] = _IN_CSS.findall(sheet.read_text())
    assert fetched["index.html"] != []
    outside = {
        (name, address)
        for name, addresses in fetched.items()
        for address in addresses
        if re.match(r"\s*(?:\w+:)?//", address)
    }
    assert outside == set()


def test_every_page_is_built(site: Path) -> None:
    pages = [path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")]
    assert [str(page) for page in pages if not (site / page).is_file()] == []


def test_the_settings_are_on_their_page(site: Path) -> None:
    parser = _Texts()
    parser.feed((site / "settings.html").read_text())
    for option in ("APP_NAME", "REFRESH_TOKEN_ROTATION_GRACE_PERIOD", "FORM_FIELDS", "ON_DELETE", "ISSUER"):
        assert option in parser.texts
