"""Every block of code in the README and the documentation is one that works.

What a page's views, gates and services do is tested page by page in the files beside this one.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from configparser import ConfigParser
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core import checks
from django.core.management import CommandError, get_commands, load_command_class
from django.db import connection
from django.test import RequestFactory

from supertokens_django.checks.catalogue import ENVIRONMENT
from supertokens_django.services import session, users
from tests.base import ALICE, PUBLIC, sign_up
from tests.docs.conftest import ProjectOf
from tests.docs.project import PLAIN_URLS, Project, run_in_shell
from tests.docs.snippets import (
    DOCS,
    PAGES,
    ROOT,
    SETTINGS,
    SHELL,
    Snippet,
    each,
    prose_of,
    snippets_of,
    text_of,
)
from tests.services import require_service

LANGUAGES = {
    "console",
    "html",
    "http",
    "javascript",
    "json",
    "jsx",
    "python",
    "text",
    "{settings}",
    "{toctree}",
}
NAMES_A_FILE = {"html", "javascript", "jsx", "python"}
PROGRAMS = {"curl", "npm", "pip", "psql"}
FRONTEND_COMMANDS = {
    "$ npm create vite@latest website -- --template vanilla",
    "$ cd website",
    "$ npm run dev",
}


@pytest.mark.parametrize("document", PAGES)
class TestDocument:
    def test_every_block_begins_at_the_margin(self, document: str) -> None:
        fences = [line for line in text_of(document).splitlines() if line.lstrip().startswith("```")]
        assert len(fences) == 2 * len(snippets_of(document))

    def test_every_block_is_in_a_language_that_is_tested(self, document: str) -> None:
        assert {snippet.language for snippet in snippets_of(document)} <= LANGUAGES

    def test_every_block_of_code_says_which_file_it_belongs_to(self, document: str) -> None:
        silent = [str(s) for s in snippets_of(document) if s.language in NAMES_A_FILE and s.file is None]
        assert silent == []

    def test_its_files_can_be_imported(self, document: str, project_of: ProjectOf) -> None:
        project = project_of(document)
        files = files_of(project)
        with project.running():
            modules = [project.load(file) for file in files]
        assert [Path(str(module.__file__)).name for module in modules] == [Path(file).name for file in files]

    def test_its_links_lead_somewhere(self, document: str) -> None:
        missing = [
            link
            for link in re.findall(r"\]\((?!https?:)([^)#\s]+)", prose_of(document))
            if not ((ROOT / document).parent / link).exists()
        ]
        assert missing == []


def files_of(project: Project) -> list[str]:
    return [snippet.file for snippet in project.modules() if snippet.file is not None]


@each("python", SETTINGS)
@pytest.mark.django_db(databases="__all__")
def test_settings_pass_the_system_checks(snippet: Snippet, project_of: ProjectOf) -> None:
    """With some URLs of the page, or, where these go with another block of settings, with plain ones."""
    found = {}
    project = project_of(snippet.page)
    own = {
        file.removesuffix(".py").replace("/", ".") for file in files_of(project) if file.endswith("urls.py")
    }
    for urls in (*sorted(own), PLAIN_URLS):
        with project.running(snippet, ROOT_URLCONF=urls):
            # Variables of the environment are the reader's to set.
            found[urls] = [str(message) for message in checks.run_checks() if message.id != ENVIRONMENT.id]
    assert [] in found.values(), found


@each("python", SHELL)
@pytest.mark.django_db(transaction=True)
def test_what_is_typed_into_a_shell_works(snippet: Snippet, project_of: ProjectOf) -> None:
    with project_of(snippet.page).running():
        user_id = sign_up(ALICE)
        made = session.create_new_session_without_request_response(PUBLIC, user_id)
        run_in_shell(
            snippet,
            {"user_id": user_id, "session_handle": made.get_handle(), "request": RequestFactory().get("/")},
        )
    assert not connection.in_atomic_block
    assert users.get_user_count() >= 1


@each("json")
def test_json_is_json(snippet: Snippet) -> None:
    assert isinstance(json.loads(snippet.code), dict)


@each("javascript")
def test_javascript_is_a_module(snippet: Snippet, tmp_path: Path) -> None:
    require_service("node")
    node = shutil.which("node")
    assert node is not None
    file = tmp_path / "snippet.mjs"
    file.write_text(snippet.code)
    done = subprocess.run([node, "--check", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@each("console")
def test_every_command_exists(snippet: Snippet) -> None:
    unknown = [line for line in snippet.code.splitlines() if not _is_known(line)]
    assert unknown == []


def _is_known(line: str) -> bool:
    """Tell whether a line is a prompt with a command that there is, its targets and extras included."""
    if line in FRONTEND_COMMANDS or re.fullmatch(r"\$ (\. \.venv/bin/activate|ACCESS_TOKEN=…)", line):
        return True
    words = line.removeprefix("$ ").split()
    match words:
        case ["make", target]:
            return f"\n{target}:" in (ROOT / "Makefile").read_text()
        case ["python", "manage.py", command, *arguments] if command.startswith("supertokens_"):
            return _takes(command, arguments)
        case ["python", "manage.py", command, *_]:
            return command in get_commands() or _is_command_of_a_page(command)
        case ["python", "-m", module, *_] if module.partition(".")[0] == "benchmarks":
            return find_spec(module) is not None
        case ["python", "-m", "venv", ".venv"] | ["django-admin", "startproject", "acme", "."]:
            return True
        case ["pip", "install", requirement]:
            return _extras_of(requirement.strip('"')) <= _known_extras()
        case ["npm", "install", package]:
            return package in (ROOT / "tests/browser/package.json").read_text()
    return bool(words) and words[0] in PROGRAMS


def _takes(command: str, arguments: list[str]) -> bool:
    """Tell whether a command of ours takes these arguments."""
    parser = load_command_class("supertokens_django", command).create_parser("manage.py", command)
    parser.called_from_command_line = False
    try:
        parser.parse_args(arguments)
    except CommandError:
        return False
    return True


def _is_command_of_a_page(command: str) -> bool:
    file = f"acme/management/commands/{command}.py"
    return any(snippet.file == file for page in PAGES for snippet in snippets_of(page))


def _extras_of(requirement: str) -> set[str]:
    match = re.fullmatch(r"supertokens-django(?:\[(?P<extras>[\w,]+)\])?", requirement)
    assert match is not None
    return set(filter(None, (match["extras"] or "").split(",")))


def _known_extras() -> set[str]:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    return set(setup["options.extras_require"])


def test_every_page_is_in_the_table_of_contents() -> None:
    listed = {
        line for s in snippets_of("docs/index.md") if s.language == "{toctree}" for line in s.code.split()
    }
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    decisions = {page for page in pages if page.startswith("decisions/")}
    assert pages - decisions - {"index"} <= listed
    assert "decisions/*" in listed
