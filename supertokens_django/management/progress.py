"""A bar that shows how far a command has come; in a terminal only, so that logs of scheduled jobs stay readable."""

from __future__ import annotations

from django.core.management.base import OutputWrapper

BAR_WIDTH = 30


class Bar:
    """Draws on one line, which the last word of the command replaces."""

    def __init__(self, out: OutputWrapper, verbosity: int) -> None:
        self._out = out
        self._is_quiet = verbosity == 0
        self.is_shown = not self._is_quiet and out.isatty()

    def draw(self, done: int, total: int, what: str) -> None:
        if self.is_shown:
            share = min(done / total, 1) if total else 1
            bar = "█" * round(share * BAR_WIDTH)
            self._out.write(f"\r{bar:░<{BAR_WIDTH}} {share * 100:.0f} % of {total} {what}", ending="")
            self._out.flush()

    def say(self, text: str) -> None:
        """Print a line in the place of the bar; nothing with ``--verbosity 0``."""
        if not self._is_quiet:
            self._out.write(("\r\033[K" if self.is_shown else "") + text)
