"""The output that docs/doctor.md shows is what the command prints."""

from __future__ import annotations

import re

import pytest
from django.core.management import load_command_class

from supertokens_django.services import jwt
from tests.base import Clock
from tests.docs.conftest import ProjectOf
from tests.docs.snippets import snippets_of, text_of
from tests.doctor.output import consult, settled
from tests.doctor.test_doctor import HTTPS

PAGE = "docs/doctor.md"


@pytest.mark.django_db
def test_the_output_is_that_of_the_command(project_of: ProjectOf, clock: Clock) -> None:
    whole, excerpt = (snippet.code for snippet in snippets_of(PAGE) if snippet.language == "text")
    with project_of(PAGE).running(**HTTPS):
        jwt.get_signing_kid()
        clock.advance(2 * 86_400 + 3 * 3600)
        text, code = consult()
        other, _ = consult("--api", "http://api.acme.com", "--website", "https://shop.example")

    assert (settled(text), code) == (whole, 0)
    for part in re.split(r"^…\n", excerpt, flags=re.M):
        assert part in settled(other)


def test_the_options_are_listed() -> None:
    parser = load_command_class("supertokens_django", "supertokens_doctor").create_parser("", "")
    own = {"--api", "--website", "--json", "--fail-level"}
    assert own <= {option for action in parser._actions for option in action.option_strings}
    assert set(re.findall(r"^\| `(--[a-z-]+)", text_of(PAGE), re.M)) == own
