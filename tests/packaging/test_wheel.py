"""The wheel as a stranger meets it: built from the sources, alone in an environment, in a new project."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "supertokens_django"
PLUGIN = "supertokens_django.pytest_plugin"
DATA_FOLDERS = ("templates", "static", "locale")

SETTINGS = """
INSTALLED_APPS += ["corsheaders", "supertokens_django"]
MIDDLEWARE += ["supertokens_django.middleware.SuperTokensMiddleware"]
SUPERTOKENS = {
    "APP_NAME": "Acme",
    "API_DOMAIN": "https://api.acme.com",
    "WEBSITE_DOMAIN": "https://acme.com",
    "RECIPES": ["emailpassword"],
}
MIDDLEWARE.insert(0, "corsheaders.middleware.CorsMiddleware")
CORS_ALLOWED_ORIGINS = ["https://acme.com"]
CORS_ALLOW_CREDENTIALS = True
from corsheaders.defaults import default_headers
from supertokens_django.cors import get_all_cors_headers
CORS_ALLOW_HEADERS = [*default_headers, *get_all_cors_headers()]
"""
URLS = """
from django.urls import include
urlpatterns += [path("auth/", include("supertokens_django.urls"))]
"""
SIGN_UP = """
import json
from django.test import Client
fields = {"email": "alice@example.com", "password": "wonderland 1865"}
body = json.dumps({"formFields": [{"id": name, "value": value} for name, value in fields.items()]})
answer = Client(headers={"host": "localhost"}).post("/auth/signup", body, "application/json")
print(answer.status_code, answer.json()["status"])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(folder), str(sources(folder)))
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def stranger(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel and what it requires, nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run(str(python), "-m", "pip", "install", str(wheel))
    return python


@pytest.fixture
def new_project(stranger: Path, tmp_path: Path) -> Path:
    """``django-admin startproject``, and the lines that the README asks for."""
    run(str(stranger), "-m", "django", "startproject", "shop", str(tmp_path))
    append(tmp_path / "shop" / "settings.py", SETTINGS)
    append(tmp_path / "shop" / "urls.py", URLS)
    return tmp_path


class TestWheel:
    def test_it_holds_every_file_of_the_package(self, wheel: Path) -> None:
        assert shipped_files(wheel) == set(package_files())

    @pytest.mark.parametrize("folder", DATA_FOLDERS)
    def test_it_holds_templates_static_files_and_translations(self, wheel: Path, folder: str) -> None:
        prefix = f"supertokens_django/{folder}/"
        assert any(name.startswith(prefix) for name in shipped_files(wheel))

    def test_it_says_that_it_is_typed(self, wheel: Path) -> None:
        assert "supertokens_django/py.typed" in shipped_files(wheel)

    def test_it_holds_nothing_but_the_package(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as archive:
            roots = {name.split("/")[0] for name in archive.namelist()}
        assert roots == {"supertokens_django", f"{wheel.name.split('-py3')[0]}.dist-info"}

    def test_it_names_its_licence(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as archive:
            (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            lines = archive.read(metadata).decode().splitlines()
        assert "License-Expression: Apache-2.0" in lines
        assert "License-File: LICENSE" in lines

    def test_pytest_finds_the_plugin(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
            lines = archive.read(name).decode().split()
        assert lines == ["[pytest11]", PLUGIN, "=", PLUGIN]

    def test_a_project_without_pytest_django_can_run_pytest(self, stranger: Path, tmp_path: Path) -> None:
        run(str(stranger), "-m", "pip", "install", "--quiet", "pytest")
        (tmp_path / "test_acme.py").write_text("def test_it():\n    pass\n")
        printed = run(str(stranger), "-m", "pytest", "--fixtures", "-q", cwd=tmp_path)
        assert "supertokens_session" in printed
        assert "1 passed" in run(str(stranger), "-W", "error", "-m", "pytest", "-q", cwd=tmp_path)


class TestNewProject:
    def test_it_passes_the_system_checks(self, stranger: Path, new_project: Path) -> None:
        manage(stranger, new_project, "check", "--fail-level", "WARNING")

    def test_it_migrates_and_misses_no_migration(self, stranger: Path, new_project: Path) -> None:
        manage(stranger, new_project, "migrate", "--verbosity", "0")
        manage(stranger, new_project, "makemigrations", "--check", "--dry-run")

    def test_it_signs_somebody_up(self, stranger: Path, new_project: Path) -> None:
        manage(stranger, new_project, "migrate", "--verbosity", "0")
        assert manage(stranger, new_project, "shell", "-c", SIGN_UP).splitlines()[-1] == "200 OK"


def sources(folder: Path) -> Path:
    """A copy of what is built, so that building leaves nothing behind in the sources."""
    copy = folder / "sources"
    copy.mkdir()
    for name in ("pyproject.toml", "setup.cfg", "README.md", "LICENSE"):
        (copy / name).write_bytes((ROOT / name).read_bytes())
    for name in package_files():
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    return copy


def package_files() -> Iterator[str]:
    for path in PACKAGE.rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(ROOT).as_posix()


def shipped_files(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if name.startswith("supertokens_django/")}


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def manage(python: Path, project: Path, *arguments: str) -> str:
    return run(str(python), "manage.py", *arguments, cwd=project)


def run(*command: str, cwd: Path | None = None) -> str:
    """What a command prints that sees neither our settings nor our sources; it must succeed."""
    hidden = ("DJANGO_SETTINGS_MODULE", "PYTHONPATH")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
