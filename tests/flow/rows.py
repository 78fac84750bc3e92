"""Looking at the whole database at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection


class Outage(Exception):
    """The database went away."""


def every_row() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as the database gives it: asked for some thousand times, the ORM would take minutes."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            found[model._meta.label] = sorted(cursor.fetchall(), key=repr)
    return found


@contextmanager
def writing_statements() -> Iterator[list[str]]:
    """The statements that write, whether what they wrote is there afterwards or was taken back."""
    found: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if _writes(sql):
            found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def _writes(sql: str) -> bool:
    return sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))


@contextmanager
def outage_at_write(number: int) -> Iterator[list[str]]:
    """Let the database fail at the ``number``-th statement that writes, counted from 1; gives the statements.

    Fewer writing statements than ``number`` mean no failure.
    """
    writes: list[str] = []

    def fail(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if _writes(sql):
            writes.append(sql)
            if len(writes) == number:
                raise Outage(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        yield writes
