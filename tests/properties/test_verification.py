"""E-mail verification: whatever comes in, a documented answer goes out and nothing is half-written."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.base import ALICE, sign_up, supertokens_settings
from tests.client import FrontendClient
from tests.flow.rows import writing_statements
from tests.properties import strategies
from tests.properties.strategies import TROUBLE
from tests.properties.test_bad_input import judge, many, undone

pytestmark = pytest.mark.django_db

VERIFY, ASK = "/auth/user/email/verify", "/auth/user/email/verify/token"


@pytest.fixture
def client(acme: None, db: None) -> Iterator[FrontendClient]:
    """Alice is signed in, and not verified."""
    recipes = ["emailpassword", "emailverification"]
    with supertokens_settings(RECIPES=recipes, EMAILVERIFICATION={"MODE": "REQUIRED"}):
        sign_up(ALICE)
        browser = FrontendClient("header")
        browser.sign_in(ALICE.email, ALICE.password)
        yield browser


@many
@given(body=st.one_of(strategies.any_text, st.sampled_from(TROUBLE)))
@example(body="null")
@example(body='{"token": "\\u0000"}')
@example(body='{"token": "\\ud800"}')
def test_any_body_gets_a_documented_answer(client: FrontendClient, body: str) -> None:
    for place in ("%s", '{"token": %s}', '{"token": [%s]}', '{"method": %s, "token": "x"}'):
        sent = place.replace("%s", body).encode("utf-8", "surrogatepass")
        judge(lambda sent=sent: client.clone().request("POST", VERIFY, body=sent))  # type: ignore[misc]


@many
@given(token=st.one_of(strategies.any_text, strategies.tokens))
def test_any_token_that_was_not_issued_is_invalid(client: FrontendClient, token: str) -> None:
    with undone(), writing_statements() as written:
        response = client.clone().request("POST", VERIFY, json_body={"method": "token", "token": token})
    assert written == []
    answer = json.loads(response.content)  # type: ignore[attr-defined]
    assert answer == {"status": "EMAIL_VERIFICATION_INVALID_TOKEN_ERROR"} or response.status_code == 400


@many
@given(token=strategies.tokens, place=st.sampled_from(["authorization", "cookie"]))
def test_any_access_token_gets_a_documented_answer(client: FrontendClient, token: str, place: str) -> None:
    value = f"Bearer {token}" if place == "authorization" else f"sAccessToken={token}"
    for method, path in (("POST", ASK), ("GET", VERIFY), ("POST", VERIFY)):
        visitor = FrontendClient("header")
        with undone(), writing_statements() as written:
            response = visitor.request(method, path, body=b'{"token": "x"}', headers={place: value})
        assert written == []
        assert response.status_code in (200, 400, 401)
