"""How long a code or a link is good, in words."""

from __future__ import annotations

from datetime import timedelta

from django.utils import formats
from django.utils.translation import ngettext

MINUTE, HOUR, DAY = 60, 3600, 86_400


def in_words(lifetime: timedelta) -> str:
    """A lifetime in the active language: "45 seconds", "15 minutes", "1.5 hours", "3 days".

    Minutes are rounded down, hours to one decimal (the rule of SuperTokens' own messages); whole days from two on.
    """
    seconds = max(0, int(lifetime.total_seconds()))
    if seconds < MINUTE:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    if seconds < HOUR:
        minutes = seconds // MINUTE
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    if seconds >= 2 * DAY and seconds % DAY == 0:
        days = seconds // DAY
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    whole, tenths = divmod(seconds * 10 // HOUR, 10)
    shown = formats.number_format(whole + tenths / 10, decimal_pos=1 if tenths else 0)
    return ngettext("%(count)s hour", "%(count)s hours", whole + bool(tenths)) % {"count": shown}
