"""A database of its own for every process that is measured: a file, or a database on the PostgreSQL server.

The server is that of the tests: ``POSTGRES_HOST``, ``POSTGRES_PORT``, ``POSTGRES_USER``, ``POSTGRES_PASSWORD``.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

KINDS = ("sqlite", "postgres")


def settings(kind: str, name: str) -> dict[str, Any]:
    """What stands in ``DATABASES["default"]``; ``name`` is the path of the file, or the database on the server.

    Connections stay open. A commit does not wait for the disk, which would be measured instead of the code.
    """
    if kind == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
            },
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "HOST": os.environ.get("POSTGRES_HOST", "127.0.0.1"),
        "PORT": os.environ.get("POSTGRES_PORT", "5432"),
        "USER": os.environ.get("POSTGRES_USER", "postgres"),
        "PASSWORD": os.environ.get("POSTGRES_PASSWORD", ""),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"options": "-c synchronous_commit=off"},
    }


def create(kind: str, name: str) -> None:
    if kind == "postgres":
        _on_the_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')


def drop(kind: str, name: str) -> None:
    if kind == "postgres":
        _on_the_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        return
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(name + suffix).unlink()


def exists(name: str) -> bool:
    """Tell whether the PostgreSQL server has this database."""
    return bool(_on_the_server("SELECT 1 FROM pg_database WHERE datname = %s", params=(name,)))


def _on_the_server(*statements: str, params: tuple[Any, ...] | None = None) -> list[Any]:
    import psycopg

    server = settings("postgres", "postgres")
    arguments = {key.lower(): server[key] for key in ("HOST", "PORT", "USER", "PASSWORD")}
    found: list[Any] = []
    with psycopg.connect(dbname="postgres", autocommit=True, **arguments) as connection:
        for statement in statements:
            cursor = connection.execute(statement, params)
            found = cursor.fetchall() if cursor.description else []
    return found
