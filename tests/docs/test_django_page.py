"""The views of docs/django.md, over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from supertokens_django.services import users
from tests.base import ALICE, sign_up
from tests.client import FrontendClient, Mode, Stack, json_of_view
from tests.docs.conftest import ProjectOf
from tests.docs.project import PLAIN_URLS, Project

pytestmark = pytest.mark.django_db

urlpatterns: list[URLPattern | URLResolver] = []
"""Filled with the views of the page while a test runs."""


def mount(project: Project) -> None:
    views, more = project.load("acme/views.py"), project.load("acme/more_views.py")
    urlpatterns[:] = [
        path("", include(PLAIN_URLS)),
        path("profile", views.profile),
        path("async-profile", views.async_profile),
        path("ban", views.Ban.as_view()),
        path("async", more.async_view),
        path("comments", more.Comments.as_view()),
        path("drafts", more.Drafts.as_view()),
    ]


@pytest.fixture
def project(project_of: ProjectOf) -> Iterator[Project]:
    project = project_of("docs/django.md")
    with project.running(ROOT_URLCONF=__name__):
        mount(project)
        yield project
        urlpatterns.clear()


@pytest.fixture
def member(project: Project, mode: Mode, stack: Stack) -> FrontendClient:
    browser = FrontendClient(mode, stack=stack, enforce_csrf_checks=True)
    browser.sign_up(ALICE.email, ALICE.password)
    return browser


@pytest.fixture
def stranger(project: Project, mode: Mode, stack: Stack) -> FrontendClient:
    return FrontendClient(mode, stack=stack)


def may(codename: str) -> None:
    permission = Permission.objects.get(codename=codename, content_type__app_label="auth")
    get_user_model().objects.get(email=ALICE.email).user_permissions.add(permission)


def test_every_view_serves_a_member(member: FrontendClient) -> None:
    alice = member.user_id
    expected: dict[tuple[str, str], Any] = {
        ("GET", "/profile"): {"email": ALICE.email},
        ("GET", "/async-profile"): {"signedIn": True},
        ("GET", "/async"): {"userId": alice},
        ("GET", "/comments"): {"comments": []},
        ("POST", "/comments"): {"author": alice},
        ("GET", "/drafts"): {"drafts": []},
    }
    assert {asked: json_of_view(member.request(*asked)) for asked in expected} == expected


def test_what_an_async_class_puts_into_the_token_reaches_the_client(member: FrontendClient) -> None:
    member.get("/drafts")
    assert member.access_token_payload["drafts"] is True


def test_permissions_of_django_decide(member: FrontendClient) -> None:
    assert member.post("/ban").status_code == 403
    may("delete_user")
    assert json_of_view(member.post("/ban")) == {"bannedBy": ALICE.email}


def test_a_stranger_meets_what_each_view_asks_for(stranger: FrontendClient) -> None:
    expected = {
        ("GET", "/profile"): 302,
        ("GET", "/async-profile"): 200,
        ("POST", "/ban"): 403,
        ("GET", "/async"): 401,
        ("GET", "/comments"): 200,
        ("POST", "/comments"): 401,
        ("GET", "/drafts"): 401,
    }
    assert {asked: stranger.request(*asked).status_code for asked in expected} == expected


def test_an_administrator_of_ours_is_one_in_the_admin(member: FrontendClient) -> None:
    assert member.get("/admin/").status_code == 302
    get_user_model().objects.filter(email=ALICE.email).update(is_staff=True)
    assert member.get("/admin/").status_code == 200


def test_the_models_that_the_page_names_are_in_the_admin() -> None:
    ours = {model.__name__ for model in site._registry if model._meta.app_label == "supertokens_django"}
    edited = {"Role", "UserRole", "UserMetadata", "ThirdPartyProvider"}
    assert ours == {"User", "Session", "SigningKey", "Tenant", *edited}


class TestDjangoUsers:
    @pytest.fixture(autouse=True)
    def stage(self, project_of: ProjectOf) -> Iterator[None]:
        project = project_of("docs/django.md")
        with project.running(project.settings_with("DJANGO_USER"), ROOT_URLCONF=PLAIN_URLS):
            yield

    def test_the_fields_are_filled_in(self, mode: Mode) -> None:
        FrontendClient(mode).sign_up(ALICE.email, ALICE.password)
        row = get_user_model().objects.get()
        assert (row.username, row.first_name, row.email) == (ALICE.email, "alice", ALICE.email)
        assert not row.has_usable_password()

    def test_the_row_goes_with_the_user(self) -> None:
        users.delete_user(sign_up(ALICE))
        assert get_user_model().objects.count() == 0
