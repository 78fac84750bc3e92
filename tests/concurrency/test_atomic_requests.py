"""A project with ``ATOMIC_REQUESTS``: a revocation outlives the error that reports it, a refusal leaves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import quote

import pytest
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.test import override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from supertokens_django.decorators import verify_session
from supertokens_django.exceptions import GeneralError
from supertokens_django.flow.attempt import Attempt
from supertokens_django.flow.gates import Gate
from supertokens_django.models import Session, Tenant, User
from supertokens_django.services import emailpassword
from supertokens_django.services import session as sessions
from supertokens_django.signals import token_theft_detected
from tests import urls
from tests.assertions import (
    TOKEN_THEFT,
    assert_everything_is_cleared,
    assert_json,
    assert_session_is_set,
    assert_session_is_untouched,
)
from tests.base import ALICE, BOB, PUBLIC, Clock, supertokens_settings
from tests.client import REFRESH_COOKIE, FrontendClient, json_of
from tests.concurrency.crowd import at_once
from tests.flow.rows import every_row
from tests.recipes.emailpassword.bodies import EMAIL_TAKEN, field_error

pytestmark = pytest.mark.concurrency

GRACE = 30


@verify_session()
def decorated_refresh(request: HttpRequest) -> HttpResponse:
    """A view of the project in the place of the endpoint."""
    return JsonResponse({})


@csrf_exempt
def bare_refresh(request: HttpRequest) -> HttpResponse:
    """A view that lets the error through."""
    sessions.refresh_session(request)
    return JsonResponse({})


@csrf_exempt
def changing_its_mind(request: HttpRequest) -> HttpResponse:
    """Creates an account and signs it in, and refuses in the end."""
    method = emailpassword.sign_up(PUBLIC, ALICE.email, ALICE.password)
    sessions.create_new_session(request, PUBLIC, method.id)
    raise GeneralError("Not today")


urlpatterns = [
    path("auth/session/refresh", decorated_refresh),
    path("test/bare-refresh", bare_refresh),
    path("test/changing-its-mind", changing_its_mind),
    *urls.urlpatterns,
]


class LeavesTraces(Gate):
    """Writes before it refuses."""

    def check(self, attempt: Attempt, request: HttpRequest) -> None:
        Tenant.objects.create(id="trace")
        raise GeneralError("Not today")


@pytest.fixture(autouse=True)
def _atomic_requests(_stage: None, db: None) -> Iterator[None]:
    options = connections.settings["default"]
    options["ATOMIC_REQUESTS"] = True
    yield
    options["ATOMIC_REQUESTS"] = False


@pytest.fixture
def thief(clock: Clock, frontend: FrontendClient) -> FrontendClient:
    """Holds the token that Alice's browser has replaced; the grace period is over."""
    stolen = frontend.clone()
    frontend.refresh()
    clock.advance(GRACE + 1)
    return stolen


def refresh_elsewhere(frontend: FrontendClient) -> HttpResponseBase:
    """Present the refresh token to the project's view."""
    token, headers = frontend.refresh_token or "", {}
    if frontend.mode == "header":
        headers = {"authorization": f"Bearer {token}"}
    else:
        frontend.hold_cookie(REFRESH_COOKIE, quote(token), path="/test/bare-refresh")
    return frontend.post("/test/bare-refresh", headers=headers)


Refresh = Callable[[FrontendClient], HttpResponseBase]


def refresh(frontend: FrontendClient) -> HttpResponseBase:
    return frontend.refresh()


class TestTheft:
    @pytest.fixture(params=["the endpoint", "a decorated view", "a view that lets the error through"])
    def ask(self, request: pytest.FixtureRequest) -> Iterator[Refresh]:
        own_urls = "tests.urls" if request.param == "the endpoint" else __name__
        with override_settings(ROOT_URLCONF=own_urls):
            yield refresh_elsewhere if "error" in request.param else refresh

    def test_it_ends_the_session(
        self,
        thief: FrontendClient,
        frontend: FrontendClient,
        alice: str,
        ask: Refresh,
    ) -> None:
        phone = FrontendClient("header")
        phone.post("/test/login", {"userId": alice})
        thefts: list[str] = []

        def on_theft(**kwargs: str) -> None:
            thefts.append(kwargs["session_handle"])

        token_theft_detected.connect(on_theft)
        try:
            answer = ask(thief)
        finally:
            token_theft_detected.disconnect(on_theft)

        assert_json(answer, 401, TOKEN_THEFT)
        assert_everything_is_cleared(answer)
        assert thefts == [frontend.session_handle]
        assert [session.handle for session in Session.objects.all()] == [phone.session_handle]

    def test_the_owner_refreshes_as_ever(
        self,
        clock: Clock,
        frontend: FrontendClient,
        ask: Refresh,
    ) -> None:
        tabs = [frontend.clone() for _ in range(8)]

        for answer in at_once([partial(ask, tab) for tab in tabs]):
            assert answer.status_code == 200
            assert_session_is_set(answer, frontend.mode)

        assert len({tab.refresh_token for tab in tabs}) == 1


class TestSignUp:
    @pytest.fixture(autouse=True)
    def _keys_exist(self, clock: Clock, bob: str) -> None:
        """Keys are made once in the life of a project, and not undone with a refusal."""
        FrontendClient("header").post("/test/login", {"userId": bob})

    def test_a_gate_that_refuses_leaves_nothing(self, clock: Clock, browser: FrontendClient) -> None:
        before = every_row()
        with supertokens_settings(FLOW_GATES=[LeavesTraces]):
            answer = browser.sign_up(ALICE.email, ALICE.password)

        assert_json(answer, 200, {"status": "GENERAL_ERROR", "message": "Not today"})
        assert_session_is_untouched(answer)
        assert every_row() == before

    def test_a_taken_address_leaves_nothing(self, clock: Clock, browser: FrontendClient) -> None:
        before = every_row()

        answer = browser.sign_up(BOB.email, ALICE.password)

        assert_json(answer, 200, field_error(("email", EMAIL_TAKEN)))
        assert_session_is_untouched(answer)
        assert every_row() == before

    def test_a_view_of_the_project_that_refuses_in_the_end_leaves_nothing_and_sends_no_tokens(
        self, clock: Clock, browser: FrontendClient
    ) -> None:
        before = every_row()
        with override_settings(ROOT_URLCONF=__name__):
            answer = browser.post("/test/changing-its-mind")

        assert_json(answer, 200, {"status": "GENERAL_ERROR", "message": "Not today"})
        assert_session_is_untouched(answer)
        assert every_row() == before
        assert json_of(browser.sign_up(ALICE.email, ALICE.password))["status"] == "OK"
        assert browser.get("/test/checked").status_code == 200

    def test_one_of_ten_gets_the_address(self, clock: Clock, browser: FrontendClient) -> None:
        frontends = [browser.clone() for _ in range(10)]

        answers = at_once([partial(each.sign_up, ALICE.email, ALICE.password) for each in frontends])

        assert sorted(json_of(answer)["status"] for answer in answers) == ["FIELD_ERROR"] * 9 + ["OK"]
        assert (User.objects.count(), Session.objects.count()) == (2, 2)  # and Bob's
