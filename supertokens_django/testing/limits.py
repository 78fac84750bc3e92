"""Rate limits in tests: out of the way, or there to be reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache.backends.locmem import LocMemCache

from supertokens_django.limits import stage
from supertokens_django.limits.stage import Stage
from supertokens_django.testing.environment import require_test_run

ROOM = 100_000


@contextmanager
def rate_limits(*, enabled: bool) -> Iterator[None]:
    """Switch the rate limits off in the block, or on, whatever ``RATE_LIMITS["ENABLED"]`` says.

    On, they begin at zero and count in a memory of their own, so that they can be reached where the project's cache
    counts nothing, and leave nothing behind.  The rates are those of the settings.

    Raises:
        RuntimeError: this is no test run.
    """
    require_test_run()
    with stage.set_to(Stage(enabled=enabled, cache=_memory() if enabled else None)):
        yield


def _memory() -> LocMemCache:
    memory = LocMemCache("supertokens_django.testing.limits", {"OPTIONS": {"MAX_ENTRIES": ROOM}})
    memory.clear()
    return memory
