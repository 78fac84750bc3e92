"""A clock for the app's eyes only, that stands still until it is moved."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from types import TracebackType

from django.utils import timezone

from supertokens_django import clock
from supertokens_django.testing.environment import require_test_run


class Clock:
    """The time that supertokens_django sees, while it stands still."""

    def __init__(self, moment: datetime) -> None:
        self.move_to(moment)

    @property
    def milliseconds(self) -> int:
        """Milliseconds since the epoch."""
        return self._milliseconds

    @property
    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.fromtimestamp(self._milliseconds / 1000, UTC)

    def advance(self, seconds: float | timedelta) -> None:
        """Move on by a ``timedelta`` or a number of seconds; back by a negative one."""
        period = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
        self._milliseconds += round(period.total_seconds() * 1000)

    def move_to(self, moment: datetime) -> None:
        """Move to a moment; one without a time zone is meant in Django's current one."""
        aware = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
        self._milliseconds = clock.milliseconds(aware)


class frozen_time(AbstractContextManager[Clock]):
    """Let time stand still for supertokens_django, and for nobody else: ``with frozen_time() as clock:``.

    Tokens and sessions expire when the clock is moved.  It holds in every thread of the process.  ``at`` is when it
    stands, the present without it.

    Raises:
        RuntimeError: this is no test run.
    """

    def __init__(self, at: datetime | None = None) -> None:
        self._at = at
        self._exit = ExitStack()

    def __enter__(self) -> Clock:
        require_test_run()
        standing = Clock(self._at or clock.now())
        self._exit.enter_context(clock.replaced_by(lambda: standing.milliseconds))
        return standing

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._exit.close()
