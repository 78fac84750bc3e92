"""Claims as a frontend meets them: what is fetched reaches it, what is refused is named, in every kind of view.

Most claims here ask the database, which async code of Django may do in a thread only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import RequestFactory, override_settings

from supertokens_django.claims import (
    ClaimValidationResult,
    NotAnonymous,
    PrimitiveClaim,
    SessionClaimValidator,
)
from supertokens_django.decorators import verify_session
from supertokens_django.recipes.session.claims import ValueValidator
from supertokens_django.registry import Recipe
from supertokens_django.services import session as sessions
from supertokens_django.testing import force_login
from tests.assertions import (
    assert_access_token_is_replaced,
    assert_json,
    assert_session_is_untouched,
    assert_unauthorised_and_cleared,
    assert_view_json,
)
from tests.base import PUBLIC, Clock, sql_statements, supertokens_settings
from tests.client import FrontendClient, Stack
from tests.recipes.session import claim_views
from tests.recipes.session.claim_views import KINDS_OF_VIEW, OVERRIDES, AsksTheDatabase

FETCHING = [name for name in OVERRIDES if "validator" not in name]


@pytest.fixture(autouse=True)
def _views(acme: None) -> Iterator[None]:
    with override_settings(ROOT_URLCONF=claim_views.__name__):
        yield


@pytest.fixture
def member(frontend: FrontendClient, stack: Stack) -> FrontendClient:
    """Alice, signed in, by each mode and each handler."""
    return frontend.clone(stack=stack)


def invalid(*errors: tuple[str, dict[str, Any] | None]) -> dict[str, Any]:
    named = [{"id": id_} if reason is None else {"id": id_, "reason": reason} for id_, reason in errors]
    return {"message": "invalid claim", "claimValidationErrors": named}


def not_editors(groups: list[str]) -> dict[str, Any]:
    reason = {"message": "wrong value", "expectedToInclude": "editors", "actualValue": groups}
    return invalid(("x-groups", reason))


PATHS = [
    *(f"/{name}/{kind}" for name in FETCHING for kind in KINDS_OF_VIEW),
    "/plain/sync",
    "/plain/async",
]


@pytest.mark.parametrize("path", PATHS)
class TestAClaimThatAsksTheDatabase:
    def test_it_is_fetched_and_sent(self, clock: Clock, member: FrontendClient, path: str) -> None:
        Group.objects.create(name="editors")

        response = member.get(path)

        claim = {"x-groups": {"v": ["editors"], "t": clock.milliseconds}}
        assert_view_json(
            response,
            {
                "session": member.session_handle,
                "userId": member.user_id,
                "tenantId": PUBLIC,
                "payload": claim,
            },
        )
        assert_access_token_is_replaced(response, member.mode)
        assert member.access_token_payload["x-groups"] == claim["x-groups"]

    def test_one_that_fails_is_named_and_still_reaches_the_client(
        self, clock: Clock, member: FrontendClient, path: str
    ) -> None:
        """The frontend can then show what is missing, and asks nothing twice."""
        Group.objects.create(name="writers")

        response = member.get(path)

        assert_json(response, 403, not_editors(["writers"]))
        assert_access_token_is_replaced(response, member.mode)
        assert member.access_token_payload["x-groups"] == {"v": ["writers"], "t": clock.milliseconds}
        assert member.front_token["up"] == member.access_token_payload
        stored = sessions.get_session_information(member.session_handle)
        assert stored is not None
        assert stored.custom_claims_in_access_token_payload["x-groups"]["v"] == ["writers"]

    def test_it_is_fetched_again_when_it_is_too_old_and_not_before(
        self, clock: Clock, member: FrontendClient, path: str
    ) -> None:
        Group.objects.create(name="writers")
        member.get(path)
        Group.objects.create(name="editors")

        clock.advance(60)
        response = member.get(path)
        assert_json(response, 403, not_editors(["writers"]))
        assert_session_is_untouched(response)

        clock.advance(1)
        response = member.get(path)
        assert response.status_code == 200
        assert_access_token_is_replaced(response, member.mode)
        assert_session_is_untouched(member.get(path))


@pytest.mark.parametrize("kind", KINDS_OF_VIEW)
@pytest.mark.parametrize("name", ["validator", "coroutine-validator"])
def test_a_validator_may_ask_the_database_itself(member: FrontendClient, name: str, kind: str) -> None:
    response = member.get(f"/{name}/{kind}")
    assert_json(response, 403, invalid(("x-editors", {"message": "no editors"})))
    assert_session_is_untouched(response)

    Group.objects.create(name="editors")
    assert member.get(f"/{name}/{kind}").status_code == 200


class TestAssertClaims:
    @pytest.mark.parametrize("kind", ["sync", "async"])
    def test_all_are_fetched_then_all_are_judged(
        self, clock: Clock, member: FrontendClient, kind: str
    ) -> None:
        """One after the other, each seeing what the ones before have fetched; every failing one is named in order."""
        response = member.get(f"/assert/{kind}")

        plan = f"plan of {member.user_id[:4]}"
        wrong = "wrong value"
        errors = invalid(
            ("x-plan", {"message": wrong, "expectedValue": "plan of", "actualValue": plan}),
            ("x-later", {"message": wrong, "expectedValue": "?", "actualValue": f"{plan}!"}),
            ("x-staff", {"message": wrong, "expectedValue": True, "actualValue": False}),
        )
        assert_json(response, 403, errors)
        assert_access_token_is_replaced(response, member.mode)
        fetched = {key: claim for key, claim in member.access_token_payload.items() if key[:2] == "x-"}
        assert fetched == {
            "x-plan": {"v": plan, "t": clock.milliseconds},
            "x-later": {"v": f"{plan}!", "t": clock.milliseconds},
            "x-staff": {"v": False, "t": clock.milliseconds},
        }

    def test_a_session_that_is_gone_is_unauthorised(self, member: FrontendClient) -> None:
        sessions.revoke_session(member.session_handle)

        assert_unauthorised_and_cleared(member.get("/assert/sync"))

    def test_without_a_session_nothing_is_demanded_where_it_is_optional(
        self, browser: FrontendClient
    ) -> None:
        assert_view_json(browser.get("/optional"), {"session": None})

    def test_with_one_it_is(self, member: FrontendClient) -> None:
        assert member.get("/optional").status_code == 403

    def test_a_value_that_cannot_be_fetched_does_not_exist(self, member: FrontendClient) -> None:
        validators = [claim_views.NO_PLAN.validators.has_value("gold")]
        found = sessions.validate_claims_for_session_handle(member.session_handle, lambda *_: validators)

        reason = {"message": "value does not exist", "expectedValue": "gold", "actualValue": None}
        assert found.invalid_claims == [{"id": "x-plan", "reason": reason}]


@pytest.mark.parametrize("kind", ["sync", "async"])
class TestVerbsInAView:
    def test_fetching_sets_the_claim(self, clock: Clock, member: FrontendClient, kind: str) -> None:
        Group.objects.create(name="editors")
        for name in ("groups", "async-groups"):
            clock.advance(1)
            response = member.post(f"/verbs/{kind}/fetch/{name}")

            assert_access_token_is_replaced(response, member.mode)
            assert member.access_token_payload["x-groups"] == {"v": ["editors"], "t": clock.milliseconds}

    def test_fetching_nothing_sends_a_token_all_the_same(
        self, clock: Clock, member: FrontendClient, kind: str
    ) -> None:
        before = member.access_token_payload
        clock.advance(5)

        response = member.post(f"/verbs/{kind}/fetch/no-plan")

        assert_access_token_is_replaced(response, member.mode)
        assert member.access_token_payload == {**before, "iat": before["iat"] + 5}

    def test_a_value_is_set_read_and_removed(self, clock: Clock, member: FrontendClient, kind: str) -> None:
        response = member.post(f"/verbs/{kind}/set/plan")
        assert_access_token_is_replaced(response, member.mode)
        assert member.access_token_payload["x-plan"] == {"v": "gold", "t": clock.milliseconds}

        response = member.post(f"/verbs/{kind}/get/plan")
        assert response.json()["answer"] == "gold"  # type: ignore[attr-defined]
        assert_session_is_untouched(response)

        response = member.post(f"/verbs/{kind}/remove/plan")
        assert_access_token_is_replaced(response, member.mode)
        assert "x-plan" not in member.access_token_payload
        assert member.post(f"/verbs/{kind}/get/plan").json()["answer"] is None  # type: ignore[attr-defined]

    @pytest.mark.parametrize("verb", ["fetch", "set", "remove"])
    def test_on_a_session_that_is_gone_they_are_unauthorised(
        self, member: FrontendClient, kind: str, verb: str
    ) -> None:
        sessions.revoke_session(member.session_handle)

        assert_unauthorised_and_cleared(member.post(f"/verbs/{kind}/{verb}/plan"))


LEVEL = PrimitiveClaim[int]("x-level", lambda *who: Group.objects.count())


class Levels(Recipe):
    """A recipe that puts a claim into every session and demands it of every verified one."""

    name = "levels"

    def claims(self) -> list[Any]:
        return [LEVEL]

    def claim_validators(self) -> list[SessionClaimValidator]:
        return [LEVEL.validators.has_value(0, 300)]


def recipes(*classes: type[Recipe]) -> Any:
    return supertokens_settings(RECIPES=["emailpassword", *(f"{__name__}.{cls.__name__}" for cls in classes)])


class TestTheClaimsOfARecipe:
    @pytest.fixture(autouse=True)
    def enabled(self, acme: None) -> Iterator[None]:
        with recipes(Levels):
            yield

    @pytest.mark.parametrize("path", ["/test/sync", "/test/async", "/test/dispatch-async", "/test/drf/bare"])
    def test_they_are_in_every_new_session_and_demanded_everywhere(
        self, clock: Clock, member: FrontendClient, path: str
    ) -> None:
        assert member.access_token_payload["x-level"] == {"v": 0, "t": clock.milliseconds}
        with sql_statements() as statements:
            assert_session_is_untouched(member.get(path))
        assert statements == []

        Group.objects.create(name="editors")
        assert member.get(path).status_code == 200
        clock.advance(301)
        response = member.get(path)

        reason = {"message": "wrong value", "expectedValue": 0, "actualValue": 1}
        assert_json(response, 403, invalid(("x-level", reason)))
        assert_access_token_is_replaced(response, member.mode)

    def test_a_session_of_before_gets_them_with_its_next_request(
        self, clock: Clock, alice: str, stack: Stack
    ) -> None:
        with recipes():
            browser = FrontendClient("header", stack=stack)
            browser.post("/test/login", {"userId": alice})
        assert "x-level" not in browser.access_token_payload

        assert_access_token_is_replaced(browser.get("/test/async"), "header")
        assert browser.access_token_payload["x-level"]["v"] == 0

    def test_they_survive_a_refresh_as_they_were_fetched(self, clock: Clock, member: FrontendClient) -> None:
        before = member.access_token_payload["x-level"]
        clock.advance(600)
        member.refresh()

        assert member.access_token_payload["x-level"] == before

    def test_a_custom_status_code_is_used(self, clock: Clock, member: FrontendClient) -> None:
        Group.objects.create(name="editors")
        clock.advance(301)
        with supertokens_settings(SESSION={"INVALID_CLAIM_STATUS_CODE": 418}):
            assert member.get("/test/sync").status_code == 418


JUDGED_IN: list[int] = []
"""The threads in which validators judged."""


class LevelSeen(ValueValidator):
    """Like that of :class:`Levels`, looking at the payload alone."""

    is_pure = True

    def validate(self, payload: Any) -> ClaimValidationResult:
        JUDGED_IN.append(threading.get_ident())
        return super().validate(payload)


class EditorsSeen(AsksTheDatabase):
    def validate(self, payload: Any) -> ClaimValidationResult:
        JUDGED_IN.append(threading.get_ident())
        return super().validate(payload)


class NoAnonymousEditors(NotAnonymous):
    """A subclass of a validator that looks at the payload alone, and asks the database."""

    async def validate(self, payload: Any) -> ClaimValidationResult:  # type: ignore[override]
        JUDGED_IN.append(threading.get_ident())
        has_editors = await Group.objects.filter(name="editors").aexists()
        return super().validate(payload) if has_editors else ClaimValidationResult(False)


class WatchingVisitors(Recipe):
    name = "watching-visitors"

    def claim_validators(self) -> list[SessionClaimValidator]:
        return [NoAnonymousEditors()]


class Watching(Levels):
    name = "watching"

    def claim_validators(self) -> list[SessionClaimValidator]:
        return [LevelSeen(LEVEL, None, 0, 300)]


class WatchingEditors(Recipe):
    name = "watching-editors"

    def claim_validators(self) -> list[SessionClaimValidator]:
        return [EditorsSeen("x-editors")]


class TestThreads:
    """An async view is verified on the event loop, as long as nothing has to be fetched or asked."""

    @pytest.fixture(autouse=True)
    def _nobody_asked_yet(self) -> None:
        JUDGED_IN.clear()

    def ask(self, user_id: str, *recipes_of_project: type[Recipe]) -> tuple[int, int]:
        """Give the thread of the event loop and the status of the answer."""

        @verify_session()
        async def view(request: HttpRequest) -> HttpResponse:
            return JsonResponse({})

        async def answer(request: HttpRequest) -> tuple[int, int]:
            return threading.get_ident(), (await view(request)).status_code

        with recipes(*recipes_of_project):
            factory = RequestFactory()
            force_login(factory, user_id)
            return async_to_sync(answer)(factory.get("/"))

    def test_a_value_that_is_there_is_judged_on_the_loop(self, clock: Clock, alice: str) -> None:
        loop, status = self.ask(alice, Watching)

        assert status == 200
        assert [loop] == JUDGED_IN

    def test_one_that_is_due_is_fetched_in_a_thread(self, clock: Clock, alice: str) -> None:
        browser = FrontendClient("header", stack="asgi")
        with recipes():
            browser.post("/test/login", {"userId": alice})
        with recipes(Watching):
            assert browser.get("/test/async").status_code == 200
        assert [threading.get_ident()] == JUDGED_IN  # where the tests' database is

    def test_a_validator_that_may_ask_the_database_is_judged_in_a_thread(
        self, clock: Clock, alice: str
    ) -> None:
        Group.objects.create(name="editors")

        loop, status = self.ask(alice, WatchingEditors)

        assert status == 200
        assert JUDGED_IN == [threading.get_ident()] != [loop]

    def test_a_subclass_of_a_pure_validator_may_ask_the_database(self, clock: Clock, alice: str) -> None:
        assert self.ask(alice, WatchingVisitors)[1] == 403
        Group.objects.create(name="editors")
        assert self.ask(alice, WatchingVisitors)[1] == 200
        assert len(JUDGED_IN) == 2
