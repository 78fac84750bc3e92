"""docs/guides/drf.md: its views, and the table of what they answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver
from rest_framework.authentication import SessionAuthentication
from rest_framework.routers import SimpleRouter
from rest_framework.settings import api_settings

from supertokens_django.contrib.rest_framework import SuperTokensAuthentication
from supertokens_django.services import emailverification
from tests.base import ALICE, BOB, Clock, sign_up
from tests.client import FrontendClient, Mode, Stack, json_of, json_of_view
from tests.docs.conftest import ProjectOf
from tests.docs.project import PLAIN_URLS, Project
from tests.recipes.emailverification.verification import REFUSED
from tests.recipes.passwordless.device import Device, mailed_code

pytestmark = pytest.mark.django_db

urlpatterns: list[URLPattern | URLResolver] = []
"""Filled with the views of the page while a test runs."""


def mount(project: Project) -> None:
    api, accounts = project.load("acme/api.py"), project.load("acme/accounts.py")
    machines, reports = project.load("acme/machines.py"), project.load("acme/reports.py")
    router = SimpleRouter(trailing_slash=False)
    router.register("likes", api.Likes, basename="likes")
    router.register("accounts", accounts.Accounts, basename="accounts")
    both = [SessionAuthentication, SuperTokensAuthentication]
    urlpatterns[:] = [
        path("", include(PLAIN_URLS)),
        path("profile", api.Profile.as_view()),
        path("behind", api.Profile.as_view(authentication_classes=both)),
        path("report", reports.Report.as_view()),
        path("status", machines.Status.as_view()),
        path("orders", project.load("acme/orders.py").Orders.as_view()),
        path("", include(router.urls)),
    ]


@pytest.fixture
def project(project_of: ProjectOf) -> Iterator[Project]:
    project = project_of("docs/guides/drf.md")
    settings = (project.settings_with("REST_FRAMEWORK"), project.settings_with("EMAILVERIFICATION"))
    with project.running(*settings, ROOT_URLCONF=__name__):
        mount(project)
        yield project
        urlpatterns.clear()


@pytest.fixture
def member(project: Project, mode: Mode, stack: Stack) -> FrontendClient:
    browser = FrontendClient(mode, stack=stack, enforce_csrf_checks=True)
    browser.sign_up(ALICE.email, ALICE.password)
    return browser


@pytest.fixture
def stranger(project: Project, mode: Mode) -> FrontendClient:
    return FrontendClient(mode)


def test_the_settings_name_our_class(project: Project) -> None:
    (chosen,) = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    assert chosen is SuperTokensAuthentication  # type: ignore[comparison-overlap]  # a path in the stubs


def test_every_view_serves_a_member(member: FrontendClient) -> None:
    expected = {
        ("GET", "/profile"): {"email": ALICE.email, "session": member.session_handle},
        ("GET", "/likes"): [],
        ("POST", "/likes/like"): {"likedBy": member.user_id},
        ("GET", "/status"): {"byMachine": False},
    }
    assert {asked: json_of_view(member.request(*asked)) for asked in expected} == expected


class TestTheTableOfAnswers:
    def test_a_stranger_is_answered_by_the_framework(self, stranger: FrontendClient) -> None:
        answer = stranger.get("/profile")
        body = {"detail": "Authentication credentials were not provided."}
        assert (answer.status_code, json_of_view(answer)) == (401, body)
        assert stranger.request("POST", "/likes/like").status_code == 401

    def test_behind_another_class_strangers_are_answered_403(self, stranger: FrontendClient) -> None:
        assert stranger.get("/behind").status_code == 403

    def test_an_expired_token_is_to_be_refreshed(
        self, project: Project, clock: Clock, mode: Mode, stack: Stack
    ) -> None:
        member = FrontendClient(mode, stack=stack)
        member.sign_up(ALICE.email, ALICE.password)
        clock.advance(3601)
        answer = member.get("/profile")
        assert (answer.status_code, json_of_view(answer)) == (401, {"message": "try refresh token"})

    def test_an_inactive_user_is_answered_by_the_framework(self, member: FrontendClient) -> None:
        get_user_model().objects.update(is_active=False)
        answer = member.get("/profile")
        body = {"detail": "User inactive or deleted."}
        assert (answer.status_code, json_of_view(answer)) == (401, body)

    def test_a_claim_is_refused_as_frontends_understand_it(self, member: FrontendClient) -> None:
        answer = member.get("/report")
        assert (answer.status_code, json_of_view(answer)["message"]) == (403, "invalid claim")


def test_a_view_that_insists_on_a_verified_address(member: FrontendClient) -> None:
    refused = member.get("/orders")
    assert (refused.status_code, json_of(refused)) == (403, REFUSED)
    emailverification.mark_email_verified(member.user_id)
    member.sign_in(ALICE.email, ALICE.password)
    answer = member.get("/orders")
    assert (answer.status_code, json_of_view(answer)) == (200, {"orders": []})


def test_a_code_that_was_sent_there_is_proof(project: Project, mode: Mode) -> None:
    device = Device(mode)
    device.ask(ALICE.email)
    device.type(mailed_code())
    assert json_of_view(device.get("/orders")) == {"orders": []}


def test_everybody_sees_the_own_account_and_is_throttled(member: FrontendClient) -> None:
    cache.clear()
    sign_up(BOB)
    assert json_of_view(member.get("/accounts")) == [{"email": ALICE.email}]
    statuses = [member.get("/accounts").status_code for _ in range(60)]
    assert statuses == [200] * 59 + [429]


def test_a_machine_has_a_key_of_its_own(stranger: FrontendClient) -> None:
    key = {"authorization": "Machine the key of the nightly job"}
    assert json_of_view(stranger.get("/status", headers=key)) == {"byMachine": True}
    assert stranger.get("/status", headers={"authorization": "Machine guessed"}).status_code == 401
    assert stranger.get("/status", headers={"authorization": "Bearer of.somebody.else"}).status_code == 401
