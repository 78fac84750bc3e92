"""``manage.py supertokens_session_keys``: moves stored sessions to the other kind of signing key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from supertokens_django.management.progress import Bar
from supertokens_django.recipes.session import key_kind
from supertokens_django.recipes.session.conf import session_conf

BATCH_SIZE = 1000


class Command(BaseCommand):
    help = (
        "Have stored sessions signed with the static key, or with dynamic ones, without waiting for their refresh. "
        "It may be stopped and run again at any time, and on several servers at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_mutually_exclusive_group(required=True)
        kinds.add_argument(
            "--static", action="store_true", help="USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY is False."
        )
        kinds.add_argument(
            "--dynamic", action="store_true", help="USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY is True."
        )
        parser.add_argument(
            "--batch-size",
            type=int,
            default=BATCH_SIZE,
            help=f"Sessions per transaction (default: {BATCH_SIZE}).",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Say how many there are to move, and move none."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch_size"] < 1:
            raise CommandError("--batch-size must be at least 1.")
        static: bool = options["static"]
        is_dynamic = session_conf().use_dynamic_access_token_signing_key
        if static == is_dynamic:
            self.stderr.write(
                f"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY is {is_dynamic}: each session moves back at its next refresh."
            )
        self._move(static, options)

    def _move(self, static: bool, options: dict[str, Any]) -> None:
        bar = Bar(self.stdout, options["verbosity"])
        if options["dry_run"]:
            bar.say(f"sessions: {key_kind.count(static=static)} to move")
            return
        total = key_kind.count(static=static) if bar.is_shown else 0
        batch = key_kind.move_batch(options["batch_size"], static=static)
        moved = 0
        while batch.last is not None:
            moved += batch.moved
            bar.draw(moved, total, "sessions")
            batch = key_kind.move_batch(options["batch_size"], static=static, after=batch.last)
        bar.say(f"sessions: {moved} moved")
