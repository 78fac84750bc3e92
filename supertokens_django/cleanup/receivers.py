"""Deleting without a cron job: a batch now and then, after a session was made or refreshed.

The signals come on commit, so the request's own work is done; what fails here is logged, and the request is not told.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.db import Error

from supertokens_django import clock, conf
from supertokens_django.cleanup import service
from supertokens_django.cleanup.conf import CleanupConf

logger = logging.getLogger("supertokens_django")


class Opportunity:
    """When this process deletes again."""

    def __init__(self) -> None:
        self._due = 0
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Begin anew, as a process that has just started: the next sign-in or refresh is an opportunity."""
        self._due = 0

    def take(self, interval: int) -> bool:
        """Tell whether it is time, to one thread; the next time is ``interval`` milliseconds from now."""
        now = clock.now_in_milliseconds()
        if now < self._due <= now + interval or not self._lock.acquire(blocking=False):
            return False
        try:
            self._due = now + interval
            return True
        finally:
            self._lock.release()


opportunity = Opportunity()


def delete_now_and_then(**kwargs: Any) -> None:
    """Delete one batch of each kind when the time has come, where the settings ask for it."""
    settings = conf.section(CleanupConf)
    if not settings.opportunistic or not opportunity.take(clock.seconds(settings.interval) * 1000):
        return
    try:
        for kind in service.kinds():
            service.delete_batch(kind, settings.batch_size)
    except Error:
        logger.warning("Expired rows could not be deleted; the next batch tries again.", exc_info=True)
