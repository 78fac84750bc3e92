"""The HTTP conversations that pages show take place as they are shown."""

from __future__ import annotations

import pytest

from tests.base import Clock
from tests.docs.conftest import ProjectOf
from tests.docs.conversation import Conversation

MOBILE = "docs/guides/mobile.md"


@pytest.mark.django_db(transaction=True)
def test_an_app_speaks_with_the_server_as_the_guide_says(project_of: ProjectOf, clock: Clock) -> None:
    project = project_of(MOBILE)
    with project.running(project.settings_with("GRACE_PERIOD")):
        assert Conversation(clock).play(MOBILE) == 11
