"""``manage.py supertokens_reencrypt``: makes a fallback of SECRET_KEY superfluous."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from supertokens_django import reencryption
from supertokens_django.management.progress import Bar
from supertokens_django.registry import Encrypted

BATCH_SIZE = 200


class Command(BaseCommand):
    help = (
        "Encrypt under SECRET_KEY what is encrypted under one of SECRET_KEY_FALLBACKS. It may be stopped and run "
        "again at any time, and on several servers at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--batch-size",
            type=int,
            default=BATCH_SIZE,
            help=f"Rows per transaction (default: {BATCH_SIZE}).",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be encrypted anew, and write nothing."
        )
        parser.add_argument(
            "--check", action="store_true", help="The same, and exit with 1 if a fallback is still needed."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch_size"] < 1:
            raise CommandError("--batch-size must be at least 1.")
        renewed = sum([self._renew(kind, options) for kind in reencryption.kinds()])
        if options["check"] and renewed:
            sys.exit(1)

    def _renew(self, kind: Encrypted, options: dict[str, Any]) -> int:
        """Go through one column; gives how many texts were, or would be, encrypted anew."""
        is_rehearsal = options["dry_run"] or options["check"]
        bar = Bar(self.stdout, options["verbosity"])
        total = reencryption.count(kind) if bar.is_shown else 0
        seen = renewed = lost = 0
        after = None
        while True:
            batch = reencryption.renew_batch(kind, options["batch_size"], after, is_rehearsal=is_rehearsal)
            if batch.last is None:
                break
            after, renewed, lost = batch.last, renewed + batch.renewed, lost + batch.lost
            seen += options["batch_size"]
            bar.draw(seen, total, kind.name)
        if after is None:
            return 0  # there are no rows, most often because the recipe is off
        bar.say(f"{kind.name}: {renewed} {'to encrypt anew' if is_rehearsal else 'encrypted anew'}")
        if lost:
            self.stderr.write(
                f"{kind.name}: {lost} cannot be decrypted by SECRET_KEY or any of its fallbacks"
            )
        return renewed
