"""The project ``acme`` that a page of the documentation writes, block by block."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Any

from corsheaders.defaults import default_headers
from django.apps import apps
from django.db import connection
from django.test import override_settings
from django.urls import clear_url_caches

from supertokens_django import conf, signals
from supertokens_django.cors import get_all_cors_headers
from tests.docs.snippets import SETTINGS, SHELL, Snippet, snippets_of

DJANGO_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
DJANGO_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
STARTPROJECT: Mapping[str, Any] = {
    "INSTALLED_APPS": DJANGO_APPS,
    "MIDDLEWARE": DJANGO_MIDDLEWARE,
    "AUTH_PASSWORD_VALIDATORS": VALIDATORS,
    "ROOT_URLCONF": "acme.urls",
}
"""What ``django-admin startproject acme`` writes."""

QUICKSTART: Mapping[str, Any] = {
    **STARTPROJECT,
    "INSTALLED_APPS": [*DJANGO_APPS, "corsheaders", "supertokens_django", "acme"],
    "MIDDLEWARE": [
        "corsheaders.middleware.CorsMiddleware",
        *DJANGO_MIDDLEWARE,
        "supertokens_django.middleware.SuperTokensMiddleware",
    ],
    "SUPERTOKENS": {
        "APP_NAME": "Acme",
        "API_DOMAIN": "https://api.acme.com",
        "WEBSITE_DOMAIN": "https://acme.com",
        "RECIPES": ["emailpassword"],
    },
    "CORS_ALLOWED_ORIGINS": ["https://acme.com"],
    "CORS_ALLOW_CREDENTIALS": True,
    "CORS_ALLOW_HEADERS": [*default_headers, *get_all_cors_headers()],
}
"""What a project has that followed the quickstart; where the other pages begin."""

PLAIN_URLS = "tests.docs.urls"
"""The URLconf of a project that has no pages of its own."""

GAP = "# …"
"""In a block of settings: what the project has stays."""
BEGINNINGS = ("README.md", "docs/quickstart.md")
"""Pages that begin where ``startproject`` ends."""


class Project:
    """The blocks of one page as files in ``folder``."""

    def __init__(self, page: str, folder: Path) -> None:
        self.all_snippets = snippets_of(page)
        self.snippets = [snippet for snippet in self.all_snippets if snippet.language == "python"]
        self.templates = [snippet for snippet in snippets_of(page) if "/templates/" in (snippet.file or "")]
        self.commands = [s.code for s in snippets_of(page) if s.language == "console"]
        self.begins = page in BEGINNINGS
        self.folder = folder

    def write(self) -> None:
        """Write the files; blocks of one file follow each other in it."""
        files: dict[str, str] = {"acme/__init__.py": ""}
        for snippet in self.modules():
            assert snippet.file is not None
            files[snippet.file] = files.get(snippet.file, "") + "\n\n" + snippet.code
        files.setdefault("acme/urls.py", "from tests.docs.urls import urlpatterns")
        files |= {s.file: s.code for s in self.templates if s.file}
        for name, code in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(code)
            if path.suffix == ".py":
                (path.parent / "__init__.py").touch()

    def modules(self) -> list[Snippet]:
        return [snippet for snippet in self.snippets if snippet.file not in (SETTINGS, SHELL)]

    def snippets_of_settings(self) -> list[Snippet]:
        return [snippet for snippet in self.snippets if snippet.file == SETTINGS]

    def settings_with(self, text: str) -> Snippet:
        """The one block of settings that says ``text``."""
        (found,) = (snippet for snippet in self.snippets_of_settings() if text in snippet.code)
        return found

    @contextmanager
    def running(self, *settings: Snippet, **more: Any) -> Iterator[Project]:
        """The project is importable, and configured as the given blocks say on top of what it begins with.

        On the pages where a project begins that is nothing, and all of their blocks are given.
        """
        self.write()
        sys.path.insert(0, str(self.folder))
        invalidate_caches()
        values: dict[str, Any] = dict(STARTPROJECT if self.begins else QUICKSTART)
        try:
            for snippet in settings or (self.snippets_of_settings() if self.begins else ()):
                values = settings_of(snippet, values)
            values.pop("DATABASES", None)  # the tests have their own
            with override_settings(**{**values, **more}):
                _forget_urls()
                yield self
        finally:
            sys.path.remove(str(self.folder))
            _forget_acme()

    def load(self, file: str) -> ModuleType:
        """Import ``acme/views.py`` and the like."""
        return import_module(file.removesuffix(".py").replace("/", "."))


def settings_of(snippet: Snippet, before: Mapping[str, Any]) -> dict[str, Any]:
    """The settings after a block: ``...`` in a list and ``# …`` in ``SUPERTOKENS`` stand for what was there before."""
    names: dict[str, Any] = {name: _copied(value) for name, value in before.items()}
    exec(compile(snippet.code, str(snippet), "exec"), names)
    after = {name: value for name, value in names.items() if name.isupper()}
    for name, value in after.items():
        if isinstance(value, list) and ... in value:
            after[name] = _spliced(value, before[name])
    if GAP in snippet.code and "SUPERTOKENS" in before:
        after["SUPERTOKENS"] = merged(before["SUPERTOKENS"], after["SUPERTOKENS"])
    return after


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """``old`` with the keys of ``new``, section by section."""
    return {
        **old,
        **{
            key: {**old[key], **value} if isinstance(value, dict) and key in old else value
            for key, value in new.items()
        },
    }


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else dict(value) if isinstance(value, dict) else value


def _spliced(value: list[Any], before: list[Any]) -> list[Any]:
    at = value.index(...)
    return [*value[:at], *(item for item in before if item not in value), *value[at + 1 :]]


def _forget_urls() -> None:
    """The URLs are loaded anew: those of a recipe of the project are mounted when that happens."""
    clear_url_caches()
    for name in ("supertokens_django.urls", PLAIN_URLS):
        sys.modules.pop(name, None)


def _forget_acme() -> None:
    _forget_urls()
    for name in [name for name in sys.modules if re.match(r"acme(\.|$)", name)]:
        _disconnect(sys.modules.pop(name))
    apps.all_models.pop("acme", None)
    for key in [key for key, section in conf.SECTIONS.items() if section.__module__.startswith("acme.")]:
        del conf.SECTIONS[key]
    apps.clear_cache()


def _disconnect(module: ModuleType) -> None:
    """Its functions hear no signal any more."""
    for signal in (getattr(signals, name) for name in signals.__all__):
        for value in filter(callable, vars(module).values()):
            signal.disconnect(value)


@contextmanager
def tables_of(module: ModuleType) -> Iterator[None]:
    """The tables of the models in a module exist meanwhile; needs a test outside any transaction."""
    models = [model for model in apps.all_models["acme"].values() if model.__module__ == module.__name__]
    with connection.schema_editor() as editor:
        for model in models:
            editor.create_model(model)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for model in reversed(models):
                editor.delete_model(model)


def run_in_shell(snippet: Snippet, names: Mapping[str, Any]) -> dict[str, Any]:
    """Run a block as ``manage.py shell`` would, with ``names`` at hand; gives all names that are there afterwards."""
    space = dict(names)
    exec(compile(snippet.code, str(snippet), "exec"), space)
    return space
