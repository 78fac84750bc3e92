"""Tokens of what was rolled back are not sent: a session that is not in the database must not live in a browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.services import session as sessions
from tests.assertions import assert_session_is_untouched
from tests.client import FrontendClient, Mode, Stack


@pytest.fixture(params=[False, True], ids=["in a test", "for real"])
def transactions(request: pytest.FixtureRequest) -> None:
    """Transactions as in a Django test, where they are savepoints of one that never ends, and real ones."""
    request.getfixturevalue("transactional_db" if request.param else "db")


@pytest.fixture
def device(mode: Mode, stack: Stack) -> FrontendClient:
    return FrontendClient(mode, stack=stack, raise_request_exception=False)


@pytest.mark.parametrize(
    ("error", "status"), [("mishap", 500), ("general", 200), ("bad input", 400), ("invalid claims", 403)]
)
def test_a_session_whose_view_fails(
    transactions: None, device: FrontendClient, alice: str, error: str, status: int
) -> None:
    response = device.post("/test/login/regretted", {"userId": alice, "error": error})

    assert response.status_code == status
    assert_session_is_untouched(response)
    assert sessions.get_all_session_handles_for_user(alice) == []


def test_a_session_whose_transaction_the_view_gives_up(
    transactions: None, device: FrontendClient, alice: str
) -> None:
    response = device.post("/test/login/forgiven", {"userId": alice})

    assert response.status_code == 200
    assert_session_is_untouched(response)


def test_a_payload_whose_view_fails(transactions: None, device: FrontendClient, alice: str) -> None:
    device.post("/test/login", {"userId": alice})

    response = device.post("/test/merge/regretted")

    assert response.status_code == 500
    assert_session_is_untouched(response)
    assert "x-liked" not in stored_payload(device)


def test_what_was_committed_is_sent_even_with_an_error(
    transactions: None, device: FrontendClient, alice: str
) -> None:
    device.post("/test/login", {"userId": alice})

    device.post("/test/sync", {"do": "merge", "update": {"x-liked": 1}})

    assert device.access_token_payload["x-liked"] == 1 == stored_payload(device)["x-liked"]


def test_a_signing_key_that_was_given_up_signs_nothing_more(
    transactions: None, device: FrontendClient, alice: str
) -> None:
    with transaction.atomic():
        sessions.create_new_session_without_request_response("public", alice)
        held_by_somebody = list(connection.run_on_commit)
        transaction.set_rollback(True)

    device.post("/test/login", {"userId": alice})
    assert held_by_somebody
    ring.forget()

    assert device.get("/test/sync").status_code == 200


def stored_payload(device: FrontendClient) -> dict[str, Any]:
    information = sessions.get_session_information(device.session_handle)
    assert information is not None
    return information.custom_claims_in_access_token_payload
