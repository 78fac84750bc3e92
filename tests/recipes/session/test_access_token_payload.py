"""``SESSION["ACCESS_TOKEN_PAYLOAD"]``: what every new session's access token carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured

from supertokens_django.models import Session
from supertokens_django.services import session as sessions
from supertokens_django.services import users
from tests.base import ALICE, ISSUER, PUBLIC, supertokens_settings
from tests.client import FrontendClient, json_of

HERE = "tests.recipes.session.test_access_token_payload"


def greeting(
    user_id: str, recipe_user_id: str, tenant_id: str, access_token_payload: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Asks the database, as a project's would."""
    user = users.get_user(user_id)
    assert user is not None
    return {
        "x-email": user.login_methods.get().email,
        "x-ids": [recipe_user_id, tenant_id],
        "x-given": dict(access_token_payload),
    }


@pytest.fixture
def greeted() -> Iterator[None]:
    with supertokens_settings(SESSION={"ACCESS_TOKEN_PAYLOAD": f"{HERE}.greeting"}):
        yield


def own(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key.startswith("x-")}


def expected(user_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {**given, "x-email": ALICE.email, "x-ids": [user_id, PUBLIC], "x-given": dict(given)}


def test_it_is_in_the_first_token_and_stays(greeted: None, alice: str, browser: FrontendClient) -> None:
    browser.post("/test/login", {"userId": alice, "payload": {"x-role": "author"}})
    assert own(browser.access_token_payload) == expected(alice, {"x-role": "author"})

    browser.refresh()
    assert own(browser.access_token_payload) == expected(alice, {"x-role": "author"})


def test_it_is_asked_at_a_sign_up_and_a_sign_in(acme: None, db: None, greeted: None) -> None:
    browser = FrontendClient("header")
    assert json_of(browser.sign_up(ALICE.email, ALICE.password))["status"] == "OK"
    assert own(browser.access_token_payload) == expected(browser.user_id, {})

    browser.sign_in(ALICE.email, ALICE.password)
    assert own(browser.access_token_payload) == expected(browser.user_id, {})


def test_it_is_asked_without_a_request_and_by_async_code(greeted: None, alice: str) -> None:
    made = sessions.create_new_session_without_request_response(PUBLIC, alice)
    amade = async_to_sync(sessions.acreate_new_session_without_request_response)(PUBLIC, alice)

    assert own(made.get_access_token_payload()) == expected(alice, {})
    assert own(amade.get_access_token_payload()) == expected(alice, {})


def test_it_may_be_the_function_itself_and_replaces_what_was_given(alice: str) -> None:
    with supertokens_settings(SESSION={"ACCESS_TOKEN_PAYLOAD": lambda *_: {"x-role": "author"}}):
        made = sessions.create_new_session_without_request_response(PUBLIC, alice, {"x-role": "x", "x-a": 1})

    assert own(made.get_access_token_payload()) == {"x-role": "author", "x-a": 1}


def test_it_may_change_what_it_is_shown_without_harm(alice: str) -> None:
    def careless(
        user_id: str, recipe_user_id: str, tenant_id: str, payload: dict[str, Any]
    ) -> dict[str, Any]:
        payload.clear()
        return {}

    with supertokens_settings(SESSION={"ACCESS_TOKEN_PAYLOAD": careless}):
        made = sessions.create_new_session_without_request_response(PUBLIC, alice, {"x-a": 1})

    assert own(made.get_access_token_payload()) == {"x-a": 1}


def test_our_claims_cannot_be_set_by_it(alice: str) -> None:
    ours = {
        "sub": "mallory",
        "exp": 1,
        "sessionHandle": "x",
        "rsub": "x",
        "tId": "x",
        "iss": "https://x.example",
    }
    with supertokens_settings(SESSION={"ACCESS_TOKEN_PAYLOAD": lambda *_: {**ours, "x-a": 1}}):
        payload = sessions.create_new_session_without_request_response(
            PUBLIC, alice
        ).get_access_token_payload()

    assert (payload["sub"], payload["rsub"], payload["tId"], payload["iss"]) == (alice, alice, PUBLIC, ISSUER)
    assert payload["exp"] > payload["iat"]
    assert Session.objects.get().access_token_payload == {"x-a": 1, "iss": ISSUER}


@pytest.mark.parametrize("answer", [None, "x-a", [("x-a", 1)]])
def test_it_must_give_a_dict(alice: str, answer: Any) -> None:
    with (
        supertokens_settings(SESSION={"ACCESS_TOKEN_PAYLOAD": lambda *_: answer}),
        pytest.raises(ImproperlyConfigured, match=r"SUPERTOKENS\['SESSION'\]\['ACCESS_TOKEN_PAYLOAD'\]"),
    ):
        sessions.create_new_session_without_request_response(PUBLIC, alice)

    assert not Session.objects.exists()


def test_what_it_raises_leaves_no_session(alice: str) -> None:
    def broken(*_: Any) -> dict[str, Any]:
        raise LookupError("no plan")

    with supertokens_settings(SESSION={"ACCESS_TOKEN_PAYLOAD": broken}), pytest.raises(LookupError):
        sessions.create_new_session_without_request_response(PUBLIC, alice)

    assert not Session.objects.exists()
