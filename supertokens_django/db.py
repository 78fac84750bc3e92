"""Transactions and row locks that behave alike on every database that Django supports."""

from __future__ import annotations

import random
import time
import weakref
from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.apps import apps
from django.db import IntegrityError, OperationalError, connections, models, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=models.Model)

ATTEMPTS = 8

# PostgreSQL: deadlock_detected, serialization_failure.  MySQL and MariaDB: lock wait timeout, deadlock,
# "record has changed since last read" (MariaDB 11.6+).
_TRANSIENT_SQLSTATES = {"40P01", "40001"}
_TRANSIENT_MYSQL_ERRORS = {1020, 1205, 1213}
_UNIQUE_VIOLATION, _MYSQL_DUPLICATE_ENTRY = "23505", 1062


def is_transient(error: OperationalError) -> bool:
    """Tell whether running the whole transaction again may succeed (a deadlock, a busy SQLite file)."""
    cause = error.__cause__
    if getattr(cause, "sqlstate", getattr(cause, "pgcode", None)) in _TRANSIENT_SQLSTATES:
        return True
    if cause is not None and cause.args and cause.args[0] in _TRANSIENT_MYSQL_ERRORS:
        return True
    return "database is locked" in str(error) or "database table is locked" in str(error)


def is_duplicate(error: IntegrityError) -> bool:
    """Tell whether a unique constraint was violated, and no other one."""
    cause = error.__cause__
    if getattr(cause, "sqlstate", getattr(cause, "pgcode", None)) == _UNIQUE_VIOLATION:
        return True
    if cause is not None and cause.args and cause.args[0] == _MYSQL_DUPLICATE_ENTRY:
        return True
    return str(error).startswith("UNIQUE constraint failed")  # SQLite


def transactional(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` in one transaction, again from the start when the database reports a transient conflict.

    Inside a transaction of the caller it is a savepoint, and a conflict is the caller's: part of a transaction that
    was rolled back cannot be repeated on its own.
    """

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        alias = write_alias()
        nested = connections[alias].in_atomic_block
        attempt = 1
        while True:
            try:
                with transaction.atomic(using=alias):
                    if attempt > 1:
                        take_write_lock()
                    return function(*args, **kwargs)
            except OperationalError as error:
                if nested or attempt == ATTEMPTS or not is_transient(error):
                    raise
            attempt += 1
            time.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - only spreads the retries

    return wrapper


def take_write_lock() -> None:
    """Wait for SQLite's one write lock before reading anything; other databases lock row by row.

    SQLite refuses to turn a transaction that has read into one that writes when another has written in between, and so
    again and again while many write.  A write that changes nothing takes the lock first.
    """
    connection = connections[write_alias()]
    if not connection.features.has_select_for_update:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE supertokens_django_tenant SET id = id WHERE id = ''")


def write_alias() -> str:
    """The database that holds this app's tables."""
    return router.db_for_write(_model())


def is_in_transaction() -> bool:
    """Tell whether this thread is in a transaction of the database that holds this app's tables."""
    return connections[write_alias()].in_atomic_block


def read_alias() -> str:
    """The database to read from what may be a moment old."""
    return router.db_for_read(_model())


@cache
def _model() -> type[models.Model]:
    """A model of this app, to ask the database routers about; all of them live together."""
    return apps.get_model("supertokens_django", "Tenant")


def on_commit(call: Callable[[], Any]) -> None:
    """Run ``call`` once the surrounding transaction is committed, at once when there is none.

    What it raises is logged: the work is done, and a client must not be told otherwise.
    """
    transaction.on_commit(call, using=write_alias(), robust=True)


def locked(rows: QuerySet[M], *, passes_by: bool = False) -> QuerySet[M]:
    """Lock ``rows`` until the transaction ends; on SQLite, which has no row locks, the whole database.

    With ``passes_by`` only those that nobody else holds, on a database that can tell; one that cannot waits for them.
    """
    take_write_lock()
    alias = write_alias()
    skips = passes_by and connections[alias].features.has_select_for_update_skip_locked
    return rows.using(alias).select_for_update(skip_locked=skips)


def locking(rows: QuerySet[M]) -> QuerySet[M]:
    """Lock ``rows`` as they are read, and not what is joined to them, where the database can tell these apart.

    On SQLite nothing is locked before the first write, which repeats the transaction where another came before it.
    """
    features = connections[write_alias()].features
    return rows.select_for_update(of=("self",) if features.has_select_for_update_of else ())


def locked_or_new(rows: QuerySet[M], new: Callable[[], M]) -> tuple[M, bool]:
    """The one row of ``rows``, locked until the transaction ends, and whether it was missing and is inserted now.

    Of many callers at once one inserts.  Call it inside a transaction.
    """
    take_write_lock()
    rows = rows.using(write_alias())
    # Without a lock first: two who lock the gap would each wait for the other before they insert (InnoDB).
    row = locked(rows).first() if rows.exists() else None
    while row is None:
        try:
            with transaction.atomic(using=rows.db):
                row = new()
                row.save(force_insert=True, using=rows.db)
                return row, True
        except IntegrityError:
            row = locked(rows).first()
    return row, False


if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
else:
    _CharField = models.CharField


class ExactCharField(_CharField):
    """Text that is equal where it is the same, letter by letter, on every database.

    MySQL and MariaDB compare by a collation, and most collations know neither case nor accents nor blanks at the end.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        if connection.vendor == "mysql":
            is_mariadb: bool = connection.mysql_is_mariadb  # type: ignore[attr-defined]
            parameters["collation"] = "utf8mb4_nopad_bin" if is_mariadb else "utf8mb4_0900_bin"
        return parameters


class TransactionWatch:
    """Tells whether the transaction it was made in has been rolled back, with what was read or written there.

    A rollback drops the callback from those that the connection keeps for the commit, and so does closing it.
    """

    def __init__(self) -> None:
        alias = write_alias()
        self._connection = weakref.ref(connections[alias])
        self._is_pending = connections[alias].in_atomic_block
        if self._is_pending:
            transaction.on_commit(self._committed, using=alias)

    def _committed(self) -> None:
        connection = self._connection()
        if connection is None or not connection.in_atomic_block:
            self._is_pending = False

    def was_rolled_back(self) -> bool:
        """Also true for the moment in which the connection runs its callbacks, so ask again then."""
        return self._is_pending and not self._is_kept()

    def _is_kept(self) -> bool:
        connection = self._connection()
        kept = [] if connection is None else list(connection.run_on_commit)
        return any(entry[1] == self._committed for entry in kept)

    def is_open_elsewhere(self) -> bool:
        """Tell whether it is a transaction of another thread whose outcome is not known yet."""
        return self._is_pending and self._connection() is not connections[write_alias()]
