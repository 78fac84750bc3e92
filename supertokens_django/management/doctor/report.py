"""The report as a whole: made of parts that end up in JSON as they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from django.core import checks

from supertokens_django.management.doctor import (
    configuration,
    decisions,
    delivery,
    findings,
    keys,
    limits,
    state,
)

LEVELS = {
    "CRITICAL": checks.CRITICAL,
    "ERROR": checks.ERROR,
    "WARNING": checks.WARNING,
    "INFO": checks.INFO,
    "DEBUG": checks.DEBUG,
}


@dataclass(frozen=True)
class Report:
    """Everything, in the order in which it is printed."""

    versions: dict[str, str]
    settings: list[configuration.SectionReport]
    decisions: decisions.Decisions
    delivery: delivery.DeliveryReport
    rate_limits: limits.LimitsReport
    database: state.DatabaseReport
    migrations: state.MigrationsReport
    signing_keys: keys.KeysReport
    checks: findings.ChecksReport
    problems: list[findings.Finding] = field(default_factory=list)
    """What is wrong beside the checks: the database, migrations, keys, the pair that was asked for."""

    @property
    def findings(self) -> list[findings.Finding]:
        """All that is wrong, the worst first."""
        found = [
            *self.problems,
            *(message for message in self.checks.messages if message not in self.problems),
        ]
        return sorted(found, key=lambda finding: -LEVELS[finding.level])

    def count(self, *levels: str) -> int:
        return sum(finding.level in levels for finding in self.findings)

    def fails(self, level: str) -> bool:
        """Tell whether something is as bad as ``level``, or worse."""
        return any(LEVELS[finding.level] >= LEVELS[level] for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        errors, warnings = self.count("CRITICAL", "ERROR"), self.count("WARNING")
        return {**asdict(self), "errors": errors, "warnings": warnings}


def examine(api: str | None = None, website: str | None = None) -> Report:
    """Look at everything, for the pair of origins in the settings or another one."""
    pair = decisions.decide(api, website)
    database = state.database()
    migrations, ring = state.migrations(database.error), keys.keys(database.error)
    problems = [
        *(pair.mistakes if api or website else ()),
        *database.problems(),
        *migrations.problems(),
        *ring.problems(),
    ]
    return Report(
        versions=state.versions(),
        settings=configuration.describe(),
        decisions=pair,
        delivery=delivery.describe(),
        rate_limits=limits.limits(),
        database=database,
        migrations=migrations,
        signing_keys=ring,
        checks=findings.run(),
        problems=problems,
    )
