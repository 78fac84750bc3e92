"""Many callers at the same moment, each a thread with a database connection of its own, as in a server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from django.db import OperationalError, connection, connections

T = TypeVar("T")

PATIENCE = 60
"""Seconds after which callers that wait for each other count as deadlocked."""


class Caller(Generic[T]):
    """A call in a thread of its own; what it raises is raised again where the answer is asked for."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._answer: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._answer.append(self._call())
        except BaseException as error:
            self._error = error
        finally:
            connections.close_all()

    def is_done(self, within: float = 0) -> bool:
        """Wait for the answer for so many seconds at most; tells whether it is there."""
        self._thread.join(within)
        return not self._thread.is_alive()

    def answer(self) -> T:
        assert self.is_done(within=PATIENCE), "still waiting for somebody else"
        if self._error is not None:
            raise self._error
        (answer,) = self._answer
        return answer


def connect() -> None:
    """Open this thread's connection; somebody else's crowd may have left no room on the server for a moment."""
    for attempts_left in reversed(range(100)):
        try:
            return connection.ensure_connection()
        except OperationalError:
            if not attempts_left:
                raise
            threading.Event().wait(PATIENCE / 200)


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make all calls at the same moment, connections being open already; gives their answers in order."""
    start = threading.Barrier(len(calls))

    def released(call: Callable[[], T]) -> Callable[[], T]:
        def run() -> T:
            connect()
            start.wait(PATIENCE)
            return call()

        return run

    callers = [Caller(released(call)) for call in calls]
    for caller in callers:
        assert caller.is_done(within=PATIENCE), "deadlock: callers are still waiting for each other"
    return [caller.answer() for caller in callers]


@contextmanager
def own_statements() -> Iterator[list[str]]:
    """Collect the SQL that this thread sends, whatever the other threads do; what only begins or ends transactions
    is left out."""
    statements: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements
