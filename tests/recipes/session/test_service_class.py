"""``SUPERTOKENS["SESSION"]["SERVICE_CLASS"]``: a subclass takes part in everything, and its last word counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from django.http import HttpRequest

from supertokens_django.claims import SessionClaimValidator
from supertokens_django.exceptions import UnauthorisedError
from supertokens_django.recipes.session.service import SessionService
from supertokens_django.registry import Recipe
from supertokens_django.services import session as sessions
from tests.assertions import assert_json, assert_session_is_cleared
from tests.base import PUBLIC, Clock, supertokens_settings
from tests.client import FrontendClient, Mode, session_headers
from tests.cookies import set_cookies
from tests.views import AlwaysInvalid


class RevokingAtRefresh(SessionService):
    def refresh_session(self, request: HttpRequest) -> Any:
        container = super().refresh_session(request)
        container.revoke_session()
        return container


class RefusingAfterRefresh(SessionService):
    def refresh_session(self, request: HttpRequest) -> Any:
        super().refresh_session(request)
        raise UnauthorisedError("not from this country")


class StumblingAtRefresh(SessionService):
    """Fails in a way that nobody foresaw, before or after the work was done."""

    is_late = False

    def refresh_session(self, request: HttpRequest) -> Any:
        if self.is_late:
            super().refresh_session(request)
        raise RuntimeError("out of paper")


class StumblingAfterRefresh(StumblingAtRefresh):
    is_late = True


class Stamping(SessionService):
    """Adds a claim to every session, whoever makes it."""

    def create_new_session(
        self, request: HttpRequest, tenant_id: str, recipe_user_id: str, *args: Any
    ) -> Any:
        payload = {**(args[0] if args and args[0] else {}), "x-stamp": recipe_user_id[:8]}
        return super().create_new_session(request, tenant_id, recipe_user_id, payload, *args[1:])


class KeepingSecrets(SessionService):
    def get_session_information(self, session_handle: str) -> Any:
        found = super().get_session_information(session_handle)
        return found and replace(found, session_data_in_database={"from": "the subclass"})


class Demanding(SessionService):
    """Demands of every session in ``public`` what no session has."""

    def get_global_claim_validators(
        self,
        tenant_id: str,
        user_id: str,
        recipe_user_id: str,
        claim_validators_added_by_other_recipes: list[SessionClaimValidator],
    ) -> list[SessionClaimValidator]:
        added = super().get_global_claim_validators(
            tenant_id, user_id, recipe_user_id, claim_validators_added_by_other_recipes
        )
        who = f"x-{tenant_id}-{user_id == recipe_user_id}"
        return [*added, AlwaysInvalid(who)] if tenant_id == PUBLIC else added


class OwnRecipe(Recipe):
    """A recipe of the project that adds a validator to every verification."""

    name = "own"

    def claim_validators(self) -> list[SessionClaimValidator]:
        return [AlwaysInvalid("x-own")]


def service(cls: type) -> Any:
    return supertokens_settings(SESSION={"SERVICE_CLASS": f"{cls.__module__}.{cls.__qualname__}"})


def test_a_session_revoked_inside_refresh_ends_cleared(
    clock: Clock, alice: str, frontend: FrontendClient
) -> None:
    with service(RevokingAtRefresh):
        response = frontend.refresh()

    assert_json(response, 200, {})
    assert response.headers["front-token"] == "remove"
    assert "anti-csrf" not in response.headers
    assert not frontend.is_signed_in
    assert (frontend.access_token, frontend.refresh_token) == (None, None)
    assert sessions.get_all_session_handles_for_user(alice) == []


def test_the_anti_csrf_token_goes_with_it(clock: Clock, alice: str) -> None:
    browser = FrontendClient("cookie")
    with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}), service(RevokingAtRefresh):
        browser.post("/test/login", {"userId": alice})
        response = browser.refresh()

    assert "anti-csrf" not in response.headers
    assert browser.anti_csrf is None


def test_an_error_after_the_refresh_sends_the_clearing_alone(clock: Clock, frontend: FrontendClient) -> None:
    with service(RefusingAfterRefresh):
        response = frontend.refresh()

    assert_json(response, 401, {"message": "unauthorised"})
    assert response.headers["front-token"] == "remove"
    assert (response.headers["st-access-token"], response.headers["st-refresh-token"]) == ("", "")
    assert {cookie.value for cookie in set_cookies(response).values()} == {""}
    assert not frontend.is_signed_in


@pytest.mark.parametrize("cls", [StumblingAtRefresh, StumblingAfterRefresh])
def test_a_server_error_of_a_refresh_signs_nobody_out(
    cls: type, clock: Clock, alice: str, mode: Mode
) -> None:
    browser = FrontendClient(mode, raise_request_exception=False)
    browser.post("/test/login", {"userId": alice})
    with service(cls):
        response = browser.refresh()

    assert response.status_code == 500
    assert "remove" not in session_headers(response).values()
    assert browser.is_signed_in
    assert_json(browser.refresh(), 200, {})
    assert browser.get("/test/checked").status_code == 200


def test_it_takes_part_in_sign_in(alice: str, browser: FrontendClient) -> None:
    with service(Stamping):
        browser.post("/test/login", {"userId": alice})

    assert browser.access_token_payload["x-stamp"] == alice[:8]


class TestGlobalClaimValidators:
    OF_RECIPE: ClassVar = {"id": "x-own", "reason": {"message": "too young"}}
    OF_SERVICE: ClassVar = {"id": "x-public-True", "reason": {"message": "too young"}}

    @pytest.fixture(autouse=True)
    def demanding(self, acme: None) -> Iterator[None]:
        recipes = ["emailpassword", f"{OwnRecipe.__module__}.{OwnRecipe.__qualname__}"]
        with service(Demanding), supertokens_settings(RECIPES=recipes):
            yield

    @pytest.mark.parametrize("path", ["/test/sync", "/test/async", "/test/plain", "/test/checked"])
    def test_it_adds_to_those_of_the_recipes(self, frontend: FrontendClient, path: str) -> None:
        errors = [self.OF_RECIPE, self.OF_SERVICE]
        assert_json(frontend.get(path), 403, {"message": "invalid claim", "claimValidationErrors": errors})

    def test_by_handle_it_is_asked_too(self, frontend: FrontendClient) -> None:
        found = sessions.validate_claims_for_session_handle(frontend.session_handle)
        assert found.invalid_claims == [self.OF_RECIPE, self.OF_SERVICE]

    def test_it_knows_the_tenant(self, alice: str, tenant_acme: str) -> None:
        made = sessions.create_new_session_without_request_response(tenant_acme, alice)
        found = sessions.validate_claims_for_session_handle(made.get_handle())
        assert found.invalid_claims == [self.OF_RECIPE]

    def test_a_view_may_replace_them_all(self, frontend: FrontendClient) -> None:
        errors = [{"id": "x-grown-up", "reason": {"message": "too young"}}]
        assert_json(
            frontend.get("/test/invalid-claim"),
            403,
            {"message": "invalid claim", "claimValidationErrors": errors},
        )

    def test_sign_out_asks_none(self, frontend: FrontendClient) -> None:
        assert_json(frontend.sign_out(), 200, {"status": "OK"})


def test_sessions_call_it_and_not_its_base(alice: str) -> None:
    with service(KeepingSecrets):
        container = sessions.create_new_session_without_request_response(PUBLIC, alice)
        assert container.get_session_data_from_database() == {"from": "the subclass"}


@pytest.mark.parametrize("wrong", ["no.such.Class", "tests.base.ALICE", 5])
def test_what_is_no_class_is_refused(wrong: Any) -> None:
    from django.core.exceptions import ImproperlyConfigured

    with (
        supertokens_settings(SESSION={"SERVICE_CLASS": wrong}),
        pytest.raises(ImproperlyConfigured, match="SERVICE_CLASS"),
    ):
        sessions.revoke_session("handle")


def test_without_it_ours_serves(frontend: FrontendClient) -> None:
    response = frontend.sign_out()

    assert_session_is_cleared(response, frontend.mode)
