"""``requirements.txt`` and ``setup.cfg`` speak of the same ranges."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def names_and_ranges(text: str) -> dict[str, str]:
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    pairs = (re.fullmatch(r"([A-Za-z0-9_.-]+(?:\[[\w,-]+\])?)(.*)", line) for line in lines if line)
    return {match[1].lower(): match[2] for match in pairs if match}


def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


class TestRequirements:
    def test_they_are_those_of_the_app_its_tests_and_its_checks(self) -> None:
        options = setup()
        extras = options["options.extras_require"]
        declared = (
            options["options"]["install_requires"],
            *(extras[n] for n in ("drf", "openapi", "bcrypt", "thirdparty", "test", "check")),
        )
        listed = names_and_ranges((ROOT / "requirements.txt").read_text())
        assert listed == names_and_ranges("\n".join(declared))

    def test_the_extra_all_is_every_extra_of_the_app_but_database_drivers(self) -> None:
        extras = setup()["options.extras_require"]
        about_developing = {"all", "postgres", "mysql", "test", "check", "browser", "docs"}
        of_the_app = "\n".join(extras[name] for name in extras if name not in about_developing)
        assert names_and_ranges(extras["all"]) == names_and_ranges(of_the_app)
