"""Settings of the clean-up."""

from __future__ import annotations

from datetime import timedelta

from supertokens_django.conf import Section, option
from supertokens_django.parsers import boolean, duration, integer


class CleanupConf(Section):
    """``SUPERTOKENS["CLEANUP"]``: deleting what has expired without a cron job."""

    KEY = "CLEANUP"

    opportunistic: bool = option(
        boolean, False, help="Delete a batch of expired rows now and then, after a sign-in or a refresh."
    )
    interval: timedelta = option(
        duration(1), timedelta(minutes=5), help="How long each process waits between two batches."
    )
    batch_size: int = option(
        integer(1, 10_000), 500, help="How many expired rows of each kind one batch deletes at most."
    )
