"""The frontends of docs/guides/spa.md, as they stand there, in a browser."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.base import ALICE, supertokens_settings
from tests.browser.website import HERE
from tests.docs.conftest import project_of
from tests.docs.project import Project
from tests.docs.snippets import snippets_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["project_of"]

PAGE = "docs/guides/spa.md"
API = "https://api.acme.com"
HTML = '<!doctype html><title>Acme</title><div id="root"></div><script src="/app.js"></script>'


class _SinglePage(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if not Path(self.translate_path(self.path)).is_file():
            self.path = "/index.html"
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


def build(file: str, folder: Path, api: str) -> None:
    """Bundle one file of the page with the SDK; what it exports is ``window.app``."""
    (code,) = (snippet.code for snippet in snippets_of(PAGE) if snippet.file == file)
    assert API in code
    source = folder / Path(file).name
    source.write_text(code.replace(API, api))
    options = ["--bundle", "--format=iife", "--global-name=app", "--jsx=automatic", "--log-level=error"]
    defines = ['--define:process.env.NODE_ENV="production"', "--define:global=window"]
    subprocess.run(
        ["node_modules/.bin/esbuild", str(source), *options, *defines, f"--outfile={folder / 'app.js'}"],
        cwd=HERE,
        env={**os.environ, "NODE_PATH": str(HERE / "node_modules")},
        check=True,
    )
    (folder / "index.html").write_text(HTML)


OpenWebsite = Callable[[str], "Page"]


@pytest.fixture
def open_website(
    bundles: None,
    chromium: Browser,
    live_server: LiveServer,
    project_of: Callable[[str], Project],
    tmp_path: Path,
) -> Iterator[OpenWebsite]:
    """Opens the website whose script is a file of the page, with the page's backend behind it."""
    folder = tmp_path / "website"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_SinglePage, directory=str(folder)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    website = f"http://localhost:{server.server_port}"
    context = chromium.new_context()
    context.set_default_timeout(10_000)

    def open_one(file: str) -> Page:
        build(file, folder, live_server.url)
        tab = context.new_page()
        tab.goto(website)
        return tab

    project = project_of(PAGE)
    settings = project.settings_with("CorsMiddleware")
    with (
        project.running(settings, CORS_ALLOWED_ORIGINS=[website]),
        supertokens_settings(API_DOMAIN=live_server.url, WEBSITE_DOMAIN=website),
    ):
        yield open_one
    context.close()
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_finished_screens_let_somebody_in_and_out(open_website: OpenWebsite) -> None:
    tab = open_website("src/main.jsx")
    tab.get_by_text("Sign Up", exact=True).click()
    tab.fill("input[name=email]", ALICE.email)
    tab.fill("input[name=password]", ALICE.password)
    tab.get_by_role("button", name="SIGN UP").click()
    tab.get_by_text(f"Signed in as {ALICE.email}").wait_for()
    tab.get_by_role("button", name="Sign out").click()
    tab.get_by_role("button", name="SIGN IN").wait_for()


def test_own_screens_have_functions_for_everything(open_website: OpenWebsite) -> None:
    tab = open_website("src/auth.js")
    short = {"password": "Password must contain at least 8 characters, including a number"}
    wrong = {"form": "E-mail address or password are wrong."}
    person = [ALICE.email, ALICE.password]
    sign_in = "async ([email, password]) => app.problemsOf(await app.signIn(email, password))"
    sign_up = "async ([email, password]) => app.problemsOf(await app.signUp(email, password))"

    assert tab.evaluate("() => app.whoIsThere()") is None
    assert tab.evaluate(sign_up, [ALICE.email, "short"]) == short
    assert tab.evaluate(sign_up, person) == {}
    there = tab.evaluate("() => app.whoIsThere()")
    assert there["userId"] == there["claims"]["sub"]
    assert tab.evaluate("() => app.saveNote('tea')") == {"savedBy": ALICE.email}
    tab.evaluate("() => app.signOut()")
    assert tab.evaluate(sign_in, [ALICE.email, "guessed 1234"]) == wrong
    assert (
        tab.evaluate("email => app.askForReset(email).then((answer) => answer.status)", ALICE.email) == "OK"
    )
    assert tab.evaluate(sign_in, person) == {}
