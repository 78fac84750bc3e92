"""The tutorial of docs/quickstart.md: in this process, and as its reader does it, from an empty folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from tests.base import ALICE
from tests.client import FrontendClient, Mode, json_of, json_of_view
from tests.docs.conftest import ProjectOf
from tests.docs.snippets import SETTINGS, Snippet, snippets_of
from tests.packaging.test_wheel import wheel

__all__ = ["wheel"]

PAGE = "docs/quickstart.md"


def snippet(file: str) -> Snippet:
    (found,) = (snippet for snippet in snippets_of(PAGE) if snippet.file == file)
    return found


def sign_up_json() -> Any:
    return json.loads(next(snippet.code for snippet in snippets_of(PAGE) if snippet.language == "json"))


class TestInThisProcess:
    @pytest.fixture(autouse=True)
    def stage(self, project_of: ProjectOf, db: None) -> Iterator[None]:
        with project_of(PAGE).running():
            yield

    def test_the_tutorials_account_can_be_made(self, mode: Mode) -> None:
        browser = FrontendClient(mode, host="localhost:8000", secure=False, enforce_csrf_checks=True)
        response = browser.request("POST", "/auth/signup", json_body=sign_up_json())
        assert json_of(response)["user"]["emails"] == [ALICE.email]
        assert json_of_view(browser.get("/api/me")) == {"userId": browser.user_id, "email": ALICE.email}

    def test_the_page_may_call_the_api(self, mode: Mode) -> None:
        preflight = {
            "origin": "http://localhost:5173",
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,fdi-version,rid,st-auth-mode",
        }
        headers = FrontendClient(mode).request("OPTIONS", "/auth/signup", headers=preflight).headers
        assert headers["access-control-allow-origin"] == "http://localhost:5173"
        assert headers["access-control-allow-credentials"] == "true"
        assert {"rid", "fdi-version", "st-auth-mode"} <= set(
            headers["access-control-allow-headers"].split(", ")
        )


@pytest.mark.slow
def test_a_reader_gets_there(tmp_path: Path, wheel: Path) -> None:
    """Every command of the page in a shell, from an empty folder; its files; and curl's two requests."""
    folder = tmp_path / "acme-project"
    folder.mkdir()
    (tmp_path / "constraint.txt").write_text(f"supertokens-django @ {wheel.as_uri()}\n")
    commands = [snippet.code for snippet in snippets_of(PAGE) if snippet.language == "console"]
    _type(folder, commands[0])
    settings = folder / SETTINGS
    settings.write_text(settings.read_text() + "\n" + snippet(SETTINGS).code)
    for file in ("acme/views.py", "acme/urls.py"):
        (folder / file).write_text(snippet(file).code)
    *before, last = commands[1].splitlines()
    said = _type(folder, "\n".join(before))
    assert "System check identified no issues (0 silenced)." in said
    assert last == "$ python manage.py runserver"

    with _server(folder) as api:
        assert _call(f"{api}/api/me")[::2] == (401, {"message": "unauthorised"})
        status, headers, body = _call(f"{api}/auth/signup", json.dumps(sign_up_json()).encode())
        assert (status, body["status"]) == (200, "OK")
        authorization = {"Authorization": f"Bearer {headers['st-access-token']}"}
        assert _call(f"{api}/api/me", headers=authorization)[::2] == (
            200,
            {"userId": body["user"]["id"], "email": ALICE.email},
        )


def _environment(folder: Path) -> dict[str, str]:
    """A shell that knows nothing of ours; to pip, the package is the one that was built of these sources."""
    hidden = ("DJANGO_SETTINGS_MODULE", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": programs, "PIP_CONSTRAINT": str(folder.parent / "constraint.txt")}


def _type(folder: Path, commands: str) -> str:
    """Type the lines behind the prompts of a block into a shell; the environment is active where it is there."""
    lines = [line.removeprefix("$ ") for line in commands.splitlines()]
    if (folder / ".venv").exists():
        lines.insert(0, ". .venv/bin/activate")
    done = subprocess.run(
        ["sh", "-e", "-c", "\n".join(lines)],
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """``runserver`` on a free port; gives the address once it answers."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python = folder / ".venv/bin/python"
    command = [str(python), "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    log = (folder / "server.log").open("w")
    with subprocess.Popen(command, cwd=folder, env=_environment(folder), stdout=log, stderr=log) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
    log.close()


def _wait_for(api: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        try:
            _call(f"{api}/api/me")
            return
        except URLError:
            assert server.poll() is None, "the server has ended"
            time.sleep(0.05)
    pytest.fail("the server does not answer")


def _call(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, Any, Any]:
    """Status, headers and JSON of an answer, as curl shows them."""
    request = Request(url, body, {"Content-Type": "application/json", **(headers or {})})
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, error.headers, json.load(error)
