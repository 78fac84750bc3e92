"""Changing the access token's payload: on the session of a request, and by handle."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from supertokens_django.claims import PrimitiveArrayClaim
from supertokens_django.exceptions import BadInputError, UnauthorisedError
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.services import session as sessions
from supertokens_django.testing import force_login
from tests.assertions import (
    assert_access_token_is_replaced,
    assert_session_is_cleared,
    assert_session_is_untouched,
    assert_unauthorised_and_cleared,
)
from tests.base import ISSUER, Clock, supertokens_settings
from tests.client import FrontendClient, json_of_view

PROTECTED = (
    "sub",
    "iat",
    "exp",
    "sessionHandle",
    "parentRefreshTokenHash1",
    "refreshTokenHash1",
    "antiCsrfToken",
    "rsub",
    "tId",
)
EVERY_VIEW = (
    "sync",
    "async",
    "method",
    "method-async",
    "dispatch",
    "dispatch-async",
    "object",
    "checked",
    "checked-async",
    "plain",
    "plain-async",
    "drf/view",
    "drf/bare",
    "drf/function",
    "drf/likes",
    "drf/likes/like",
    "drf/object",
)


def merge(browser: FrontendClient, update: dict[str, Any], view: str = "sync") -> Any:
    return browser.post(f"/test/{view}", {"do": "merge", "update": update})


@pytest.mark.parametrize("view", EVERY_VIEW)
class TestFromEveryKindOfView:
    """What the view changes in the tokens reaches the response."""

    def test_a_merge_sends_a_new_access_token(
        self, clock: Clock, frontend: FrontendClient, view: str
    ) -> None:
        clock.advance(10)

        response = merge(frontend, {"x-liked": 1}, view)

        assert json_of_view(response)["payload"] == {"x-liked": 1}
        assert_access_token_is_replaced(response, frontend.mode)
        assert frontend.access_token_payload["x-liked"] == 1
        assert json_of_view(frontend.get("/test/sync"))["payload"] == {"x-liked": 1}

    def test_a_revocation_clears_the_tokens(self, frontend: FrontendClient, view: str, alice: str) -> None:
        response = frontend.post(f"/test/{view}", {"do": "revoke"})

        assert response.status_code == 200
        assert_session_is_cleared(response, frontend.mode)
        assert sessions.get_all_session_handles_for_user(alice) == []

    def test_neither_leaves_a_trace_on_the_next_request(
        self, clock: Clock, frontend: FrontendClient, view: str
    ) -> None:
        merge(frontend, {"x-liked": 1}, view)

        assert_session_is_untouched(frontend.get(f"/test/{view}"))

    def test_it_works_under_asgi(self, clock: Clock, frontend: FrontendClient, view: str) -> None:
        phone = frontend.clone(stack="asgi")

        assert_access_token_is_replaced(merge(phone, {"x-liked": 1}, view), frontend.mode)
        assert_session_is_cleared(phone.post(f"/test/{view}", {"do": "revoke"}), frontend.mode)


class TestWhatAMergeDoes:
    def test_it_keeps_everything_of_the_token_but_the_time_it_was_issued(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        before, header = frontend.access_token_payload, frontend.access_token_header
        clock.advance(10)

        merge(frontend, {"x-liked": 1})

        assert frontend.access_token_payload == {**before, "iat": before["iat"] + 10, "x-liked": 1}
        assert frontend.access_token_header == header

    def test_it_never_touches_the_refresh_token(self, frontend: FrontendClient) -> None:
        before = frontend.refresh_token
        merge(frontend, {"x-liked": 1})

        assert frontend.refresh_token == before
        assert frontend.refresh().status_code == 200

    def test_it_does_not_send_the_anti_csrf_token_again(self, clock: Clock, alice: str) -> None:
        browser = FrontendClient("cookie")
        with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
            browser.post("/test/login", {"userId": alice})
            response = merge(browser, {"x-liked": 1})

            assert_access_token_is_replaced(response, "cookie")
            assert browser.access_token_payload["antiCsrfToken"] == browser.anti_csrf
            assert browser.post("/test/sync").status_code == 200

    def test_the_access_token_is_exposed_beside_the_cookie_when_asked(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        with supertokens_settings(SESSION={"EXPOSE_ACCESS_TOKEN_TO_FRONTEND_IN_COOKIE_BASED_AUTH": True}):
            response = merge(frontend, {"x-liked": 1})

        assert_access_token_is_replaced(response, frontend.mode, exposed_access_token=True)

    def test_it_merges_at_the_top_level_and_none_deletes(self, frontend: FrontendClient) -> None:
        merge(frontend, {"x-a": {"deep": 1}, "x-b": 2, "x-c": 3})
        merge(frontend, {"x-a": {"other": None}, "x-b": None, "x-missing": None, "x-d": [None]})

        expected = {"x-a": {"other": None}, "x-c": 3, "x-d": [None]}
        assert {
            key: value for key, value in frontend.access_token_payload.items() if key[:2] == "x-"
        } == expected

    def test_falsy_values_are_values(self, frontend: FrontendClient) -> None:
        falsy = {"x-false": False, "x-zero": 0, "x-empty": "", "x-list": [], "x-dict": {}}
        merge(frontend, falsy)

        assert json_of_view(frontend.get("/test/sync"))["payload"] == falsy

    def test_it_survives_a_refresh(self, clock: Clock, frontend: FrontendClient) -> None:
        merge(frontend, {"x-liked": 1})
        frontend.refresh()

        assert frontend.access_token_payload["x-liked"] == 1
        assert frontend.access_token_payload["iss"] == ISSUER

    def test_two_merges_in_one_request_send_one_token_with_both(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        container = sessions.get_session_without_request_response(frontend.access_token or "")
        assert container is not None
        container.merge_into_access_token_payload({"x-a": 1})
        container.merge_into_access_token_payload({"x-b": 2})

        payload = container.get_access_token_payload()
        assert (payload["x-a"], payload["x-b"]) == (1, 2)

    @pytest.mark.parametrize("claim", PROTECTED)
    def test_a_protected_claim_is_refused(self, frontend: FrontendClient, claim: str) -> None:
        before = frontend.access_token_payload
        container = sessions.get_session_without_request_response(frontend.access_token or "")
        assert container is not None

        for update in ({claim: "x"}, {claim: None}):
            with pytest.raises(BadInputError, match="The user payload contains protected field"):
                container.merge_into_access_token_payload({**update, "x-a": 1})
            with pytest.raises(BadInputError, match="The user payload contains protected field"):
                sessions.merge_into_access_token_payload(frontend.session_handle, {**update, "x-a": 1})

        assert container.get_access_token_payload() == before
        frontend.refresh()
        assert "x-a" not in frontend.access_token_payload

    def test_the_view_of_a_session_that_is_gone_is_unauthorised(self, frontend: FrontendClient) -> None:
        sessions.revoke_session(frontend.session_handle)

        assert_unauthorised_and_cleared(merge(frontend, {"x-liked": 1}))

    def test_after_the_token_has_expired_only_the_memory_and_the_database_change(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        container = sessions.get_session_without_request_response(frontend.access_token or "")
        assert container is not None
        clock.advance(3601)

        container.merge_into_access_token_payload({"x-late": 1})

        tokens = container.get_all_session_tokens_dangerously()
        assert (tokens["accessToken"], tokens["accessAndFrontTokenUpdated"]) == (frontend.access_token, False)
        assert container.get_access_token_payload()["x-late"] == 1
        frontend.refresh()
        assert frontend.access_token_payload["x-late"] == 1


class TestByHandle:
    def test_the_frontend_learns_of_it_with_its_next_refresh(
        self, clock: Clock, frontend: FrontendClient
    ) -> None:
        assert sessions.merge_into_access_token_payload(frontend.session_handle, {"x-role": "admin"}) is True
        response = frontend.get("/test/sync")
        assert json_of_view(response)["payload"] == {}
        assert_session_is_untouched(response)

        clock.advance(60)
        frontend.refresh()

        assert frontend.access_token_payload["x-role"] == "admin"

    def test_a_session_that_is_gone_is_false(self, clock: Clock, frontend: FrontendClient) -> None:
        assert sessions.merge_into_access_token_payload("no-such-handle", {"x-a": 1}) is False
        clock.advance(100 * 86400 + 1)
        assert sessions.merge_into_access_token_payload(frontend.session_handle, {"x-a": 1}) is False

    def test_it_also_reaches_the_grace_answer(self, clock: Clock, frontend: FrontendClient) -> None:
        other_tab = frontend.clone()
        frontend.refresh()
        sessions.merge_into_access_token_payload(frontend.session_handle, {"x-role": "admin"})

        other_tab.refresh()

        assert other_tab.access_token_payload["x-role"] == "admin"


def test_a_request_of_bob_never_sends_what_alices_request_changed(
    clock: Clock, frontend: FrontendClient, bob: str
) -> None:
    bobs = FrontendClient(frontend.mode)
    bobs.post("/test/login", {"userId": bob})
    merge(frontend, {"x-liked": 1})

    assert_session_is_untouched(bobs.get("/test/sync"))
    assert json_of_view(bobs.get("/test/sync"))["payload"] == {}


def test_the_error_of_a_lost_session_is_unauthorised(frontend: FrontendClient) -> None:
    container = sessions.get_session_without_request_response(frontend.access_token or "")
    assert container is not None
    sessions.revoke_session(frontend.session_handle)

    with pytest.raises(UnauthorisedError, match=r"Session does not exist anymore\.") as error:
        container.merge_into_access_token_payload({"x-a": 1})
    assert error.value.clear_tokens is True


class TestWhatIsHandedOut:
    """Whoever changes it in place changes a copy: a verified token is remembered for the requests to come."""

    @pytest.fixture
    def request_of_alice(self, alice: str, rf: RequestFactory) -> HttpRequest:
        force_login(rf, alice, claims={"x-a": {"roles": ["guest"]}, "x-roles": {"v": ["guest"], "t": 0}})
        return rf.get("/")

    def test_the_payload(self, request_of_alice: HttpRequest, alice: str) -> None:
        session = verified(request_of_alice)
        payload = session.get_access_token_payload()
        payload["x-a"]["roles"].append("admin")
        payload["sub"] = "mallory"

        for later in (session, verified(request_of_alice)):
            assert later.get_access_token_payload()["x-a"] == {"roles": ["guest"]}
            assert later.get_access_token_payload()["sub"] == alice == later.get_user_id()

    def test_the_value_of_a_claim(self, request_of_alice: HttpRequest) -> None:
        roles: PrimitiveArrayClaim[str] = PrimitiveArrayClaim("x-roles", lambda *_: None)
        session = verified(request_of_alice)
        handed_out = session.get_claim_value(roles)
        assert handed_out is not None
        handed_out.append("admin")

        assert session.get_claim_value(roles) == ["guest"]
        assert verified(request_of_alice).get_claim_value(roles) == ["guest"]


def verified(request: HttpRequest) -> SessionContainer:
    session = sessions.get_session(request)
    assert session is not None
    return session
