"""docs/guides/server-rendered.md: a visitor walks through its pages, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.checks import run_checks
from django.test import Client
from django.urls import path

from supertokens_django.services import session, users
from tests.base import ALICE, Clock
from tests.docs.conftest import ProjectOf
from tests.docs.project import QUICKSTART, Project
from tests.recipes.emailpassword.mailbox import Commit
from tests.recipes.emailverification.verification import link_in, the_mail
from tests.recipes.passwordless.device import mailed_code

pytestmark = pytest.mark.django_db

HIDDEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@pytest.fixture
def project(project_of: ProjectOf) -> Iterator[Project]:
    project = project_of("docs/guides/server-rendered.md")
    with project.running(project.settings_with("LOGIN_REDIRECT_URL")):
        yield project


@pytest.fixture
def visitor(project: Project) -> Client:
    return Client(headers={"host": "acme.com"}, enforce_csrf_checks=True)


def submit(visitor: Client, page: str, to: str | None = None, **fields: str) -> Any:
    """Fill in the form on a page and send it, its hidden token included."""
    token = HIDDEN.search(visitor.get(page).content.decode())
    assert token is not None
    return visitor.post(to or page, {**fields, "csrfmiddlewaretoken": token[1]})


def sign_up(visitor: Client, then: str = "") -> Any:
    page = "/auth/?show=signup" + (f"&next={then}" if then else "")
    return submit(visitor, page, email=ALICE.email, password=ALICE.password)


def test_a_stranger_signs_up_and_comes_back(visitor: Client) -> None:
    assert visitor.get("/notes").headers["location"] == "/auth/?next=/notes"
    assert sign_up(visitor, then="/notes").headers["location"] == "/notes"
    assert visitor.get("/notes").status_code == 200


def test_a_form_is_saved_with_its_token_alone(visitor: Client) -> None:
    sign_up(visitor)
    assert submit(visitor, "/notes", text="buy tea").headers["location"] == "/notes"
    assert "<li>buy tea</li>" in visitor.get("/notes").content.decode()
    assert visitor.post("/notes", {"text": "forged"}).status_code == 403


def test_a_script_sends_the_token_as_a_header(visitor: Client) -> None:
    sign_up(visitor)
    visitor.get("/notes")
    headers = {"x-csrftoken": visitor.cookies["csrftoken"].value}
    assert visitor.post("/notes", {"text": "by htmx"}, headers=headers).status_code == 302


def test_the_template_knows_who_it_is(visitor: Client) -> None:
    assert '<a href="/auth/?next=/">Sign in</a>' in visitor.get("/").content.decode()
    sign_up(visitor)
    assert f"<p>{ALICE.email}</p>" in visitor.get("/").content.decode()
    assert submit(visitor, "/", to="/auth/sign-out").headers["location"] == "/"
    assert ALICE.email not in visitor.get("/").content.decode()


def test_permissions_are_djangos(visitor: Client) -> None:
    sign_up(visitor)
    assert visitor.get("/reports").status_code == 403
    get_user_model().objects.get().user_permissions.add(
        Permission.objects.get(codename="view_user", content_type__app_label="auth")
    )
    assert visitor.get("/reports").status_code == 200


def test_djangos_session_outlives_signing_in(visitor: Client) -> None:
    assert visitor.get("/cart").json() == {"items": 1}
    sign_up(visitor)
    assert visitor.get("/cart").json() == {"items": 2}
    submit(visitor, "/", to="/auth/sign-out")
    assert visitor.get("/cart").json() == {"items": 3}


def test_a_page_that_asks_the_database_notices_at_once(project: Project, visitor: Client) -> None:
    urls = project.load("acme/urls.py")
    urls.urlpatterns.append(path("pay", project.load("acme/payments.py").pay))
    sign_up(visitor)
    assert visitor.get("/pay").json() == {"paidBy": ALICE.email}
    (user,) = users.get_users_newest_first("public").users
    session.revoke_all_sessions_for_user(user.id)
    assert visitor.get("/notes").status_code == 200
    assert visitor.get("/pay").status_code == 401


class TestCodesAndVerifiedAddresses:
    @pytest.fixture
    def visitor(self, project_of: ProjectOf) -> Iterator[Client]:
        project = project_of("docs/guides/server-rendered.md")
        with project.running(project.settings_with("LOGIN_REDIRECT_URL"), project.settings_with("MODE")):
            urls = project.load("acme/urls.py")
            urls.urlpatterns.append(path("order", project.load("acme/orders.py").order))
            headers = {"host": "acme.com", "sec-fetch-mode": "navigate", "accept": "text/html"}
            yield Client(headers=headers, enforce_csrf_checks=True)

    def test_the_sign_in_page_offers_a_code(self, visitor: Client) -> None:
        assert '<a href="/auth/?show=code">' in visitor.get("/auth/").content.decode()

    def test_who_has_typed_a_code_is_verified(
        self, visitor: Client, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            asked = submit(visitor, "/auth/?show=code&next=/order", contact=ALICE.email)
        typed = submit(visitor, asked.headers["location"], code=mailed_code())
        assert typed.headers["location"] == "/order"
        assert visitor.get("/order").json() == {"orderedBy": ALICE.email}

    def test_who_has_not_opened_the_link_is_led_there_and_back(
        self, visitor: Client, django_capture_on_commit_callbacks: Commit
    ) -> None:
        sign_up(visitor)
        assert visitor.get("/notes").status_code == 200
        asking = visitor.get("/order").headers["location"]
        assert asking == "/auth/verify-email?next=%2Forder"
        with django_capture_on_commit_callbacks(execute=True):
            submit(visitor, asking)
        landing = link_in(the_mail()).removeprefix("https://acme.com")
        assert submit(visitor, landing).status_code == 302
        assert visitor.get(asking).headers["location"] == "/order"
        assert visitor.get("/order").json() == {"orderedBy": ALICE.email}


def test_an_expired_token_is_refreshed_on_the_way(clock: Clock, visitor: Client) -> None:
    sign_up(visitor)
    clock.advance(3601)
    answer = visitor.get("/notes", headers={"sec-fetch-mode": "navigate", "accept": "text/html"}, follow=True)
    addresses = [address for address, _ in answer.redirect_chain]
    assert (answer.status_code, addresses) == (200, ["/auth/session/refresh/page?next=%2Fnotes", "/notes"])


def test_nothing_of_cors_is_needed(project_of: ProjectOf) -> None:
    project = project_of("docs/guides/server-rendered.md")
    without: dict[str, Any] = {
        name: [item for item in QUICKSTART[name] if "corsheaders" not in item]
        for name in ("INSTALLED_APPS", "MIDDLEWARE")
    }
    settings = project.settings_with("LOGIN_REDIRECT_URL")
    with project.running(settings, **without, CORS_ALLOWED_ORIGINS=[]):
        assert [str(message) for message in run_checks()] == []
