"""The website of docs/quickstart.md, as it stands there, in a browser."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from supertokens_django.services import users
from tests.base import ALICE, supertokens_settings
from tests.browser.website import HERE
from tests.docs.conftest import project_of
from tests.docs.project import Project
from tests.docs.snippets import snippets_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

__all__ = ["project_of"]

PAGE = "docs/quickstart.md"
API, WEBSITE = "http://localhost:8000", "http://localhost:5173"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def build_website(folder: Path, api: str) -> None:
    """The two files of the page; the script with the SDK in it, and the API where it is."""
    files = {snippet.file: snippet.code for snippet in snippets_of(PAGE)}
    (folder / "main.js").write_text(files["src/main.js"].replace(API, api))
    (folder / "index.html").write_text(files["index.html"])
    command = ["node_modules/.bin/esbuild", str(folder / "main.js"), "--bundle", "--format=esm"]
    subprocess.run(
        [*command, f"--outfile={folder / 'src/main.js'}", "--log-level=warning"],
        cwd=HERE,
        env={**os.environ, "NODE_PATH": str(HERE / "node_modules")},
        check=True,
    )


@pytest.fixture
def website(
    bundles: None, tmp_path_factory: pytest.TempPathFactory, live_server: LiveServer
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("website")
    build_website(folder, live_server.url)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def tab(
    chromium: Browser, website: str, live_server: LiveServer, project_of: Callable[[str], Project]
) -> Iterator[Page]:
    with project_of(PAGE).running(CORS_ALLOWED_ORIGINS=[website]):
        assert settings.SUPERTOKENS["API_DOMAIN"] == API
        assert settings.SUPERTOKENS["WEBSITE_DOMAIN"] == WEBSITE
        with supertokens_settings(API_DOMAIN=live_server.url, WEBSITE_DOMAIN=website):
            context = chromium.new_context()
            context.set_default_timeout(10_000)
            tab = context.new_page()
            tab.goto(website)
            yield tab
            context.close()


def test_the_reader_signs_up_and_out_and_in(tab: Page) -> None:
    def says(text: str) -> None:
        tab.get_by_text(text, exact=True).wait_for()

    says("Nobody is signed in")
    tab.fill("input[name=email]", ALICE.email)
    tab.fill("input[name=password]", "short")
    tab.get_by_role("button", name="Sign up").click()
    says("Password must contain at least 8 characters, including a number")
    tab.fill("input[name=password]", ALICE.password)
    tab.get_by_role("button", name="Sign up").click()
    says(f"Signed in as {ALICE.email}")
    tab.reload()
    says(f"Signed in as {ALICE.email}")
    tab.get_by_role("button", name="Sign out").click()
    says("Nobody is signed in")
    assert "sAccessToken" not in {cookie["name"] for cookie in tab.context.cookies()}
    tab.fill("input[name=email]", ALICE.email)
    tab.fill("input[name=password]", ALICE.password)
    tab.get_by_role("button", name="Sign in").click()
    says(f"Signed in as {ALICE.email}")
    assert users.get_user_count() == 1


def test_no_script_can_read_its_tokens(tab: Page) -> None:
    tab.fill("input[name=email]", ALICE.email)
    tab.fill("input[name=password]", ALICE.password)
    tab.get_by_role("button", name="Sign up").click()
    tab.get_by_text(f"Signed in as {ALICE.email}", exact=True).wait_for()
    held = {cookie["name"]: cookie["httpOnly"] for cookie in tab.context.cookies()}
    assert {name: held[name] for name in ("sAccessToken", "sRefreshToken")} == {
        "sAccessToken": True,
        "sRefreshToken": True,
    }
    assert "sAccessToken" not in tab.evaluate("document.cookie")
