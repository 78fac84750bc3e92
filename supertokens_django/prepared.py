"""Queries on hot paths, compiled once.

Django builds and compiles the SQL of a queryset anew each time it runs; with a few joins that takes many times longer
than the database needs for the answer.  A :class:`PreparedQuery` keeps the SQL, and from then on only its parameters
change.  See ``docs/decisions/009-prepared-queries.md``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar, cast

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from supertokens_django import db

M = TypeVar("M", bound=models.Model)


class PreparedQuery(Generic[M]):
    """A queryset whose SQL is compiled at its first use of each connection.

    ``build`` takes one text per parameter and gives the queryset.  It is called with placeholders, so it may hand them
    on to look-ups and values of text columns, but must not look at them.  ``alias`` names the database, by default the
    one that is written to.
    """

    def __init__(
        self, build: Callable[..., QuerySet[M]], *, alias: Callable[[], str] = db.write_alias
    ) -> None:
        self._build = build
        self._alias = alias
        self._placeholders = [f"\ue000{name}\ue000" for name in inspect.signature(build).parameters]

    def first(self, *values: str) -> M | None:
        """The first object that the query finds, or None.  It limits nothing: for a query that finds one at most."""
        return next(iter(self.all(*values)), None)

    def all(self, *values: str) -> list[M]:
        """Every object that the query finds."""
        return self._replay(connections[self._alias()]).run(values)

    def _replay(self, connection: BaseDatabaseWrapper) -> _Replay[M]:
        # Kept by the connection: what compiled the SQL refers to it, and both belong to one thread.
        known: dict[PreparedQuery[Any], _Replay[Any]] = connection.__dict__.setdefault(
            "_supertokens_prepared_queries", {}
        )
        if self not in known:
            rows = self._build(*self._placeholders).using(connection.alias)
            known[self] = _Replay(rows, self._placeholders)
        return known[self]


class PreparedUpdate(Generic[M]):
    """Saves the same fields of one object after another; sends no signals, as ``QuerySet.update`` sends none."""

    def __init__(self, model: type[M], *fields: str) -> None:
        self._model = model
        self._names = fields

    def save(self, row: M) -> None:
        """Write the fields of ``row``, which is known to be there."""
        connection = connections[db.write_alias()]
        options, quote = self._model._meta, connection.ops.quote_name
        fields = [cast("models.Field[Any, Any]", options.get_field(name)) for name in self._names]
        table, key = quote(options.db_table), quote(str(options.pk.column))
        changes = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
        with connection.cursor() as cursor:
            sql = f"UPDATE {table} SET {changes} WHERE {key} = %s"  # noqa: S608 - names of our own
            cursor.execute(sql, [*_stored(row, fields, connection), row.pk])


class PreparedInsert(Generic[M]):
    """Inserts one new object after another; sends no signals, as ``bulk_create`` sends none."""

    def __init__(self, model: type[M]) -> None:
        self._model = model

    def save(self, row: M) -> None:
        """Insert ``row``, whose primary key is set.

        Raises:
            IntegrityError: a constraint is violated.
        """
        alias = db.write_alias()
        connection = connections[alias]
        options, quote = self._model._meta, connection.ops.quote_name
        fields = options.local_concrete_fields
        columns = ", ".join(quote(str(field.column)) for field in fields)
        places = ", ".join(["%s"] * len(fields))
        with connection.cursor() as cursor:
            sql = f"INSERT INTO {quote(options.db_table)} ({columns}) VALUES ({places})"  # noqa: S608
            cursor.execute(sql, _stored(row, fields, connection))
        row._state.adding, row._state.db = False, alias


def _stored(
    row: models.Model, fields: Iterable[models.Field[Any, Any]], connection: BaseDatabaseWrapper
) -> list[Any]:
    """The values of fields as the database's driver takes them."""
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]


class _Replay(Generic[M]):
    """Stands for the compiler of a queryset: the SQL is known, the values are new.

    Django's own iterable turns its rows into objects, so relations and annotations come out as usual.
    """

    def __init__(self, rows: QuerySet[M], placeholders: list[str]) -> None:
        compiler: Any = rows.query.get_compiler(using=rows.db)
        sql, params = compiler.as_sql()
        self._connection = compiler.connection
        self._sql = sql
        self._params = [
            placeholders.index(param) if param in placeholders else _Fixed(param) for param in params
        ]
        self._converters = compiler.get_converters([column[0] for column in compiler.select])
        self.select = compiler.select
        self.klass_info = compiler.klass_info
        self.annotation_col_map = compiler.annotation_col_map
        self._rows = rows
        self._values: tuple[str, ...] = ()
        cast(Any, rows.query).get_compiler = self._compiler

    def run(self, values: tuple[str, ...]) -> list[M]:
        self._values = values
        found: Iterable[M] = cast(Any, self._rows)._iterable_class(self._rows)
        return list(found)

    def _compiler(self, *args: Any, **kwargs: Any) -> Any:
        return self

    # What Django's iterable asks of a compiler

    def execute_sql(self, **kwargs: Any) -> list[tuple[Any, ...]]:
        params = [item.value if isinstance(item, _Fixed) else self._values[item] for item in self._params]
        with self._connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def results_iter(self, results: Iterable[tuple[Any, ...]]) -> Iterator[list[Any]]:
        for result in results:
            row = list(result)
            for position, (converters, expression) in self._converters.items():
                for convert in converters:
                    row[position] = convert(row[position], expression, self._connection)
            yield row


class _Fixed:
    """A parameter that is part of the query."""

    def __init__(self, value: Any) -> None:
        self.value = value
