"""Writes text messages into files instead of sending them; for development and for tests of a whole system."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from supertokens_django import clock
from supertokens_django.delivery.backends.base import BaseSmsBackend
from supertokens_django.delivery.backends.console import written
from supertokens_django.delivery.message import Sms


class SmsBackend(BaseSmsBackend):
    """Writes one file per message into the folder ``file_path``, readable by its owner alone: it holds a code."""

    def __init__(self, *, file_path: str | os.PathLike[str]) -> None:
        self.folder = Path(file_path)
        if self.folder.exists() and not self.folder.is_dir():
            raise ImproperlyConfigured(f"file_path must be a folder, and {self.folder} is not.")

    def send_messages(self, messages: Sequence[Sms]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in messages:
            path = self.folder / f"{clock.now():%Y%m%d-%H%M%S}-{message.id}.txt"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(written(message))
        return len(messages)
