"""How the database finds rows: whether it uses an index, or walks through whole tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.db import connection

_READS = ("SELECT", "(SELECT", "UPDATE", "DELETE", "WITH")


@contextmanager
def plans(*, of_large_tables: bool = False) -> Iterator[list[str]]:
    """Collect the plan of every statement of the block, each as one text that begins with the statement.

    Small tables are read whole however many indexes they have, so PostgreSQL is forbidden to where it has a choice,
    unless the tables are large.
    """
    found: list[str] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(_READS) and "supertokens_django_" in sql:
            found.append(f"{sql}\n{_plan(execute, sql, params, context)}")
        return execute(sql, params, many, context)

    forced = nullcontext() if of_large_tables else _without_choice()
    with forced, connection.execute_wrapper(explain):
        yield found


def walks_through(plan: str, table: str) -> bool:
    """Tell whether the plan reads a table from one end to the other."""
    lines = plan.splitlines()[1:]
    if connection.vendor == "postgresql":
        return any(re.search(rf"Seq Scan on {table}\b", line) for line in lines)
    if connection.vendor == "sqlite":
        return any(line.startswith(f"SCAN {table}") and "USING" not in line for line in lines)
    return any(f"table={table} " in line and "type=ALL" in line for line in lines)


def _plan(execute: Callable[..., Any], sql: str, params: Any, context: Any) -> str:
    word = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.cursor.execute(*_for_driver(f"{word} {sql}", params))
        rows = cursor.cursor.fetchall()
        names = [column[0] for column in cursor.cursor.description]
    if connection.vendor == "mysql":
        return "\n".join(
            " ".join(f"{name}={value}" for name, value in zip(names, row, strict=True)) for row in rows
        )
    return "\n".join(str(row[-1]) for row in rows)


def _for_driver(sql: str, params: Any) -> tuple[Any, ...]:
    return (sql,) if params is None else (sql, params)


@contextmanager
def _without_choice() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET enable_seqscan")
