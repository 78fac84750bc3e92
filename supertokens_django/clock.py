"""Time as the protocol counts it: whole milliseconds since the epoch.  Nobody else in the app asks for the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone

_replacement: Callable[[], int] | None = None


def now() -> datetime:
    """The current time, cut to whole milliseconds so that a stored time and a sent one are equal."""
    moment = timezone.now()
    if _replacement is not None:
        moment = datetime.fromtimestamp(_replacement() / 1000, moment.tzinfo)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def now_in_milliseconds() -> int:
    """The current time in milliseconds since the epoch; the cheap form, for what every request asks."""
    return int(time.time() * 1000) if _replacement is None else _replacement()


@contextmanager
def replaced_by(read: Callable[[], int]) -> Iterator[None]:
    """Ask ``read`` for the time meanwhile, in every thread; for tests.  It gives milliseconds since the epoch."""
    global _replacement
    before, _replacement = _replacement, read
    try:
        yield
    finally:
        _replacement = before


monotonic = time.monotonic
"""Seconds on a clock that nobody can set, from an arbitrary moment on; for the age of what is held in memory."""


def milliseconds(moment: datetime) -> int:
    """Milliseconds since the epoch."""
    return round(moment.timestamp() * 1000)


def seconds(period: timedelta) -> int:
    """A duration in whole seconds, rounded down."""
    return int(period.total_seconds())
