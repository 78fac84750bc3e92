"""``@verify_session()`` on every kind of view."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import RequestFactory, override_settings
from django.urls import path

from supertokens_django.decorators import verify_session
from supertokens_django.testing import force_login
from tests.assertions import (
    assert_json,
    assert_session_is_set,
    assert_session_is_untouched,
    assert_try_refresh_token,
    assert_unauthorised,
)
from tests.base import PUBLIC, Clock
from tests.client import FrontendClient, Stack, json_of_view
from tests.recipes.session.test_payload import EVERY_VIEW
from tests.views import seen

VERIFIED_VIEWS = [view for view in EVERY_VIEW if not view.startswith("plain")]


@pytest.mark.parametrize("view", VERIFIED_VIEWS)
class TestEveryKindOfView:
    def test_it_sees_the_session(self, frontend: FrontendClient, stack: Stack, view: str, alice: str) -> None:
        response = frontend.clone(stack=stack).get(f"/test/{view}")

        assert response.status_code == 200
        assert response.json() == {  # type: ignore[attr-defined]
            "session": frontend.session_handle,
            "userId": alice,
            "tenantId": PUBLIC,
            "payload": {},
        }
        assert_session_is_untouched(response)

    def test_without_a_session_it_is_not_reached(
        self, browser: FrontendClient, stack: Stack, view: str
    ) -> None:
        visitor = FrontendClient(browser.mode, stack=stack)

        assert_unauthorised(visitor.get(f"/test/{view}"))
        assert_unauthorised(visitor.post(f"/test/{view}", {"do": "revoke"}))

    def test_with_an_expired_token_it_asks_for_a_refresh(
        self, clock: Clock, frontend: FrontendClient, stack: Stack, view: str
    ) -> None:
        clock.advance(3601)

        assert_try_refresh_token(frontend.clone(stack=stack).get(f"/test/{view}"))


class TestDecoration:
    def test_a_sync_view_stays_sync_and_an_async_one_async(self) -> None:
        @verify_session()
        def sync_view(request: HttpRequest) -> HttpResponse:
            """Sync."""
            return HttpResponse()

        @verify_session()
        async def async_view(request: HttpRequest) -> HttpResponse:
            """Async."""
            return HttpResponse()

        assert not inspect.iscoroutinefunction(sync_view)
        assert inspect.iscoroutinefunction(async_view)
        assert (sync_view.__name__, sync_view.__doc__) == ("sync_view", "Sync.")
        assert (async_view.__name__, async_view.__doc__) == ("async_view", "Async.")

    def test_its_options_have_the_documented_defaults(self) -> None:
        parameters = inspect.signature(verify_session).parameters

        assert {name: parameter.default for name, parameter in parameters.items()} == {
            "session_required": True,
            "anti_csrf_check": None,
            "check_database": False,
            "override_global_claim_validators": None,
        }

    def test_arguments_of_the_url_reach_the_view(self, frontend: FrontendClient) -> None:
        assert frontend.get("/test/method/carrot").status_code == 200

    def test_a_sync_view_called_directly_is_verified(self, frontend: FrontendClient) -> None:
        @verify_session()
        def view(request: HttpRequest, number: int, *, word: str) -> HttpResponse:
            return JsonResponse({**seen(request), "number": number, "word": word})

        request = RequestFactory().get("/", headers={"authorization": f"Bearer {frontend.access_token}"})

        assert json_of_view(view(request, 7, word="x"))["session"] == frontend.session_handle
        assert view(RequestFactory().get("/"), 7, word="x").status_code == 401

    async def test_an_async_view_called_directly_never_leaves_its_thread(self) -> None:
        """Verification needs neither the database nor a thread."""
        import threading

        @verify_session(session_required=False)
        async def view(request: HttpRequest) -> HttpResponse:
            return JsonResponse({"thread": threading.get_ident()})

        response = await view(RequestFactory().get("/"))

        assert json_of_view(response)["thread"] == threading.get_ident()

    def test_what_takes_no_request_is_a_mistake_that_is_named(self) -> None:
        @verify_session()
        def helper(number: int) -> int:
            return number

        with pytest.raises(TypeError, match="request"):
            helper(7)


class TestTheAttribute:
    def test_it_is_the_session_on_the_django_request_beneath_drfs(self, frontend: FrontendClient) -> None:
        response: Any = frontend.get("/test/drf/view")

        assert response.wsgi_request.supertokens.get_handle() == frontend.session_handle

    def test_it_is_none_without_an_optional_session(self, browser: FrontendClient) -> None:
        response: Any = browser.get("/test/optional")

        assert response.wsgi_request.supertokens is None


class TestOneViewForTwoUsers:
    def test_nothing_is_left_from_the_request_before(
        self, frontend: FrontendClient, bob: str, alice: str
    ) -> None:
        bobs, visitor = FrontendClient(frontend.mode), FrontendClient(frontend.mode)
        bobs.post("/test/login", {"userId": bob})

        for _ in range(2):
            assert json_of_view(frontend.get("/test/optional"))["userId"] == alice
            assert json_of_view(visitor.get("/test/optional")) == {"session": None}
            assert json_of_view(bobs.get("/test/optional"))["userId"] == bob
            assert_unauthorised(visitor.get("/test/sync"))

    def test_interleaved_async_requests_keep_their_own(self, alice: str, bob: str) -> None:
        """Twenty requests in flight on one event loop, each suspended inside the view."""
        factories: dict[str, RequestFactory] = {}
        for user_id in (alice, bob):
            force_login(factories.setdefault(user_id, RequestFactory()), user_id)

        @verify_session()
        async def view(request: HttpRequest) -> HttpResponse:
            before = request.supertokens.get_user_id()  # type: ignore[attr-defined]
            await asyncio.sleep(0.001)
            return JsonResponse({"before": before, "after": request.supertokens.get_user_id()})  # type: ignore[attr-defined]

        async def ask(user_id: str) -> dict[str, Any]:
            answer: dict[str, Any] = json_of_view(await view(factories[user_id].get("/")))
            return answer

        async def ask_all(users: list[str]) -> list[dict[str, Any]]:
            return await asyncio.gather(*(ask(user) for user in users))

        users = [alice, bob] * 10
        assert async_to_sync(ask_all)(users) == [{"before": user, "after": user} for user in users]

    def test_a_class_based_view_keeps_nothing_on_its_class(self, frontend: FrontendClient) -> None:
        frontend.post("/test/method", {"do": "merge", "update": {"x-a": 1}})

        assert_unauthorised(FrontendClient(frontend.mode).get("/test/method"))


@verify_session()
def own_refresh(request: HttpRequest) -> HttpResponse:
    """A project's own view before ours, at the path of the refresh API."""
    return JsonResponse({**seen(request), "own": True})


class OwnRefreshUrls:
    urlpatterns = [path("auth/session/refresh", own_refresh)]


class TestAtTheRefreshPath:
    """``verify_session`` on ``POST`` to the refresh path performs a refresh (FDI)."""

    def test_it_refreshes(self, clock: Clock, frontend: FrontendClient) -> None:
        before = frontend.refresh_token
        clock.advance(3600)

        with override_settings(ROOT_URLCONF=OwnRefreshUrls):
            response = frontend.refresh()

        assert json_of_view(response)["own"] is True
        assert_session_is_set(response, frontend.mode)
        assert frontend.refresh_token != before

    def test_without_a_refresh_token_it_is_unauthorised(self, browser: FrontendClient) -> None:
        with override_settings(ROOT_URLCONF=OwnRefreshUrls):
            response = browser.refresh()

        assert_json(response, 401, {"message": "unauthorised"})
