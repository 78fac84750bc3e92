"""``SESSION["JWT"]``: a JWT of the user and the claims inside the access token, for services that verify JWTs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jwt as pyjwt
import pytest

from supertokens_django.claims import PrimitiveClaim
from supertokens_django.models import Session
from supertokens_django.services import jwt as jwt_service
from supertokens_django.services import session as sessions
from tests.assertions import (
    assert_access_token_is_replaced,
    assert_session_is_untouched,
    assert_unauthorised,
    assert_view_json,
)
from tests.base import ISSUER, PUBLIC, Clock, supertokens_settings
from tests.client import FrontendClient, decode_jwt, json_of_view

TUNNEL = "https://tunnel.example/auth"
PROTECTED = {
    "sessionHandle",
    "refreshTokenHash1",
    "parentRefreshTokenHash1",
    "antiCsrfToken",
    "rsub",
    "tId",
}


def jwt_settings(**options: Any) -> supertokens_settings:
    return supertokens_settings(SESSION={"JWT": {"ENABLE": True, **options}})


@pytest.fixture
def enabled(clock: Clock) -> Iterator[None]:
    with jwt_settings(ISSUER=TUNNEL):
        yield


@pytest.fixture
def alices(enabled: None, browser: FrontendClient, alice: str) -> FrontendClient:
    """Alice's browser, signed in while the JWT is on, with a claim of the project's."""
    browser.post("/test/login", {"userId": alice, "payload": {"x-role": "author"}})
    return browser


def nested(browser: FrontendClient, name: str = "jwt") -> dict[str, Any]:
    """The payload of the JWT inside, which the frontend sees as well; its signature is checked by the key set."""
    token = browser.access_token_payload[name]
    assert browser.front_token["up"][name] == token
    key = pyjwt.PyJWKSet.from_dict(jwt_service.get_jwks())[decode_jwt(token)[0]["kid"]]
    claims: dict[str, Any] = pyjwt.decode(
        token, key, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False}
    )
    return claims


class TestWhatIsInIt:
    def test_it_is_a_standard_jwt_of_the_same_user_and_claims(
        self, clock: Clock, alices: FrontendClient, alice: str
    ) -> None:
        header, _ = decode_jwt(alices.access_token_payload["jwt"])

        assert header == {"alg": "RS256", "typ": "JWT", "kid": alices.access_token_header["kid"]}
        assert nested(alices) == {
            "sub": alice,
            "iss": TUNNEL,
            "iat": int(clock.now),
            "exp": alices.access_token_payload["exp"],
            "x-role": "author",
        }

    def test_nothing_that_makes_a_session_is_in_it(self, alices: FrontendClient) -> None:
        assert set(alices.access_token_payload) >= PROTECTED
        assert set(nested(alices)) & {*PROTECTED, "jwt"} == set()

    def test_the_access_token_keeps_its_own_issuer(self, alices: FrontendClient) -> None:
        assert alices.access_token_payload["iss"] == ISSUER

    def test_it_is_not_stored(self, alices: FrontendClient) -> None:
        found = sessions.get_session_information(alices.session_handle)

        assert found is not None
        assert found.custom_claims_in_access_token_payload == {"x-role": "author", "iss": ISSUER}

    def test_the_view_sees_it(self, alices: FrontendClient) -> None:
        found = sessions.get_session_without_request_response(alices.access_token or "")

        assert found is not None
        assert found.get_access_token_payload()["jwt"] == alices.access_token_payload["jwt"]

    def test_without_an_issuer_it_is_that_of_the_api(
        self, clock: Clock, browser: FrontendClient, alice: str
    ) -> None:
        with jwt_settings():
            browser.post("/test/login", {"userId": alice})

            assert nested(browser)["iss"] == ISSUER

    def test_the_claim_can_have_another_name(self, clock: Clock, browser: FrontendClient, alice: str) -> None:
        with jwt_settings(PROPERTY_NAME_IN_ACCESS_TOKEN_PAYLOAD="hasura"):
            browser.post("/test/login", {"userId": alice})

            assert nested(browser, "hasura")["sub"] == alice
            assert "jwt" not in browser.access_token_payload

    def test_a_static_key_signs_both(self, clock: Clock, browser: FrontendClient, alice: str) -> None:
        with supertokens_settings(
            SESSION={"JWT": {"ENABLE": True}, "USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": False}
        ):
            browser.post("/test/login", {"userId": alice})
            kids = {decode_jwt(browser.access_token_payload["jwt"])[0]["kid"]}

            assert {*kids, browser.access_token_header["kid"]} == kids
            assert kids.pop().startswith("s-")

    def test_it_lives_as_long_as_the_access_token_whatever_its_lifetime(
        self, clock: Clock, browser: FrontendClient, alice: str
    ) -> None:
        with supertokens_settings(SESSION={"JWT": {"ENABLE": True}, "ACCESS_TOKEN_LIFETIME": 7200}):
            for _ in range(10):  # every one is shortened by chance
                browser.post("/test/login", {"userId": alice})
                assert nested(browser)["exp"] == browser.access_token_payload["exp"]

    def test_off_there_is_none(self, frontend: FrontendClient) -> None:
        assert "jwt" not in frontend.access_token_payload
        with supertokens_settings(SESSION={"JWT": {"ENABLE": False, "ISSUER": TUNNEL}}):
            frontend.refresh()
        assert "jwt" not in frontend.access_token_payload


class TestItIsNoSession:
    def test_as_a_bearer_token_or_cookie(self, alices: FrontendClient) -> None:
        alices.hold_access_token(alices.access_token_payload["jwt"])

        for path in ("/test/sync", "/test/checked"):
            assert_unauthorised(alices.get(path))
        assert_view_json(alices.get("/test/optional"), {"session": None})

    def test_in_the_hands_of_another_service(self, alices: FrontendClient) -> None:
        token = alices.access_token_payload["jwt"]

        assert sessions.get_session_without_request_response(token, session_required=False) is None

    def test_a_payload_of_a_session_does_not_make_it_one(
        self, enabled: None, browser: FrontendClient, alice: str
    ) -> None:
        """Keys that belong to us are dropped from what a project puts into its sessions."""
        browser.post("/test/login", {"userId": alice})
        copied = browser.access_token_payload
        browser.post("/test/login", {"userId": alice, "payload": copied})

        assert set(nested(browser)) == {"sub", "iss", "iat", "exp"}


class TestItIsRenewed:
    def test_at_a_refresh(self, clock: Clock, alices: FrontendClient) -> None:
        before = nested(alices)
        clock.advance(1800)
        alices.refresh()

        assert nested(alices) == {
            **before,
            "iat": before["iat"] + 1800,
            "exp": alices.access_token_payload["exp"],
        }

    def test_in_the_grace_window(self, clock: Clock, alices: FrontendClient) -> None:
        other_tab = alices.clone()
        alices.refresh()
        clock.advance(5)
        other_tab.refresh()

        assert nested(other_tab)["iat"] == int(clock.now)

    def test_with_a_changed_payload(self, clock: Clock, alices: FrontendClient) -> None:
        before = nested(alices)
        clock.advance(60)

        response = alices.post("/test/sync", {"do": "merge", "update": {"x-role": None, "x-plan": "pro"}})

        assert_access_token_is_replaced(response, alices.mode)
        after = nested(alices)
        assert (after["x-plan"], "x-role" in after) == ("pro", False)
        assert (after["iat"], after["exp"]) == (before["iat"] + 60, alices.access_token_payload["exp"])

    def test_with_a_claim(self, clock: Clock, alices: FrontendClient) -> None:
        session = sessions.get_session_without_request_response(alices.access_token or "")
        assert session is not None
        session.set_claim_value(PrimitiveClaim("x-level", lambda *_: None), 7)

        alices.hold_access_token(session.get_access_token())

        assert decode_jwt(alices.access_token_payload["jwt"])[1]["x-level"]["v"] == 7

    def test_where_the_database_says_something_else(self, clock: Clock, alices: FrontendClient) -> None:
        sessions.merge_into_access_token_payload(alices.session_handle, {"x-role": "editor"})
        clock.advance(60)

        assert_access_token_is_replaced(alices.get("/test/checked"), alices.mode)

        assert (nested(alices)["x-role"], nested(alices)["iat"]) == ("editor", int(clock.now))

    def test_a_token_that_says_what_the_database_says_is_left_alone(self, alices: FrontendClient) -> None:
        assert_session_is_untouched(alices.get("/test/checked"))


class TestTheClaimIsOurs:
    def test_what_a_project_puts_there_is_dropped(
        self, enabled: None, browser: FrontendClient, alice: str
    ) -> None:
        browser.post("/test/login", {"userId": alice, "payload": {"jwt": "mine", "x-role": "author"}})
        assert nested(browser)["sub"] == alice

        browser.post("/test/sync", {"do": "merge", "update": {"jwt": "mine", "x-role": "editor"}})
        assert (nested(browser)["sub"], nested(browser)["x-role"]) == (alice, "editor")

        sessions.merge_into_access_token_payload(browser.session_handle, {"jwt": "mine"})
        assert "jwt" not in Session.objects.get().access_token_payload

    def test_it_cannot_be_merged_away(self, alices: FrontendClient, alice: str) -> None:
        alices.post("/test/sync", {"do": "merge", "update": {"jwt": None}})

        assert nested(alices)["sub"] == alice

    def test_what_stood_there_before_is_overwritten(
        self, clock: Clock, browser: FrontendClient, alice: str
    ) -> None:
        browser.post("/test/login", {"userId": alice, "payload": {"jwt": "of before"}})
        assert browser.access_token_payload["jwt"] == "of before"
        with jwt_settings():
            browser.refresh()

            assert nested(browser)["sub"] == alice
            assert "jwt" not in nested(browser)

    def test_under_its_old_name_it_is_gone_at_the_next_refresh(self, alices: FrontendClient) -> None:
        with jwt_settings(PROPERTY_NAME_IN_ACCESS_TOKEN_PAYLOAD="token"):
            alices.refresh()

            assert "jwt" not in alices.access_token_payload
            assert "jwt" not in nested(alices, "token")

    def test_switched_off_it_is_gone_at_the_next_refresh(self, alices: FrontendClient) -> None:
        with supertokens_settings(SESSION={"JWT": {"ENABLE": False}}):
            alices.refresh()

            assert "jwt" not in alices.access_token_payload
            assert "jwt" not in alices.front_token["up"]

    @pytest.mark.parametrize(
        ("options", "name"),
        [
            ({"ENABLE": False}, None),
            ({"ENABLE": True, "PROPERTY_NAME_IN_ACCESS_TOKEN_PAYLOAD": "token"}, "token"),
        ],
    )
    def test_where_the_database_is_asked_a_change_of_settings_holds_at_once(
        self, alices: FrontendClient, options: dict[str, Any], name: str | None
    ) -> None:
        with supertokens_settings(SESSION={"JWT": options}):
            assert_access_token_is_replaced(alices.get("/test/checked"), alices.mode)

            assert "jwt" not in alices.access_token_payload
            assert name is None or nested(alices, name)["sub"] == alices.user_id
            assert_session_is_untouched(alices.get("/test/checked"))

    def test_switched_on_it_comes_with_the_next_token(self, clock: Clock, frontend: FrontendClient) -> None:
        with jwt_settings():
            assert frontend.get("/test/sync").status_code == 200
            assert_access_token_is_replaced(frontend.get("/test/checked"), frontend.mode)

            assert nested(frontend)["sub"] == frontend.user_id


def test_it_comes_with_a_session_without_a_request(enabled: None, alice: str) -> None:
    made = sessions.create_new_session_without_request_response(PUBLIC, alice, {"x-role": "author"})

    token = made.get_access_token_payload()["jwt"]

    assert decode_jwt(token)[1]["x-role"] == "author"
    assert decode_jwt(made.get_access_token())[1]["jwt"] == token


def test_a_verified_request_is_no_dearer(alices: FrontendClient) -> None:
    from tests.base import sql_statements

    with sql_statements() as statements:
        assert json_of_view(alices.get("/test/sync"))["userId"] == alices.user_id

    assert statements == []
