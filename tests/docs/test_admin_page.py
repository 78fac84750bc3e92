"""The examples about the admin."""

from __future__ import annotations

import pytest
from django import forms
from django.test import RequestFactory

from supertokens_django.services import usermetadata, users
from tests.base import ALICE, sign_up
from tests.docs.conftest import ProjectOf


@pytest.mark.django_db(transaction=True)
def test_a_tool_of_the_project_s_own(project_of: ProjectOf) -> None:
    project = project_of("docs/admin.md")
    with project.running():
        alice = users.get_user(sign_up(ALICE))
        assert alice is not None
        (tool,) = project.load("acme/newsletter.py").USER_TOOLS
        assert tool.explained(alice) == ["No further issue is sent."]
        done = tool.run(RequestFactory().post("/"), alice, forms.Form({}))
        assert (done.shown, done.logged) == ("The newsletter was stopped.", "Stopped the newsletter.")
        assert usermetadata.get_user_metadata(alice.id) == {"newsletter": False}
