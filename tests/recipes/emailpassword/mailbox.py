"""Reading the mails of a test, which leave when the transaction is committed."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.core.mail import EmailMultiAlternatives

from tests.mail import outbox

LINK = re.compile(r"https?://\S+?/reset-password\?[^\s\"'<>]+")

Commit = Callable[..., AbstractContextManager[list[Any]]]
"""``django_capture_on_commit_callbacks``: with ``execute=True`` the block ends as if committed."""


def the_mail() -> EmailMultiAlternatives:
    """The only mail that was sent."""
    (message,) = outbox()
    assert isinstance(message, EmailMultiAlternatives)
    return message


def link_in(message: EmailMultiAlternatives) -> str:
    """The one reset link in the plain text of a mail."""
    (link,) = set(LINK.findall(str(message.body)))
    return str(link)


def query_of(link: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(link).query, keep_blank_values=True)


def token_in(message: EmailMultiAlternatives) -> str:
    return dict(query_of(link_in(message)))["token"]
