"""The effective settings: every option of every section, as it was understood."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import timedelta
from typing import Any, cast

from supertokens_django import conf
from supertokens_django.conf import NestedProblems
from supertokens_django.management.doctor.findings import cause
from supertokens_django.parsers import without_credentials

MASK = "********"


@dataclass(frozen=True)
class OptionReport:
    """One option.  A ``value`` is what JSON can have; ``unit`` is "seconds" where it is a duration."""

    name: str
    value: Any
    is_default: bool
    problem: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class SectionReport:
    """One section; its name is the key in ``SUPERTOKENS``, or ``SUPERTOKENS`` itself."""

    name: str
    options: list[OptionReport]
    unknown: list[str]
    """Keys that are no options.  Their values are not told: who knows what they are."""


def describe() -> list[SectionReport]:
    """The top level of ``SUPERTOKENS``, then its sections by name."""
    with suppress(Exception):  # told of by the checks
        conf.parse(conf.AppConf)  # imports the recipes of the project, which bring their sections
    sections: list[type[conf.Section]] = [
        conf.AppConf,
        *map(conf.SECTIONS.__getitem__, sorted(conf.SECTIONS)),
    ]
    return [_section(section) for section in sections]


def _section(section: type[conf.Section]) -> SectionReport:
    raw, _, _ = conf.raw_section(section)
    options = [_option(item, raw) for item in fields(cast(Any, section))]
    known = {option.name for option in options} | (set(conf.SECTIONS) if section is conf.AppConf else set())
    unknown = [str(name) for name in raw if name not in known]
    return SectionReport(section.KEY or "SUPERTOKENS", options, unknown)


def _option(item: Field[Any], raw: Mapping[str, Any]) -> OptionReport:
    name = item.name.upper()
    if name not in raw:
        if item.default is MISSING:
            return OptionReport(name, None, True, "is missing.")
        return _understood(name, item.default, True)
    if item.metadata["secret"]:
        return OptionReport(name, None if raw[name] is None else MASK, False)
    try:
        return _understood(name, item.metadata["parse"](raw[name]), False)
    except NestedProblems as found:
        return OptionReport(name, None, False, "; ".join(map(str, found.under(""))))
    except ValueError as error:
        return OptionReport(name, None, False, without_credentials(str(error)))
    except Exception as error:  # an own parser, or a module that cannot be imported for reasons of its own
        return OptionReport(name, None, False, cause(error))


def _understood(name: str, value: Any, is_default: bool) -> OptionReport:
    unit = "seconds" if isinstance(value, timedelta) else None
    return OptionReport(name, shown(value), is_default, unit=unit)


def shown(value: Any) -> Any:
    """A parsed value as JSON can have it: functions and classes by their dotted path, other objects by their class."""
    if isinstance(value, str):
        return without_credentials(value)
    if value is None or isinstance(value, int | float | bool):
        return value
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(name): shown(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [shown(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        is_section = isinstance(value, conf.Section)
        return {
            item.name.upper() if is_section else item.name: _inner(item, getattr(value, item.name))
            for item in fields(value)
        }
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _inner(item: Field[Any], value: Any) -> Any:
    is_secret = item.metadata.get("secret", False) and value is not None
    return MASK if is_secret else shown(value)
