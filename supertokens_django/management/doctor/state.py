"""What is installed, and in which state the database is."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import django
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

import supertokens_django
from supertokens_django import db
from supertokens_django.management.doctor.findings import Finding, cause

PACKAGES = (
    *("PyJWT", "cryptography", "argon2-cffi", "django-cors-headers", "publicsuffixlist"),
    *("djangorestframework", "drf-spectacular", "bcrypt", "redis", "channels"),
    *("psycopg", "mysqlclient"),
)
"""What the app needs, then what it can use."""

LABEL = "supertokens_django"
NOBODY_TO_ASK = "The database cannot be asked."


@dataclass(frozen=True)
class DatabaseReport:
    """The database of this app's tables; ``error`` says why it cannot be asked."""

    alias: str | None = None
    engine: str | None = None
    version: str | None = None
    error: str | None = None

    def problems(self) -> Iterator[Finding]:
        if self.error:
            yield Finding("ERROR", None, f"The database cannot be asked: {self.error}")


@dataclass(frozen=True)
class MigrationsReport:
    """``unapplied``: those of all apps, in the order in which they would be applied."""

    unapplied: list[str] = field(default_factory=list)
    error: str | None = None

    def problems(self) -> Iterator[Finding]:
        if self.error not in (None, NOBODY_TO_ASK):
            yield Finding("ERROR", None, f"The migrations cannot be compared: {self.error}")
        if self.unapplied:
            count = len(self.unapplied)
            text = f"{count} migration{' is' if count == 1 else 's are'} not applied."
            yield Finding("ERROR", None, text, "Run manage.py migrate.")


def versions() -> dict[str, str]:
    """Python, Django, this app and the packages beside it that are installed."""
    found = {
        "Python": platform.python_version(),
        "Django": django.get_version(),
        "supertokens-django": supertokens_django.__version__,
    }
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def database() -> DatabaseReport:
    """Connect, and ask for the version."""
    alias = engine = None
    try:
        alias = db.write_alias()
        connection: Any = connections[alias]
        engine = connection.settings_dict["ENGINE"]
        _require_file(connection)
        connection.ensure_connection()
        numbers = connection.get_database_version()
    except Exception as error:
        return DatabaseReport(alias, engine, error=cause(error))
    return DatabaseReport(alias, engine, ".".join(map(str, numbers)))


def _require_file(connection: Any) -> None:
    """SQLite would make the file, and nothing is to be changed.

    Raises:
        FileNotFoundError: it is not there.
    """
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        name = str(connection.settings_dict["NAME"])
        if not name.startswith("file:") and not Path(name).exists():
            raise FileNotFoundError(f"there is no file {Path(name).name} yet; migrate makes it")


def migrations(unreachable: str | None = None) -> MigrationsReport:
    """What ``migrate`` would do; ``unreachable`` says why the database cannot be asked."""
    if unreachable:
        return MigrationsReport(error=NOBODY_TO_ASK)
    try:
        alias = db.write_alias()
        plan = _plan(alias)
        if alias != DEFAULT_DB_ALIAS:  # the other apps are migrated there
            ours = [step for step in plan if step[0] == LABEL]
            plan = [*(step for step in _plan(DEFAULT_DB_ALIAS) if step[0] != LABEL), *ours]
    except Exception as error:
        return MigrationsReport(error=cause(error))
    return MigrationsReport([f"{label}.{name}" for label, name in plan])


def _plan(alias: str) -> list[tuple[str, str]]:
    """App and name of each migration that ``migrate`` would apply to a database."""
    connection: Any = connections[alias]
    _require_file(connection)
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(step.app_label, step.name) for step, _ in plan]
