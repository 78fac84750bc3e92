"""The frontends of docs/guides/spa.md, as they stand there, in a browser."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from pytest_django.live_server_helper import LiveServer

from supertokens_django.services import passwordless, users
from tests.base import ALICE, sign_up, supertokens_settings
from tests.browser.website import HERE
from tests.docs.conftest import project_of
from tests.docs.project import Project, settings_of
from tests.docs.snippets import snippets_of
from tests.recipes.emailverification.verification import link_in, the_mail
from tests.recipes.passwordless.device import mailed_code, mailed_link

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["project_of"]

PAGE = "docs/guides/spa.md"
API = "https://api.acme.com"
EMAIL = "carol@example.com"
HTML = '<!doctype html><meta charset="utf-8"><title>Acme</title><div id="root"></div><script src="/app.js"></script>'


class _SinglePage(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if not Path(self.translate_path(self.path)).is_file():
            self.path = "/index.html"
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


def code_of(file: str) -> str:
    (code,) = (snippet.code for snippet in snippets_of(PAGE) if snippet.file == file)
    return code


def changed(code: str, *changes: tuple[str, str]) -> str:
    """What a reader makes of a file."""
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    return code


def build(files: Mapping[str, str], folder: Path, api: str) -> None:
    """Bundle files with the SDK; what the last one exports is ``window.app``."""
    assert any(API in code for code in files.values())
    for file, code in files.items():
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


OpenWebsite = Callable[..., "Page"]


@pytest.fixture
def open_website(
    bundles: None,
    chromium: Browser,
    live_server: LiveServer,
    project_of: Callable[[str], Project],
    tmp_path: Path,
) -> Iterator[OpenWebsite]:
    """Opens the website whose script is the last of the files, with the page's backend behind it."""
    folder = tmp_path / "website"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_SinglePage, directory=str(folder)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    website = f"http://localhost:{server.server_port}"
    context = chromium.new_context()
    context.set_default_timeout(10_000)

    def open_one(files: Mapping[str, str]) -> Page:
        build(files, folder, live_server.url)
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
    tab = open_website({"src/main.jsx": code_of("src/main.jsx")})
    tab.get_by_text("Sign Up", exact=True).click()
    tab.fill("input[name=email]", ALICE.email)
    tab.fill("input[name=password]", ALICE.password)
    tab.get_by_role("button", name="SIGN UP").click()
    tab.get_by_text(f"Signed in as {ALICE.email}").wait_for()
    tab.get_by_role("button", name="Sign out").click()
    tab.get_by_role("button", name="SIGN IN").wait_for()
    assert tab.get_by_text(ALICE.email).count() == 0


def test_own_screens_have_functions_for_everything(open_website: OpenWebsite) -> None:
    tab = open_website({"src/auth.js": code_of("src/auth.js")})
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


@pytest.fixture
def more_recipes(project_of: Callable[[str], Project], open_website: OpenWebsite) -> Iterator[None]:
    """The settings of the section about codes and verified addresses, over those of the page."""
    added = settings_of(project_of(PAGE).settings_with("EMAILVERIFICATION"), {"SUPERTOKENS": {}})
    with supertokens_settings(**added["SUPERTOKENS"]):
        yield


def test_the_finished_screens_take_codes_and_wait_for_the_link(
    more_recipes: None, open_website: OpenWebsite
) -> None:
    main = changed(
        code_of("src/main.jsx"),
        ("recipeList: [EmailPassword.init(), Session.init()]", "recipeList"),
        ("[EmailPasswordPreBuiltUI]", "screens"),
        ("import { useEffect", 'import { recipeList, screens } from "./recipes.jsx";\nimport { useEffect'),
    )
    tab = open_website({"src/recipes.jsx": code_of("src/recipes.jsx"), "src/main.jsx": main})
    sign_up(ALICE)
    tab.fill("input[name=email]", ALICE.email)
    tab.get_by_role("button", name="CONTINUE").click()
    tab.fill("input[name=password]", ALICE.password)
    tab.get_by_role("button", name="CONTINUE").click()
    tab.get_by_text("Verify your email!").wait_for()
    assert tab.get_by_text("Signed in as").count() == 0
    tab.goto(link_in(the_mail()))
    tab.get_by_role("button", name="CONTINUE").click()
    tab.get_by_text(f"Signed in as {ALICE.email}").wait_for()
    tab.get_by_role("button", name="Sign out").click()

    passwordless.signinup("public", email=EMAIL)
    tab.fill("input[name=email]", EMAIL)
    tab.get_by_role("button", name="CONTINUE").click()
    tab.get_by_text("Enter OTP").wait_for()
    tab.fill("input[name=userInputCode]", mailed_code())
    tab.get_by_role("button", name="CONTINUE").click()
    tab.get_by_text(f"Signed in as {EMAIL}").wait_for()
    assert users.get_user_count() == 2


def test_own_screens_have_functions_for_codes_and_verification(
    more_recipes: None, open_website: OpenWebsite
) -> None:
    auth = changed(
        code_of("src/auth.js"),
        ("EmailPassword.init(),", "EmailPassword.init(),\n        ...recipes,"),
        (
            "import Session",
            'export * from "./codes.js";\nimport { recipes } from "./codes.js";\nimport Session',
        ),
    )
    tab = open_website({"src/codes.js": code_of("src/codes.js"), "src/auth.js": auth})
    status = "answer => answer.status"
    assert tab.evaluate(f"email => app.sendCode(email).then({status})", EMAIL) == "OK"
    assert tab.evaluate("() => app.wasAskedForHere()") is True
    assert tab.evaluate(f"() => app.sendAgain().then({status})") == "OK"
    assert tab.evaluate(f"code => app.signInByCode(code).then({status})", mailed_code()) == "OK"
    assert tab.evaluate("() => app.wasAskedForHere()") is False
    assert tab.evaluate("() => app.isVerified()") is True
    tab.evaluate("() => app.signOut()")

    assert tab.evaluate(f"email => app.sendCode(email).then({status})", EMAIL) == "OK"
    tab.goto(mailed_link())
    assert tab.evaluate(f"() => app.signInByLink().then({status})") == "OK"
    tab.evaluate("() => app.signOut()")

    by_password = "async ([email, password]) => app.problemsOf(await app.signUp(email, password))"
    assert tab.evaluate(by_password, [ALICE.email, ALICE.password]) == {}
    assert tab.evaluate("() => app.isVerified()") is False
    mail.outbox.clear()
    assert tab.evaluate(f"() => app.askForVerification().then({status})") == "OK"
    tab.goto(link_in(the_mail()))
    assert tab.evaluate(f"() => app.verifyEmail().then({status})") == "OK"
    assert tab.evaluate("() => app.isVerified()") is True
