"""How session errors of a view become answers, with and without the decorator and the middleware (FDI)."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from supertokens_django.exceptions import UnauthorisedError
from supertokens_django.middleware import SuperTokensMiddleware
from tests.assertions import (
    TOKEN_THEFT,
    TRY_REFRESH_TOKEN,
    UNAUTHORISED,
    assert_everything_is_cleared,
    assert_json,
    assert_session_is_untouched,
    assert_try_refresh_token,
    assert_unauthorised,
    assert_unauthorised_and_cleared,
)
from tests.base import Clock, supertokens_settings
from tests.client import FrontendClient, Stack, session_headers
from tests.cookies import set_cookies

INVALID_CLAIMS = {
    "message": "invalid claim",
    "claimValidationErrors": [{"id": "st-ev", "reason": {"message": "wrong value"}}, {"id": "x"}],
}
CASES: list[tuple[str, int, dict[str, Any], bool]] = [
    ("unauthorised", 401, UNAUTHORISED, True),
    ("unauthorised without clearing", 401, UNAUTHORISED, False),
    ("try refresh token", 401, TRY_REFRESH_TOKEN, False),
    ("token theft", 401, TOKEN_THEFT, True),
    ("invalid claims", 403, INVALID_CLAIMS, False),
    ("bad input", 400, {"message": "Please provide a fruit"}, False),
    ("general", 200, {"status": "GENERAL_ERROR", "message": "Not today"}, False),
]
DECORATED = ["/test/sync", "/test/async", "/test/method", "/test/dispatch", "/test/drf/view", "/test/object"]


def without_middleware() -> override_settings:
    """A project that has forgotten our middleware; a client made before does not notice."""
    kept = [name for name in settings.MIDDLEWARE if not name.startswith("supertokens_django")]
    return override_settings(MIDDLEWARE=kept)


@pytest.mark.parametrize(("error", "status", "body", "clears"), CASES)
class TestEveryError:
    @pytest.mark.parametrize("path", ["/test/raising", "/test/raising-async"])
    def test_an_undecorated_view_may_raise_it(
        self,
        browser: FrontendClient,
        stack: Stack,
        path: str,
        error: str,
        status: int,
        body: Any,
        clears: bool,
    ) -> None:
        response = FrontendClient(browser.mode, stack=stack).post(path, {"error": error})

        self._assert_answer(response, status, body, clears)

    @pytest.mark.parametrize("path", DECORATED)
    def test_a_decorated_view_may_raise_it(
        self, frontend: FrontendClient, path: str, error: str, status: int, body: Any, clears: bool
    ) -> None:
        response = frontend.post(path, {"do": "raise", "error": error})

        self._assert_answer(response, status, body, clears)

    @pytest.mark.parametrize("path", ["/test/sync", "/test/async", "/test/dispatch"])
    def test_the_decorator_answers_without_the_middleware(
        self, frontend: FrontendClient, path: str, error: str, status: int, body: Any, clears: bool
    ) -> None:
        with without_middleware():
            response = frontend.clone().post(path, {"do": "raise", "error": error})

        self._assert_answer(response, status, body, clears)

    @staticmethod
    def _assert_answer(response: Any, status: int, body: Any, clears: bool) -> None:
        assert_json(response, status, body)
        if clears:
            assert_everything_is_cleared(response)
        else:
            assert_session_is_untouched(response)


def test_verification_itself_is_answered_without_the_middleware(
    clock: Clock, frontend: FrontendClient, stack: Stack
) -> None:
    path = "/test/async" if stack == "asgi" else "/test/sync"
    with without_middleware():
        assert frontend.clone(stack=stack).get(path).status_code == 200
        assert_unauthorised(FrontendClient(frontend.mode, stack=stack).get(path))
        clock.advance(3601)
        assert_try_refresh_token(frontend.clone(stack=stack).get(path))


def test_the_middleware_answers_for_a_callable_that_raises() -> None:
    """Called as ``middleware(view)(request)``, where Django does not stand between the two."""

    def view(request: HttpRequest) -> HttpResponse:
        raise UnauthorisedError("gone")

    response = SuperTokensMiddleware(view)(RequestFactory().get("/"))

    assert isinstance(response, HttpResponse)
    assert_unauthorised_and_cleared(response)


def test_other_exceptions_are_left_to_django() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        SuperTokensMiddleware(view)(RequestFactory().get("/"))


def test_clearing_duplicates_on_behalf_of_a_view_says_so(browser: FrontendClient) -> None:
    response = browser.post("/test/raising", {"error": "duplicate cookies"})

    assert_json(
        response,
        200,
        {
            "message": "The request contains multiple session cookies. We are clearing the cookie from "
            "older_cookie_domain. Session will be refreshed in the next refresh call."
        },
    )
    assert session_headers(response) == {}


class TestStatusCodes:
    def test_both_can_be_chosen(self, browser: FrontendClient) -> None:
        codes = {"SESSION_EXPIRED_STATUS_CODE": 440, "INVALID_CLAIM_STATUS_CODE": 418}
        with supertokens_settings(SESSION=codes):
            answers = {error: browser.post("/test/raising", {"error": error}) for error, *_ in CASES}

        assert {error: answer.status_code for error, answer in answers.items()} == {
            "unauthorised": 440,
            "unauthorised without clearing": 440,
            "try refresh token": 440,
            "token theft": 440,
            "invalid claims": 418,
            "bad input": 400,
            "general": 200,
        }

    def test_the_endpoints_use_them_too(self, browser: FrontendClient) -> None:
        with supertokens_settings(SESSION={"SESSION_EXPIRED_STATUS_CODE": 440}):
            assert browser.refresh().status_code == 440
            assert browser.sign_out().status_code == 440
            assert browser.get("/test/sync").status_code == 440


class TestInvalidClaims:
    def test_the_view_is_not_reached_and_each_invalid_claim_is_named(self, frontend: FrontendClient) -> None:
        response = frontend.get("/test/invalid-claim")

        assert_json(
            response,
            403,
            {
                "message": "invalid claim",
                "claimValidationErrors": [{"id": "x-grown-up", "reason": {"message": "too young"}}],
            },
        )
        assert_session_is_untouched(response)


def test_tokens_made_before_an_error_do_not_survive_it(clock: Clock, frontend: FrontendClient) -> None:
    """Errors clear last: nothing that the view queued before is sent beside it."""
    response = frontend.post("/test/plain", {"do": "raise", "error": "unauthorised"})

    assert_unauthorised_and_cleared(response)
    assert all(cookie.value == "" for cookie in set_cookies(response).values())
