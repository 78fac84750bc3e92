"""The views of docs/recipes/userroles.md and the reports of docs/guides/drf.md, over the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from supertokens_django.services import userroles
from tests.base import ALICE, PUBLIC, supertokens_settings
from tests.client import FrontendClient, Mode, Stack, json_of, json_of_view
from tests.docs.conftest import ProjectOf
from tests.docs.project import PLAIN_URLS, Project
from tests.docs.snippets import snippets_of

pytestmark = pytest.mark.django_db

PAGE = "docs/recipes/userroles.md"

urlpatterns: list[URLPattern | URLResolver] = []


@pytest.fixture
def project(project_of: ProjectOf) -> Iterator[Project]:
    project = project_of(PAGE)
    settings = next(s for s in project.snippets_of_settings() if "SERVICE_CLASS" not in s.code)
    with project.running(settings, ROOT_URLCONF=__name__):
        views, posts, api = (project.load(f"acme/{name}.py") for name in ("views", "posts", "api"))
        urlpatterns[:] = [
            path("", include(PLAIN_URLS)),
            path("newsroom", views.newsroom),
            path("drafts", views.drafts),
            path("new-post", posts.NewPost.as_view()),
            path("api/newsroom", api.Newsroom.as_view()),
            path("api/drafts", api.Drafts.as_view()),
        ]
        yield project
        urlpatterns.clear()


@pytest.fixture
def member(project: Project, mode: Mode, stack: Stack) -> FrontendClient:
    browser = FrontendClient(mode, stack=stack)
    browser.sign_up(ALICE.email, ALICE.password)
    return browser


EVERYTHING = ("/newsroom", "/drafts", "/new-post", "/api/newsroom", "/api/drafts")


def test_an_editor_sees_everything(member: FrontendClient) -> None:
    assert {path: member.get(path).status_code for path in EVERYTHING} == dict.fromkeys(EVERYTHING, 403)
    userroles.create_new_role_or_add_permissions("editor", ["blog.add_post", "read:drafts"])
    userroles.add_role_to_user(PUBLIC, member.user_id, "editor")

    member.sign_in(ALICE.email, ALICE.password)

    assert {path: member.get(path).status_code for path in EVERYTHING} == dict.fromkeys(EVERYTHING, 200)
    assert json_of_view(member.get("/newsroom")) == {"roles": ["editor"]}


def test_the_refusal_is_the_one_on_the_page(member: FrontendClient) -> None:
    import json

    (shown,) = (json.loads(snippet.code) for snippet in snippets_of(PAGE) if snippet.language == "json")
    for view in ("/newsroom", "/api/newsroom"):
        assert json_of(member.get(view)) == shown


def test_who_is_suspended_sees_no_drafts(member: FrontendClient) -> None:
    for role in ("editor", "suspended"):
        userroles.create_new_role_or_add_permissions(role, ["read:drafts"])
        userroles.add_role_to_user(PUBLIC, member.user_id, role)
    member.sign_in(ALICE.email, ALICE.password)

    refused = {"message": "invalid claim", "claimValidationErrors": [{"id": "st-role"}]}
    assert json_of(member.get("/api/drafts")) == refused


def test_rules_of_the_projects_own_give_a_role(project_of: ProjectOf, mode: Mode) -> None:
    project = project_of(PAGE)
    with project.running(project.settings_with("acme.roles.Roles"), ROOT_URLCONF=PLAIN_URLS):
        browser = FrontendClient(mode)
        browser.sign_up(ALICE.email, ALICE.password)
        payload = browser.access_token_payload
    assert (payload["st-role"]["v"], payload["st-perm"]["v"]) == (["reader"], ["read:articles"])


class TestReports:
    @pytest.fixture
    def accountant(self, project_of: ProjectOf, mode: Mode) -> Iterator[FrontendClient]:
        project = project_of("docs/guides/drf.md")
        recipes = supertokens_settings(RECIPES=["emailpassword", "userroles"])
        with project.running(ROOT_URLCONF=__name__), recipes:
            reports = project.load("acme/reports.py")
            urlpatterns[:] = [path("", include(PLAIN_URLS)), path("report", reports.Report.as_view())]
            userroles.create_new_role_or_add_permissions("accountant", ["read:reports"])
            browser = FrontendClient(mode)
            browser.sign_up(ALICE.email, ALICE.password)
            yield browser
            urlpatterns.clear()

    def refused(self, browser: FrontendClient) -> list[str]:
        return [error["id"] for error in json_of(browser.get("/report"))["claimValidationErrors"]]

    def test_it_wants_the_role_or_staff_and_then_staff(self, accountant: FrontendClient) -> None:
        assert self.refused(accountant) == ["st-role"]
        userroles.add_role_to_user(PUBLIC, accountant.user_id, "accountant")
        accountant.sign_in(ALICE.email, ALICE.password)
        assert self.refused(accountant) == ["staff"]

        get_user_model().objects.update(is_staff=True)
        accountant.sign_in(ALICE.email, ALICE.password)
        assert accountant.get("/report").status_code == 200
