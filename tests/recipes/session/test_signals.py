"""Signals of sessions: sent once the transaction has committed, with the request that caused them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.dispatch import Signal

from supertokens_django import signals
from supertokens_django.services import session as sessions
from tests.base import PUBLIC, Clock
from tests.client import FrontendClient

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def heard(signal: Signal) -> Iterator[list[dict[str, Any]]]:
    calls: list[dict[str, Any]] = []

    def receiver(**kwargs: Any) -> None:
        calls.append(kwargs)

    signal.connect(receiver)
    try:
        yield calls
    finally:
        signal.disconnect(receiver)


def test_created_tells_who_and_which_request(browser: FrontendClient, alice: str) -> None:
    with heard(signals.session_created) as calls:
        browser.post("/test/login", {"userId": alice})

    assert [(call["session_handle"], call["user_id"], call["recipe_user_id"]) for call in calls] == [
        (browser.session_handle, alice, alice)
    ]
    assert calls[0]["request"].path == "/test/login"


def test_refreshed_is_sent_for_every_refresh(clock: Clock, frontend: FrontendClient) -> None:
    with heard(signals.session_refreshed) as calls:
        frontend.refresh()

    assert [call["session_handle"] for call in calls] == [frontend.session_handle]
    assert calls[0]["request"].path == "/auth/session/refresh"


def test_revoked_is_sent_by_sign_out_and_by_handle(frontend: FrontendClient, alice: str) -> None:
    mine = frontend.session_handle
    other = sessions.create_new_session_without_request_response(PUBLIC, alice).get_handle()
    with heard(signals.session_revoked) as calls:
        frontend.sign_out()
        sessions.revoke_session(other)
        sessions.revoke_session(other)

    assert [list(call["session_handles"]) for call in calls] == [[mine], [other]]


def test_theft_carries_the_request(clock: Clock, frontend: FrontendClient) -> None:
    thief = frontend.clone()
    frontend.refresh()
    clock.advance(31)

    with heard(signals.token_theft_detected) as calls:
        thief.refresh()

    assert calls[0]["request"].path == "/auth/session/refresh"


def test_nothing_is_sent_when_the_transaction_is_rolled_back(alice: str) -> None:
    class Regret(Exception):
        pass

    def make_and_regret() -> None:
        with transaction.atomic():
            sessions.create_new_session_without_request_response(PUBLIC, alice)
            raise Regret

    with heard(signals.session_created) as calls, pytest.raises(Regret):
        make_and_regret()

    assert calls == []
    assert sessions.get_all_session_handles_for_user(alice) == []


def test_a_receiver_that_fails_does_not_fail_the_request(browser: FrontendClient, alice: str) -> None:
    def broken(**kwargs: Any) -> None:
        raise RuntimeError("a mistake of the project")

    signals.session_created.connect(broken)
    try:
        response = browser.post("/test/login", {"userId": alice})
    finally:
        signals.session_created.disconnect(broken)

    assert response.status_code == 200
    assert browser.is_signed_in
