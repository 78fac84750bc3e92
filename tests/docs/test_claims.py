"""The claims of docs/recipes/session.md that are written otherwise than the first one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from tests.base import ALICE
from tests.client import FrontendClient, Mode, Stack, json_of, json_of_view
from tests.docs.conftest import ProjectOf
from tests.docs.project import PLAIN_URLS, Project

pytestmark = pytest.mark.django_db

urlpatterns: list[URLPattern | URLResolver] = []


@pytest.fixture
def project(project_of: ProjectOf) -> Iterator[Project]:
    project = project_of("docs/recipes/session.md")
    with project.running(ROOT_URLCONF=__name__):
        terms = project.load("acme/terms.py")
        urlpatterns[:] = [path("", include(PLAIN_URLS)), path("drafts", terms.drafts)]
        yield project
        urlpatterns.clear()


def test_coroutine_functions_fetch_and_demand(project: Project, mode: Mode, stack: Stack) -> None:
    member = FrontendClient(mode, stack=stack)
    member.sign_up(ALICE.email, ALICE.password)
    reason = {"message": "value does not exist", "expectedValue": "editors", "actualValue": None}
    refused = {"message": "invalid claim", "claimValidationErrors": [{"id": "group", "reason": reason}]}
    assert json_of(member.get("/drafts")) == refused

    get_user_model().objects.get().groups.add(Group.objects.create(name="editors"))

    assert json_of_view(member.get("/drafts")) == {"drafts": []}
    assert member.access_token_payload["group"]["v"] == "editors"


def test_an_own_validator_judges(project: Project) -> None:
    adult = project.load("acme/age.py").Adult("adult")
    assert [adult.validate({"age": age}).is_valid for age in (17, 18)] == [False, True]
    assert adult.is_pure
