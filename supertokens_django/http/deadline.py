"""A deadline for all that one call does on the wire: a server that drips byte by byte meets no timeout."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from supertokens_django import clock


class Watch:
    """Ends the connections of one call when its time is up."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._end = clock.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    @property
    def remaining(self) -> float:
        """Seconds that are left; never so few that a socket would take them for "do not block"."""
        return max(self._end - clock.monotonic(), 0.001)

    def over(self, connected: socket.socket) -> None:
        """End this connection, too.  A duplicate is kept: TLS takes the descriptor out of the socket it wraps."""
        with self._lock:
            copy = socket.fromfd(connected.fileno(), connected.family, connected.type)
            self._sockets.append(copy)
            if self.is_over:
                _shut(copy)

    def _expire(self) -> None:
        with self._lock:
            self.is_over = True
            for copy in self._sockets:
                _shut(copy)

    def stop(self) -> None:
        self._timer.cancel()
        with self._lock:
            for copy in self._sockets:
                copy.close()
            self._sockets.clear()


def _shut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


_watch: ContextVar[Watch | None] = ContextVar("supertokens_django.outgoing", default=None)


@contextmanager
def watched(seconds: float) -> Iterator[Watch]:
    """One watch for the outermost call: redirects and second attempts take no time of their own."""
    if (running := _watch.get()) is not None:
        yield running
        return
    watch = Watch(seconds)
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)
        watch.stop()


def current() -> Watch | None:
    """The watch of the call that is under way in this thread."""
    return _watch.get()
