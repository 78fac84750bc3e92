"""Databases of their own for servers that get into trouble."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from example_project.settings import DATABASE_CHOICES
from tests.services import require_service


@contextmanager
def new_database(database: str) -> Iterator[str]:
    """A new database on the ``postgres`` or ``mariadb`` server; gives its name, and drops it in the end."""
    require_service(database)
    name = f"test_supertokens_faults_{os.getpid()}"
    execute(database, f"CREATE DATABASE {name}")
    try:
        yield name
    finally:
        execute(database, f"DROP DATABASE {name}")


def execute(database: str, statement: str) -> None:
    """Run a statement beside the database that it is about."""
    options = DATABASE_CHOICES[database]
    if database == "postgres":
        import psycopg

        with psycopg.connect(
            host=options["HOST"],
            port=options["PORT"],
            user=options["USER"],
            password=options["PASSWORD"] or None,
            dbname="postgres",
            autocommit=True,
        ) as postgres:
            postgres.execute(statement)
        return
    import MySQLdb

    mariadb = MySQLdb.connect(
        host=options["HOST"], port=int(options["PORT"]), user=options["USER"], password=options["PASSWORD"]
    )
    try:
        mariadb.cursor().execute(statement)
    finally:
        mariadb.close()
