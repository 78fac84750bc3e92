"""``manage.py supertokens_keys``: what an operator does with the signing keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from supertokens_django.management.confirmation import confirm
from supertokens_django.recipes.jwt.exceptions import UnknownSigningKeyError
from supertokens_django.recipes.jwt.key_verbs import SigningKeyInformation
from supertokens_django.services import jwt

COLUMNS = ("kid", "kind", "state", "created_at", "signs_from", "retired_at", "accepted_until")

QUESTION = """\
{kids}: signs no more from now on{end}.
Frontends whose access tokens are refused refresh them; nobody is signed out.

    Type 'yes' to continue, or 'no' to cancel: """


class Command(BaseCommand):
    help = "List, rotate, retire and export the keys that sign sessions and JWTs. Private halves are never printed."

    def add_arguments(self, parser: CommandParser) -> None:
        operations = parser.add_subparsers(dest="operation", required=True, metavar="operation")
        listing = operations.add_parser("list", help="Print every key and what it does now.")
        listing.add_argument("--format", choices=("table", "json"), default="table")
        rotating = operations.add_parser("rotate", help="Publish a new key, which signs 60 seconds later.")
        _add_static(rotating)
        retiring = operations.add_parser(
            "retire", help="Let keys sign no more; without KID the one that signs."
        )
        retiring.add_argument("kid", nargs="*", metavar="KID", help="The key's id, as the list prints it.")
        _add_static(retiring)
        retiring.add_argument(
            "--now", action="store_true", help="Refuse its tokens as well: the key has leaked."
        )
        retiring.add_argument(
            "--noinput", "--no-input", action="store_false", dest="interactive", help="Ask nothing."
        )
        exporting = operations.add_parser("export", help="Print the public half of a key.")
        exporting.add_argument("kid", nargs="?", metavar="KID", help="By default the static key that signs.")
        exporting.add_argument("--format", choices=("pem", "jwk"), default="pem")

    def handle(self, *args: Any, **options: Any) -> None:
        operations: dict[str, Callable[[dict[str, Any]], None]] = {
            "list": self._list,
            "rotate": self._rotate,
            "retire": self._retire,
            "export": self._export,
        }
        try:
            operations[options["operation"]](options)
        except UnknownSigningKeyError as error:
            raise CommandError(error.message) from error

    def _list(self, options: dict[str, Any]) -> None:
        keys = [_row(key) for key in jwt.list_signing_keys()]
        if options["format"] == "json":
            self.stdout.write(json.dumps(keys, indent=2))
            return
        head = [name.replace("_", " ") for name in COLUMNS]
        cells = [head, *([key[name] or "-" for name in COLUMNS] for key in keys)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for row in cells:
            self.stdout.write(
                "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            )

    def _rotate(self, options: dict[str, Any]) -> None:
        key = jwt.rotate_signing_key(options["static"])
        begins = f"from {_text(key.signs_from)} on" if key.signs_from else "at once"
        self.stdout.write(f"{key.kid} is published and signs {begins}.")

    def _retire(self, options: dict[str, Any]) -> None:
        kids = options["kid"] or [jwt.get_signing_kid(options["static"])]
        known = {key.kid for key in jwt.list_signing_keys()}
        for kid in kids:
            if kid not in known:
                raise UnknownSigningKeyError(kid)
        if options["interactive"]:
            end = ", and nothing that it has signed is accepted any more" if options["now"] else ""
            confirm(QUESTION.format(kids=", ".join(kids), end=end))
        for kid in kids:
            self._say_retired(jwt.retire_signing_key(kid, options["now"]))

    def _say_retired(self, key: SigningKeyInformation) -> None:
        text = f"{key.kid} signs no more; its tokens are accepted"
        if key.accepted_until is None:
            text += f" without end. `supertokens_keys retire {key.kid} --now` ends that"
        else:
            text += f" until {_text(key.accepted_until)}"
        self.stdout.write(f"{text}. Other processes follow within 60 seconds.")

    def _export(self, options: dict[str, Any]) -> None:
        kid = options["kid"] or jwt.get_signing_kid(static=True)
        if options["format"] == "jwk":
            self.stdout.write(json.dumps(jwt.get_public_jwk(kid), indent=2))
        else:
            self.stdout.write(jwt.get_public_key_pem(kid), ending="")


def _add_static(parser: CommandParser) -> None:
    parser.add_argument(
        "--static", action="store_true", help="The static key (s-…) instead of the dynamic one (d-…)."
    )


def _row(key: SigningKeyInformation) -> dict[str, str | None]:
    return {
        name: _text(value) if isinstance(value, datetime) else value for name, value in asdict(key).items()
    }


def _text(moment: datetime) -> str:
    """RFC 3339, in UTC, to the second."""
    return datetime.fromtimestamp(moment.timestamp(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
