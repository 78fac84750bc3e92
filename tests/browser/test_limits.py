"""Rate limits: the frontend SDK has a text to show, everybody else a status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.base import ALICE, Clock, sign_up, supertokens_settings
from tests.browser.frontend import Frontend

WRONG = "wonderland 1866"
TOO_MANY = {"status": "GENERAL_ERROR", "message": "Too many attempts. Please try again in 2 minutes."}
"""A try counts for a minute and up to a sixth of it more; the text is in whole minutes."""


@pytest.fixture(autouse=True)
def _limits_are_on(api: str) -> Iterator[None]:
    with supertokens_settings(RATE_LIMITS={"ENABLED": True}):
        yield


def test_a_sign_in_that_is_limited(visitor: Frontend, api: str, clock: Clock) -> None:
    sign_up(ALICE)
    wrong = [visitor.sign_in(ALICE, password=WRONG)["status"] for _ in range(5)]
    assert wrong == ["WRONG_CREDENTIALS_ERROR"] * 5

    assert visitor.sign_in(ALICE) == TOO_MANY
    assert not visitor.is_signed_in()

    assert sign_in_plainly(api) == (429, "70", TOO_MANY)
    clock.advance(70)
    assert sign_in_plainly(api)[0] == 200


def test_codes_that_are_asked_for_too_often(visitor: Frontend) -> None:
    with supertokens_settings(RECIPES=["emailpassword", "passwordless"]):
        sent = [visitor.call("sendCode", {"email": ALICE.email})["status"] for _ in range(5)]
        refusal = visitor.call("sendCode", {"email": ALICE.email})
    assert sent == ["OK"] * 5
    assert refusal["status"] == "GENERAL_ERROR"
    assert refusal["message"].startswith("Too many attempts. Please try again in ")


def sign_in_plainly(api: str) -> tuple[int, str | None, object]:
    """The same by a client that says nothing of SuperTokens: status, ``Retry-After`` and body."""
    fields = [{"id": "email", "value": ALICE.email}, {"id": "password", "value": ALICE.password}]
    # Browsers know names under .localhost; Python asks the resolver of the system.
    address = urlsplit(api)
    connection = HTTPConnection("127.0.0.1", address.port or 0, timeout=10)
    headers = {"Host": address.netloc, "Content-Type": "application/json"}
    connection.request("POST", "/auth/signin", json.dumps({"formFields": fields}), headers)
    answer = connection.getresponse()
    try:
        return answer.status, answer.headers["Retry-After"], json.loads(answer.read())
    finally:
        connection.close()
