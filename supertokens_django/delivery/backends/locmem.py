"""Keeps text messages in memory instead of sending them; for tests."""

from __future__ import annotations

from collections.abc import Sequence

from supertokens_django.delivery.backends.base import BaseSmsBackend
from supertokens_django.delivery.message import Sms

outbox: list[Sms] = []
"""What was sent since it was last emptied; the fixtures of the pytest plugin empty it before each test."""


class SmsBackend(BaseSmsBackend):
    """Appends to ``outbox``."""

    def send_messages(self, messages: Sequence[Sms]) -> int:
        outbox.extend(messages)
        return len(messages)
