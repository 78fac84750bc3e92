"""Sessions of visitors without an account, and what becomes of them when the visitor signs in or up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from supertokens_django import signals
from supertokens_django.exceptions import BadInputError, GeneralError
from supertokens_django.flow.gates import Gate
from supertokens_django.models import Session, User
from supertokens_django.recipes.session.service import SessionService
from supertokens_django.services import session as sessions
from tests.assertions import assert_json, assert_session_is_set, assert_view_json
from tests.base import (
    ALICE,
    BOB,
    MALLORY,
    PUBLIC,
    TWO_SITES,
    Clock,
    sign_up,
    sql_budget,
    sql_statements,
    supertokens_settings,
)
from tests.caches import revocation_cache
from tests.client import FrontendClient, Stack, json_of
from tests.pages.visiting import Visitor

pytestmark = pytest.mark.django_db(transaction=True)

CART = {"cart": ["hat", "watch"]}
NOBODY = {"authenticated": False, "pk": None}
A_DAY = 86400


@pytest.fixture
def visitor(browser: FrontendClient, clock: Clock) -> FrontendClient:
    """A browser with an anonymous session that holds a cart."""
    browser.post("/test/visit", {"data": CART, "payload": {"x-from": "newsletter"}})
    assert browser.is_signed_in
    return browser


def data_of(browser: FrontendClient) -> dict[str, Any]:
    found = sessions.get_session_information(browser.session_handle)
    assert found is not None
    return found.session_data_in_database


def is_there(handle: str) -> bool:
    return sessions.get_session_information(handle) is not None


@contextmanager
def heard() -> Iterator[list[dict[str, Any]]]:
    calls: list[dict[str, Any]] = []

    def receiver(**kwargs: Any) -> None:
        calls.append({**kwargs, "in_transaction": connection.in_atomic_block})

    signals.anonymous_session_left.connect(receiver)
    try:
        yield calls
    finally:
        signals.anonymous_session_left.disconnect(receiver)


class TestTheSession:
    @pytest.mark.parametrize("path", ["/test/visit", "/test/visit/async"])
    def test_it_goes_out_like_any_other(
        self, clock: Clock, browser: FrontendClient, stack: Stack, path: str
    ) -> None:
        visitor = FrontendClient(browser.mode, stack=stack)

        assert_session_is_set(visitor.post(path, {"data": CART}), visitor.mode)

        assert data_of(visitor) == CART

    def test_its_user_is_new_and_nobody(self, visitor: FrontendClient) -> None:
        other = FrontendClient(visitor.mode)
        other.post("/test/visit", {})

        assert len({visitor.user_id, other.user_id}) == 2
        assert not User.objects.exists()

    def test_the_token_says_so(self, clock: Clock, visitor: FrontendClient) -> None:
        payload = visitor.access_token_payload

        assert payload["st-anonymous"] == {"v": True, "t": clock.milliseconds}
        assert payload["x-from"] == "newsletter"
        assert payload["sub"] == payload["rsub"] == visitor.user_id

    def test_it_says_so_after_a_refresh_and_after_a_change_too(self, visitor: FrontendClient) -> None:
        said = visitor.access_token_payload["st-anonymous"]
        visitor.refresh()
        assert visitor.access_token_payload["st-anonymous"] == said

        visitor.post("/test/sync", {"do": "merge", "update": {"x-seen": 1}})
        assert visitor.access_token_payload["st-anonymous"] == said

    @pytest.mark.parametrize("path", ["/test/sync", "/test/async", "/test/drf/view", "/test/checked"])
    def test_it_is_verified_like_any_other(self, visitor: FrontendClient, stack: Stack, path: str) -> None:
        assert visitor.clone(stack=stack).get(path).status_code == 200

    @pytest.mark.parametrize("path", ["/test/whoami", "/test/whoami-async", "/test/drf/open"])
    def test_the_user_of_the_request_stays_anonymous_and_is_not_looked_for(
        self, visitor: FrontendClient, stack: Stack, path: str
    ) -> None:
        with sql_statements() as statements:
            assert_view_json(visitor.clone(stack=stack).get(path), NOBODY)
        assert statements == []

    def test_nobody_is_logged_in_for_rest_framework(self, visitor: FrontendClient) -> None:
        assert visitor.get("/test/drf/authenticated").status_code in (401, 403)

    def test_views_for_users_refuse_it(self, visitor: FrontendClient, alice: str) -> None:
        refusal = {"id": "st-anonymous", "reason": {"message": "the session is anonymous"}}
        assert_json(
            visitor.get("/test/personal"),
            403,
            {"message": "invalid claim", "claimValidationErrors": [refusal]},
        )

        visitor.post("/test/login", {"userId": alice})
        assert visitor.get("/test/personal").status_code == 200

    def test_views_know(self, visitor: FrontendClient, alice: str) -> None:
        found = sessions.get_session_without_request_response(visitor.access_token or "")
        other = sessions.create_new_session_without_request_response(PUBLIC, alice)

        assert found is not None
        assert found.is_anonymous()
        assert not other.is_anonymous()

    def test_it_signs_out(self, visitor: FrontendClient) -> None:
        handle = visitor.session_handle

        assert_json(visitor.sign_out(), 200, {"status": "OK"})

        assert not is_there(handle)

    def test_it_costs_one_insert(self, visitor: FrontendClient) -> None:
        with sql_budget(1):
            FrontendClient(visitor.mode).post("/test/visit", {})

    def test_nobody_else_can_make_one_by_the_payload(self, visitor: FrontendClient, alice: str) -> None:
        forged = visitor.access_token_payload["st-anonymous"]
        made = sessions.create_new_session_without_request_response(PUBLIC, alice, {"st-anonymous": forged})

        assert "st-anonymous" not in made.get_access_token_payload()
        for update in ({"st-anonymous": forged}, {"st-anonymous": None}):
            with pytest.raises(BadInputError, match="protected field"):
                made.merge_into_access_token_payload(update)
            with pytest.raises(BadInputError, match="protected field"):
                sessions.merge_into_access_token_payload(made.get_handle(), update)


def sign_in(browser: FrontendClient, **fields: Any) -> Any:
    return browser.sign_in(ALICE.email, ALICE.password, **fields)


class TestSigningIn:
    @pytest.fixture(autouse=True)
    def _alice(self, alice: str) -> None:
        pass

    def test_the_new_session_takes_the_data_over(self, visitor: FrontendClient, alice: str) -> None:
        left = visitor.session_handle

        assert sign_in(visitor).status_code == 200

        assert (visitor.user_id, data_of(visitor)) == (alice, CART)
        assert not is_there(left)

    def test_so_does_that_of_a_sign_up(self, visitor: FrontendClient) -> None:
        left = visitor.session_handle

        assert visitor.sign_up(BOB.email, BOB.password).status_code == 200

        assert data_of(visitor) == CART
        assert not is_there(left)

    def test_the_plain_keys_of_the_payload_go_along_and_nothing_else(self, visitor: FrontendClient) -> None:
        claims = {"role": {"v": ["guest"], "t": 1}, "st-mfa": {"c": {}, "v": True}}
        sessions.merge_into_access_token_payload(visitor.session_handle, claims)
        visitor.refresh()
        assert set(claims) < set(visitor.access_token_payload)

        sign_in(visitor)

        payload = visitor.access_token_payload
        assert payload["x-from"] == "newsletter"
        assert not {*claims, "st-anonymous"} & set(payload)
        assert payload["sub"] == visitor.user_id

    def test_a_signal_tells_who_became_whom(self, visitor: FrontendClient, alice: str) -> None:
        nobody = visitor.user_id
        with heard() as calls:
            sign_in(visitor)

        (call,) = calls
        assert (call["anonymous_user_id"], call["user_id"]) == (nobody, alice)
        assert call["request"].path == "/auth/signin"
        assert call["session"].get_handle() == visitor.session_handle
        assert call["in_transaction"] is False

    def test_without_an_anonymous_session_nothing_is_told(self, browser: FrontendClient) -> None:
        with heard() as calls:
            sign_in(browser)
            sign_in(browser)

        assert calls == []
        assert data_of(browser) == {}

    def test_a_wrong_password_leaves_it_untouched(self, visitor: FrontendClient) -> None:
        before = Session.objects.get(pk=visitor.session_handle).__dict__
        with heard() as calls:
            assert json_of(visitor.sign_in(ALICE.email, "wrong"))["status"] == "WRONG_CREDENTIALS_ERROR"

        after = Session.objects.get(pk=visitor.session_handle).__dict__
        assert {**before, "_state": None} == {**after, "_state": None}
        assert calls == []
        assert visitor.get("/test/sync").status_code == 200

    def test_a_sign_in_that_is_rolled_back_leaves_it_untouched(self, visitor: FrontendClient) -> None:
        with heard() as calls, supertokens_settings(SESSION={"SERVICE_CLASS": Stumbling}):
            assert json_of(sign_in(visitor)) == {"status": "GENERAL_ERROR", "message": "Not today"}

        assert is_there(visitor.session_handle)
        assert calls == []
        assert visitor.get("/test/sync").status_code == 200

    def test_a_gate_that_refuses_leaves_it_untouched(self, visitor: FrontendClient) -> None:
        with supertokens_settings(FLOW_GATES=[Closed]):
            sign_in(visitor)

        assert data_of(visitor) == CART

    def test_the_data_of_a_users_session_is_never_taken(self, browser: FrontendClient, bob: str) -> None:
        browser.post("/test/login", {"userId": bob, "data": {"secret": "bob's"}})
        bobs = browser.session_handle

        sign_in(browser)

        assert data_of(browser) == {}
        assert is_there(bobs)

    def test_another_tenants_is_not_taken(self, tenant_acme: str, visitor: FrontendClient) -> None:
        sign_up(ALICE, tenant_acme)
        left = visitor.session_handle

        assert sign_in(visitor, tenant=tenant_acme).status_code == 200

        assert data_of(visitor) == {}
        assert is_there(left)

    def test_a_visitor_who_comes_back_after_the_access_token_has_expired_keeps_the_cart(
        self, clock: Clock, visitor: FrontendClient
    ) -> None:
        clock.advance(A_DAY)

        sign_in(visitor)

        assert data_of(visitor) == CART

    def test_a_session_that_has_expired_holds_nothing_any_more(
        self, clock: Clock, visitor: FrontendClient
    ) -> None:
        clock.advance(101 * A_DAY)

        assert sign_in(visitor).status_code == 200

        assert data_of(visitor) == {}

    def test_it_is_left_once(self, visitor: FrontendClient) -> None:
        other_tab = visitor.clone()
        sign_in(visitor)

        assert sign_in(other_tab).status_code == 200

        assert data_of(other_tab) == {}

    def test_a_sign_in_costs_what_it_did_and_leaving_two_more(
        self, clock: Clock, visitor: FrontendClient
    ) -> None:
        clock.advance(A_DAY)
        with sql_budget(6):
            sign_in(FrontendClient(visitor.mode))
        with sql_budget(6 + 2):
            sign_in(visitor)

    def test_with_a_revocation_cache_it_is_refused_at_once(self, visitor: FrontendClient) -> None:
        old_tab = visitor.clone()
        with revocation_cache():
            sign_in(visitor)
            assert old_tab.get("/test/sync").status_code == 401

    def test_a_project_may_hand_on_something_else(self, visitor: FrontendClient) -> None:
        with supertokens_settings(SESSION={"SERVICE_CLASS": Forgetful}):
            sign_in(visitor)

        assert data_of(visitor) == {}


class Stumbling(SessionService):
    """Fails once the session is made."""

    def create_new_session(self, *args: Any, **kwargs: Any) -> Any:
        super().create_new_session(*args, **kwargs)
        raise GeneralError("Not today")


class Forgetful(SessionService):
    def leave_anonymous_session(self, *args: Any, **kwargs: Any) -> None:
        super().leave_anonymous_session(*args, **kwargs)


class Closed(Gate):
    def check(self, attempt: Any, request: Any) -> None:
        raise GeneralError("Closed")


class TestAnAttack:
    """Mallory wants the cart of somebody who has not signed in yet, or to plant one."""

    def test_a_forged_token_leaves_nothing(self, visitor: FrontendClient, alice: str) -> None:
        header, payload, _ = (visitor.access_token or "").split(".")
        thief = FrontendClient(visitor.mode)
        thief.hold_access_token(f"{header}.{payload}.{'A' * 342}")
        sign_up(MALLORY)

        thief.sign_in(MALLORY.email, MALLORY.password)

        assert data_of(visitor) == CART

    def test_a_token_from_two_refreshes_ago_leaves_nothing(
        self, clock: Clock, visitor: FrontendClient, alice: str
    ) -> None:
        thief = visitor.clone()
        visitor.refresh()
        visitor.refresh()
        sign_up(MALLORY)

        thief.sign_in(MALLORY.email, MALLORY.password)

        assert data_of(visitor) == CART

    def test_a_form_of_another_site_that_signs_in_as_mallory_leaves_nothing(self, clock: Clock) -> None:
        """The browser of the visitor sends its cookies along where SameSite is none."""
        sign_up(MALLORY)
        with supertokens_settings(**TWO_SITES):
            visitor = FrontendClient("cookie")
            visitor.post("/test/visit", {"data": CART})
            fields = [{"id": "email", "value": MALLORY.email}, {"id": "password", "value": MALLORY.password}]
            headers = {"rid": None, "st-auth-mode": None, "origin": "https://evil.example"}
            answer = visitor.clone().post("/auth/signin", {"formFields": fields}, headers=headers)

            assert json_of(answer)["status"] == "OK"
            assert data_of(visitor) == CART

    def test_nor_does_one_without_the_anti_csrf_token(self, clock: Clock) -> None:
        sign_up(MALLORY)
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
            visitor = FrontendClient("cookie")
            visitor.post("/test/visit", {"data": CART})
            thief = visitor.clone()
            thief.anti_csrf = None
            thief.sign_in(MALLORY.email, MALLORY.password)
            assert data_of(visitor) == CART

            left = visitor.session_handle
            visitor.sign_in(MALLORY.email, MALLORY.password)
            assert data_of(visitor) == CART
            assert not is_there(left)


class TestThePages:
    def test_a_visitor_is_asked_to_sign_in_and_keeps_the_cart(self, clock: Clock, alice: str) -> None:
        with supertokens_settings(API_DOMAIN="https://acme.com"):
            browser = FrontendClient("cookie", host="acme.com")
            browser.post("/test/visit", {"data": CART})
            visitor = Visitor()
            visitor.jar = browser.jar

            page = visitor.open("/auth/")
            visitor.submit(page, email=ALICE.email, password=ALICE.password)

        (row,) = Session.objects.all()
        assert (row.recipe_user_id, row.session_data) == (alice, CART)


def test_an_older_frontend_links_nothing_with_it(clock: Clock, alice: str) -> None:
    """Before FDI 3.1 the session of the request always takes part."""
    visitor = FrontendClient("header")
    visitor.post("/test/visit", {"data": CART})
    visitor.fdi_version = "1.17"

    assert visitor.sign_in(ALICE.email, ALICE.password).status_code == 200

    assert (visitor.user_id, data_of(visitor)) == (alice, CART)
