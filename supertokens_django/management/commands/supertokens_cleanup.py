"""``manage.py supertokens_cleanup``: deletes what has expired."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from supertokens_django import clock
from supertokens_django.cleanup import service
from supertokens_django.management.progress import Bar
from supertokens_django.registry import Expired

BATCH_SIZE = 500


class Command(BaseCommand):
    help = (
        "Delete expired sessions, tokens and keys, in small batches. It may run at any time, and on several servers "
        "at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--batch-size",
            type=int,
            default=BATCH_SIZE,
            help=f"Rows per transaction (default: {BATCH_SIZE}).",
        )
        parser.add_argument("--limit", type=int, help="Delete so many rows at most.")
        parser.add_argument("--max-seconds", type=float, help="Begin no batch after so many seconds.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be deleted, and delete nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _require_bounds(options)
        sweep = _Sweep(self, options)
        for kind in service.kinds():
            if options["dry_run"]:
                sweep.say(f"{kind.name}: {service.count(kind, options['limit'])} to delete")
            else:
                sweep.run(kind)
        if sweep.why_stopped:
            sweep.say(f"Stopped {sweep.why_stopped}; the rest is for the next run.")


class _Sweep:
    """One run over all kinds, within the bounds that were given."""

    def __init__(self, command: Command, options: dict[str, Any]) -> None:
        self._bar = Bar(command.stdout, options["verbosity"])
        self.say = self._bar.say
        self._batch_size: int = options["batch_size"]
        self._left: int | None = options["limit"]
        self._seconds: float | None = options["max_seconds"]
        self._began = clock.now_in_milliseconds()
        self.why_stopped = ""

    def run(self, kind: Expired) -> None:
        """Delete the rows of a kind."""
        total = service.count(kind, self._left) if self._bar.is_shown else 0
        deleted, after = 0, None
        while self._may_go_on():
            batch = service.delete_batch(kind, min(self._batch_size, self._left or self._batch_size), after)
            if batch.last is None:
                break
            after, deleted = batch.last, deleted + batch.deleted
            self._left = None if self._left is None else self._left - batch.deleted
            self._bar.draw(deleted, total, kind.name)
        self.say(f"{kind.name}: {deleted} deleted")

    def _may_go_on(self) -> bool:
        if self._left is not None and self._left <= 0:
            self.why_stopped = "at the limit"
        elif self._seconds is not None and clock.now_in_milliseconds() - self._began >= self._seconds * 1000:
            self.why_stopped = f"after {self._seconds:g} seconds"
        return not self.why_stopped


def _require_bounds(options: dict[str, Any]) -> None:
    for name, least in (("batch_size", 1), ("limit", 1), ("max_seconds", 0)):
        if options[name] is not None and options[name] < least:
            raise CommandError(f"--{name.replace('_', '-')} must be at least {least}.")
