"""``manage.py supertokens_doctor``: how the app is configured, what it has decided and why, and what is wrong."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from supertokens_django.management.doctor.report import LEVELS, examine
from supertokens_django.management.doctor.text import written
from supertokens_django.parsers import domain


class Command(BaseCommand):
    help = (
        "Print the effective settings, the decisions about cookies, anti-CSRF and CORS with their reasons, "
        "the state of the database and of the signing keys, and the results of all system checks. "
        "Changes nothing, sends nothing, and prints no secret."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--api", metavar="URL", help="Decide for this origin instead of API_DOMAIN.")
        parser.add_argument(
            "--website", metavar="URL", help="Decide for this origin instead of WEBSITE_DOMAIN."
        )
        parser.add_argument("--json", action="store_true", help="Print everything as JSON.")
        parser.add_argument(
            "--fail-level",
            choices=list(LEVELS),
            default="ERROR",
            help="Exit with 1 if something is as bad as this (default: ERROR).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = examine(*(_origin(name, options[name]) for name in ("api", "website")))
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
        else:
            self.stdout.write(written(report))
        if report.fails(options["fail_level"]):
            sys.exit(1)


def _origin(name: str, value: str | None) -> str | None:
    try:
        return None if value is None else domain(value)
    except ValueError as error:
        raise CommandError(f"--{name} {error}") from error
