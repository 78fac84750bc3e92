"""Django's mail settings, which have other names from Django 6.1 on, and the mails of a live server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django
from django.core import mail
from django.core.signals import request_finished, request_started


def mail_settings(backend: str) -> dict[str, Any]:
    """The settings that send mail by the backend with this dotted path."""
    if django.VERSION < (6, 1):
        return {"EMAIL_BACKEND": backend}
    return {"MAILERS": {"default": {"BACKEND": backend}}}


class _Traffic:
    """Requests that a live server has begun, and that it has done with."""

    def __init__(self) -> None:
        self.begun = self.done = 0

    def begin(self, **kwargs: object) -> None:
        self.begun += 1

    def end(self, **kwargs: object) -> None:
        self.done += 1


_traffic: _Traffic | None = None


@contextmanager
def watched_traffic() -> Iterator[None]:
    """For tests with a live server: :func:`settled` knows meanwhile when its mails have left."""
    global _traffic
    _traffic = found = _Traffic()
    request_started.connect(found.begin)
    request_finished.connect(found.end)
    try:
        yield
    finally:
        request_started.disconnect(found.begin)
        request_finished.disconnect(found.end)
        _traffic = None


def settled() -> None:
    """Wait until a live server has done what it does after its answers: a browser may be ahead of the mail."""
    found = _traffic
    end = time.monotonic() + 10
    while found is not None and found.done < found.begun and time.monotonic() < end:
        time.sleep(0.01)


def outbox() -> list[Any]:
    """The mails that have left."""
    settled()
    return mail.outbox
