"""The report for people: eighty columns, no colours, so that it can be pasted into a mail."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from supertokens_django.management.doctor.configuration import OptionReport, SectionReport
from supertokens_django.management.doctor.decisions import Decisions
from supertokens_django.management.doctor.delivery import DeliveryReport
from supertokens_django.management.doctor.findings import Finding
from supertokens_django.management.doctor.keys import KeysReport
from supertokens_django.management.doctor.limits import LimitsReport
from supertokens_django.management.doctor.report import Report

WIDTH = 80
COLUMN = 24
"""Where values begin; a longer name has its value on the next line."""
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def written(report: Report) -> str:
    """The whole report."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield "VERSIONS"
    for name, version in report.versions.items():
        yield from _row(name, version)
    yield from ("", "SETTINGS", "  * is set by the project, everything else is a default")
    for section in report.settings:
        yield from _section(section)
    yield ""
    yield from _decisions(report.decisions)
    yield from ("", "DELIVERY")
    yield from _delivery(report.delivery)
    yield from ("", "RATE LIMITS")
    yield from _limits(report.rate_limits)
    yield from ("", "DATABASE")
    database = report.database
    if database.alias:
        yield from _row(database.alias, " ".join(filter(None, (database.engine, database.version))))
    if database.error:
        yield from _row("cannot be asked", database.error)
    yield from ("", "MIGRATIONS")
    yield from _migrations(report)
    yield from ("", "SIGNING KEYS")
    yield from _keys(report.signing_keys)
    yield from ("", "FINDINGS")
    yield from _findings(report)


def _section(section: SectionReport) -> Iterator[str]:
    yield f"  {section.name}"
    for option in section.options:
        line = f"{' ' if option.is_default else '*'} {option.name} = {_value(option)}"
        yield from _wrapped(line, "  ", "        ")
    for name in section.unknown:
        yield from _wrapped(f"* {name}: WRONG: is not a known setting.", "  ", "        ")


def _value(option: OptionReport) -> str:
    if option.problem:
        return f"WRONG: {option.problem}"
    if option.unit == "seconds":
        return duration(option.value)
    return option.value if isinstance(option.value, str) and option.value else repr(option.value)


def duration(seconds: float) -> str:
    """A number of seconds as days, hours, minutes and seconds."""
    rest, parts = round(seconds), []
    for unit, size in UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " ".join(parts) or "0 seconds"


def _decisions(found: Decisions) -> Iterator[str]:
    yield "DECISIONS"
    if found.api:
        yield from _row("API", found.api)
    if found.website:
        yield from _row("website", found.website)
    if found.unknown:
        yield from _wrapped(found.unknown, "  ")
    for decision in found.decisions:
        yield from _row(decision.name, decision.value)
        yield from _wrapped(decision.reason, " " * COLUMN)


def _delivery(found: DeliveryReport) -> Iterator[str]:
    if found.error:
        yield from _row("unknown", found.error)
        return
    yield from _row("mails", found.mail_backend)
    yield from _row("from", found.mail_from)
    yield from _row("text messages", found.sms_backend or "cannot be sent: SMS_BACKEND is not set.")
    if found.sms_from:
        yield from _row("from", found.sms_from)
    yield from _row("language", found.language or "that of the request")
    yield from _row("sent", f"by {found.task}" if found.task else "by the request, after its commit")


def _limits(found: LimitsReport) -> Iterator[str]:
    if found.unknown:
        yield from _row("unknown", found.unknown)
    elif found.cache is None:
        yield "  There are none: RATE_LIMITS['ENABLED'] is off."
    else:
        yield from _row("cache", f"{found.cache} ({found.backend})")
        yield from _row("while it is broken", found.when_broken)
    for endpoint, scopes in found.limits.items():
        yield from _row(endpoint, "; ".join(f"{scope} {rates}" for scope, rates in scopes.items()))


def _migrations(report: Report) -> Iterator[str]:
    found = report.migrations
    if found.error:
        yield from _row("unknown", found.error)
    elif not found.unapplied:
        yield "  All are applied."
    for name in found.unapplied:
        yield from _row("not applied", name)


def _keys(found: KeysReport) -> Iterator[str]:
    if found.error:
        yield from _row("unknown", found.error)
    elif not found.keys:
        yield "  There are none yet: the first sign-in makes them."
    for key in found.keys:
        words = [key.state, key.kind, f"{_age(key.age)} old"]
        yield from _row(
            key.kid, ", ".join(words if key.can_be_decrypted else [*words, "cannot be decrypted"])
        )
    if found.next_rotation:
        yield from _row("next rotation", found.next_rotation)


def _age(seconds: int) -> str:
    """The largest two units are enough."""
    return " ".join(duration(max(0, seconds)).split()[:4])


def _findings(report: Report) -> Iterator[str]:
    for finding in report.findings:
        yield from _finding(finding)
    if report.checks.silenced:
        yield f"  {report.checks.silenced} silenced by SILENCED_SYSTEM_CHECKS."
    errors, warnings = report.count("CRITICAL", "ERROR"), report.count("WARNING")
    yield f"  {_counted(errors, 'error')}, {_counted(warnings, 'warning')}."


def _finding(finding: Finding) -> Iterator[str]:
    yield "  " + " ".join(filter(None, (finding.level, finding.id)))
    yield from _wrapped(finding.message, "    ")
    if finding.hint:
        yield from _wrapped(f"Hint: {finding.hint}", "    ")


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _row(name: str, value: Any) -> Iterator[str]:
    lines = list(_wrapped(str(value), " " * COLUMN))
    label = f"  {name}"
    if len(label) >= COLUMN:
        yield label
        yield from lines
    else:
        yield label.ljust(COLUMN) + lines[0][COLUMN:]
        yield from lines[1:]


def _wrapped(text: str, indent: str, further: str | None = None) -> list[str]:
    """At least one line; a word that is too long for it is broken.  Lines after the first may be indented further."""
    wrapper = textwrap.TextWrapper(
        WIDTH, initial_indent=indent, subsequent_indent=further or indent, break_on_hyphens=False
    )
    words = text.split()
    # The marker of a default is a blank.
    return wrapper.wrap(("  " if text.startswith(" ") else "") + " ".join(words)) or [indent]
