"""What docs/faq.md answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import override_settings
from django.urls import include, path

from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.services import session
from tests.base import ALICE, PUBLIC, Clock, sign_up, supertokens_settings
from tests.client import FrontendClient, Mode, decode_front_token, json_of, json_of_view
from tests.docs.conftest import ProjectOf
from tests.docs.project import PLAIN_URLS

pytestmark = pytest.mark.django_db


def whoami(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"signedIn": request.user.is_authenticated})


urlpatterns = [path("", include(PLAIN_URLS)), path("whoami", whoami)]


@pytest.fixture(autouse=True)
def stage(acme: None) -> None:
    """One site over https."""


def signed_up(mode: Mode = "cookie", *, enforce_csrf_checks: bool = False) -> FrontendClient:
    browser = FrontendClient(mode, enforce_csrf_checks=enforce_csrf_checks)
    browser.sign_up(ALICE.email, ALICE.password)
    return browser


def test_a_new_secret_key_ends_sessions_at_their_next_refresh(mode: Mode, clock: Clock) -> None:
    browser = signed_up(mode)
    with override_settings(ROOT_URLCONF=__name__, SECRET_KEY="another key, made up by another container"):
        ring.forget()
        clock.advance(60)
        assert json_of_view(browser.get("/whoami")) == {"signedIn": True}
        answer = browser.refresh()
        assert (answer.status_code, json_of(answer)) == (401, {"message": "unauthorised"})


def test_the_first_visit_is_answered_once(mode: Mode) -> None:
    answer = FrontendClient(mode).refresh()
    assert (answer.status_code, answer.headers["front-token"]) == (401, "remove")


def test_a_wrong_clock_can_be_measured_by_the_frontend(clock: Clock) -> None:
    browser = signed_up()
    assert browser.front_token_raw is not None
    assert decode_front_token(browser.front_token_raw)["up"]["iat"] == int(clock.now)


def test_cookies_across_sites_want_https() -> None:
    with supertokens_settings(API_DOMAIN="http://api.acme.com", WEBSITE_DOMAIN="https://elsewhere.example"):
        answer = FrontendClient("cookie", secure=False).sign_up(ALICE.email, ALICE.password)
    assert (answer.status_code, "use https" in json_of(answer)["message"]) == (500, True)


class TestRequestUser:
    @pytest.fixture(autouse=True)
    def urls(self) -> Iterator[None]:
        with override_settings(ROOT_URLCONF=__name__):
            yield

    def test_it_is_anonymous_once_the_token_has_expired(self, mode: Mode, clock: Clock) -> None:
        browser = signed_up(mode)
        clock.advance(3601)
        assert json_of_view(browser.get("/whoami")) == {"signedIn": False}

    def test_a_post_with_nothing_but_the_cookie_meets_djangos_check(self) -> None:
        browser = signed_up(enforce_csrf_checks=True)
        assert browser.post("/whoami", headers={"rid": None}).status_code == 403
        assert json_of_view(browser.post("/whoami")) == {"signedIn": True}


def test_a_wrapped_view_is_protected(project_of: ProjectOf, mode: Mode) -> None:
    project = project_of("docs/faq.md")
    with project.running(ROOT_URLCONF=__name__):
        urlpatterns.append(path("graphql", project.load("acme/graphql.py").graphql))
        try:
            assert json_of_view(signed_up(mode).post("/graphql")) == {"data": {"me": ALICE.email}}
            assert FrontendClient(mode).post("/graphql").status_code == 401
        finally:
            urlpatterns.pop()


def test_what_the_page_says_fits_does() -> None:
    """About 1,200 bytes are ours, and with 1.5 kB of the project's the cookie stays below 4096."""
    user_id = sign_up(ALICE)
    sizes = []
    for extra in (0, 1500):
        payload = {"x": "y" * (extra - len(json.dumps({"x": ""})))} if extra else {}
        made = session.create_new_session_without_request_response(PUBLIC, user_id, payload)
        attributes = "; expires=Thu, 01 Jan 2026 00:00:00 GMT; HttpOnly; Path=/; SameSite=lax; Secure"
        sizes.append(len(f"sAccessToken={quote(made.get_access_token())}{attributes}"))
    assert 1000 < sizes[0] < 1300
    assert sizes[1] < 4096
