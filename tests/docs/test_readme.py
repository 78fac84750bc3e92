"""The README's project, over the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.base import ALICE
from tests.client import FrontendClient, Mode, json_of, json_of_view
from tests.docs.conftest import ProjectOf
from tests.docs.snippets import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stage(project_of: ProjectOf) -> Iterator[None]:
    with project_of("README.md").running():
        yield


@pytest.fixture
def member(mode: Mode) -> FrontendClient:
    browser = FrontendClient(mode, enforce_csrf_checks=True)
    assert json_of(browser.sign_up(ALICE.email, ALICE.password))["status"] == "OK"
    return browser


def test_the_decorated_view_knows_session_and_user(member: FrontendClient) -> None:
    answer = json_of_view(member.post("/comments/like"))
    assert answer == {"userId": member.user_id, "user": ALICE.email}


def test_the_view_of_rest_framework_knows_them_too(member: FrontendClient) -> None:
    answer = json_of_view(member.get("/comments"))
    assert answer == {"handle": member.session_handle, "user": ALICE.email}


@pytest.mark.parametrize(("method", "path"), [("POST", "/comments/like"), ("GET", "/comments")])
def test_strangers_are_refused(mode: Mode, method: str, path: str) -> None:
    assert FrontendClient(mode).request(method, path).status_code == 401


def test_a_refused_stranger_is_told_so_where_a_frontend_looks(mode: Mode) -> None:
    assert json_of(FrontendClient(mode).post("/comments/like")) == {"message": "unauthorised"}


def test_the_admin_is_there() -> None:
    assert FrontendClient("cookie").get("/admin/").status_code == 302


def test_what_is_planned_is_not_said_to_be_there() -> None:
    there = text_of("README.md").partition("## What is there")[2].partition("Planned and not there yet")[0]
    for planned in ("passkey", "saml", "second factor", "account linking", "oauth2 provider"):
        assert planned not in there.lower()
