"""The system checks, each by itself, so that one that fails does not hide the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Tags
from django.core.checks.registry import registry

from supertokens_django.parsers import without_credentials

PREFIX = "supertokens_django."
BROKEN_SETTINGS = "The settings have errors; see the findings."


@dataclass(frozen=True)
class Finding:
    """Something that is wrong; ``id`` is None where no system check has found it."""

    level: str
    id: str | None
    message: str
    hint: str | None = None


@dataclass(frozen=True)
class ChecksReport:
    messages: list[Finding]
    """The worst first, and ours before those of others."""
    silenced: int


def run() -> ChecksReport:
    """Run every system check, those for deployment as well, except for those that ask the database."""
    found = [
        message
        for check in registry.get_checks(include_deployment_checks=True)
        if Tags.database not in getattr(check, "tags", ())
        for message in _messages(check)
    ]
    spoken = [message for message in found if not message.is_silenced()]
    spoken.sort(key=lambda message: (-message.level, not str(message.id).startswith(PREFIX), str(message.id)))
    return ChecksReport([finding_of(message) for message in spoken], len(found) - len(spoken))


def finding_of(message: CheckMessage) -> Finding:
    text = f"{_named(message.obj)}{message.msg}"
    return Finding(_level(message.level), message.id, text, message.hint or None)


def _messages(check: Any) -> Iterator[CheckMessage]:
    try:
        yield from check(app_configs=None, databases=None)
    except Exception as error:
        name = f"{check.__module__}.{check.__name__}"
        yield checks.Error(f"The check {name} cannot be run: {cause(error)}")


def cause(error: BaseException) -> str:
    """An exception on one line; URLs in it, of a database for instance, without their passwords."""
    text = without_credentials(" ".join(str(error).split()))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _level(number: int) -> str:
    names = {
        checks.CRITICAL: "CRITICAL",
        checks.ERROR: "ERROR",
        checks.WARNING: "WARNING",
        checks.INFO: "INFO",
    }
    return next((name for least, name in names.items() if number >= least), "DEBUG")


def _named(culprit: Any) -> str:
    """What a message is about, where it says so, as ``check`` prints it."""
    if culprit is None:
        return ""
    label = getattr(getattr(culprit, "_meta", None), "label", None)
    return f"{label or culprit}: "
