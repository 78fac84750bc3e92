"""The rate limits that hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from supertokens_django.checks.limits import cache_backend
from supertokens_django.limits.plans import plans
from supertokens_django.limits.stage import settings
from supertokens_django.management.doctor.findings import BROKEN_SETTINGS


@dataclass(frozen=True)
class LimitsReport:
    """``limits``: by endpoint and scope; ``cache`` is None where nothing is counted."""

    cache: str | None = None
    backend: str | None = None
    when_broken: str | None = None
    limits: dict[str, dict[str, str]] = field(default_factory=dict)
    unknown: str | None = None


def limits() -> LimitsReport:
    """Of every endpoint that has some, in order of name."""
    try:
        if not settings().enabled:
            return LimitsReport()
        found = {
            name: {scope: ", ".join(map(str, rates)) for scope, rates in plan.rates.items()}
            for name, plan in sorted(plans().items())
        }
    except Exception:  # told of by the checks
        return LimitsReport(unknown=BROKEN_SETTINGS)
    when_broken = "everything passes" if settings().fail_open else "what is limited is refused"
    alias = settings().cache
    return LimitsReport(alias, cache_backend(alias), when_broken, found)
