"""``manage.py supertokens_openapi``: the OpenAPI document of the auth API, for tools that read files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from supertokens_django.openapi import openapi_document
from supertokens_django.openapi.yaml import to_yaml


class Command(BaseCommand):
    help = "Writes the OpenAPI 3.1 document of the auth API, as the settings make it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=("json", "yaml"), default="json", help="json without it")
        parser.add_argument("--file", help="where to write it; standard output without it")

    def handle(self, *args: Any, **options: Any) -> None:
        document = openapi_document()
        is_yaml = options["format"] == "yaml"
        text = to_yaml(document) if is_yaml else json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        if options["file"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            Path(options["file"]).write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written: {error.strerror}") from error
