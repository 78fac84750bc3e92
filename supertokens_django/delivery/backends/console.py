"""Prints text messages instead of sending them; for development."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from typing import TextIO

from supertokens_django import clock
from supertokens_django.delivery.backends.base import BaseSmsBackend
from supertokens_django.delivery.message import Sms


class SmsBackend(BaseSmsBackend):
    """Writes to the standard output, or to ``stream``."""

    _lock = threading.Lock()

    def __init__(self, *, stream: TextIO | None = None) -> None:
        self.stream = stream

    def send_messages(self, messages: Sequence[Sms]) -> int:
        stream = self.stream or sys.stdout
        with self._lock:
            for message in messages:
                stream.write(written(message))
            stream.flush()
        return len(messages)


def written(message: Sms) -> str:
    """A message for people."""
    lines = [f"To: {message.to}", f"Date: {clock.now():%Y-%m-%d %H:%M:%S %Z}", "", message.text, "-" * 79]
    if message.sender:
        lines.insert(0, f"From: {message.sender}")
    return "\n".join(lines) + "\n"
