"""The HTTP conversations that pages show take place as they are shown."""

from __future__ import annotations

import re

import pytest

from tests.base import Clock
from tests.docs.conftest import ProjectOf
from tests.docs.conversation import Conversation, exchanges_of
from tests.docs.snippets import text_of

MOBILE, EXAMPLES = "docs/guides/mobile.md", "docs/protocol-examples.md"


@pytest.mark.django_db(transaction=True)
def test_an_app_speaks_with_the_server_as_the_guide_says(project_of: ProjectOf, clock: Clock) -> None:
    project = project_of(MOBILE)
    with project.running(project.settings_with("GRACE_PERIOD")):
        assert Conversation(clock).play(MOBILE) == 11


@pytest.mark.django_db(transaction=True)
def test_a_browser_speaks_with_the_server_as_the_examples_say(project_of: ProjectOf, clock: Clock) -> None:
    with project_of(EXAMPLES).running():
        assert Conversation(clock).play(EXAMPLES) == 17


def test_every_endpoint_has_an_example() -> None:
    asked = {
        " ".join(request.start.split(" ")[:2]).partition("?")[0] for request, _ in exchanges_of(EXAMPLES)
    }
    mentioned = set(re.findall(r"`((?:GET|POST) /auth/\S+)`", text_of(EXAMPLES)))
    rows = re.findall(r"^\| `(GET|POST) (\S+)` \|", text_of("docs/protocol.md"), re.M)
    assert len(rows) > 10
    assert {f"{method} /auth{path}" for method, path in rows} - asked - mentioned == set()
