"""Stolen and forged refresh tokens, many at a time: exactly the robbed session ends, and only by a theft."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from django.http import HttpResponseBase

from supertokens_django.models import Session
from supertokens_django.services import session as sessions
from supertokens_django.signals import session_revoked, token_theft_detected
from tests.assertions import (
    TOKEN_THEFT,
    UNAUTHORISED,
    assert_everything_is_cleared,
    assert_json,
    assert_session_is_set,
    assert_unauthorised_and_cleared,
)
from tests.base import Clock
from tests.client import FrontendClient, json_of
from tests.concurrency.crowd import at_once, own_statements

pytestmark = pytest.mark.concurrency

GRACE = 30


@pytest.fixture
def others(frontend: FrontendClient, alice: str, bob: str) -> list[FrontendClient]:
    """Two more devices of Alice, and Bob's."""
    devices = [FrontendClient(frontend.mode) for _ in range(3)]
    for device, user_id in zip(devices, (alice, alice, bob), strict=True):
        device.post("/test/login", {"userId": user_id})
    return devices


def assert_only_these_live(devices: list[FrontendClient]) -> None:
    handles = Session.objects.values_list("handle", flat=True)
    assert sorted(handles) == sorted(device.session_handle for device in devices)
    for device in devices:
        assert_json(device.refresh(), 200, {})
        assert device.get("/test/checked").status_code == 200


class TestReplay:
    def test_replays_at_once_end_exactly_this_session(
        self, clock: Clock, frontend: FrontendClient, others: list[FrontendClient]
    ) -> None:
        thieves = [frontend.clone() for _ in range(10)]
        handle = frontend.session_handle
        frontend.refresh()
        clock.advance(GRACE + 1)
        thefts: list[str] = []
        ends: list[str] = []

        def on_theft(**kwargs: str) -> None:
            thefts.append(kwargs["session_handle"])

        def on_end(**kwargs: list[str]) -> None:
            ends.extend(kwargs["session_handles"])

        token_theft_detected.connect(on_theft)
        session_revoked.connect(on_end)
        try:
            answers = at_once([thief.refresh for thief in thieves])
        finally:
            token_theft_detected.disconnect(on_theft)
            session_revoked.disconnect(on_end)

        # The first is the theft that ends the session; the others find none.
        told = Counter((answer.status_code, json_of(answer)["message"]) for answer in answers)
        assert told == {(401, TOKEN_THEFT["message"]): 1, (401, UNAUTHORISED["message"]): 9}
        for answer in answers:
            assert_everything_is_cleared(answer)
        assert (thefts, ends) == ([handle], [handle])
        assert_unauthorised_and_cleared(frontend.clone().get("/test/checked"))
        assert_unauthorised_and_cleared(frontend.refresh())
        assert_only_these_live(others)

    def test_a_replay_beside_refreshes_of_the_owner_ends_exactly_this_session(
        self, clock: Clock, frontend: FrontendClient, others: list[FrontendClient]
    ) -> None:
        thief = frontend.clone()
        frontend.refresh()
        clock.advance(GRACE + 1)
        tabs = [frontend.clone() for _ in range(6)]

        *answers, stolen = at_once([tab.refresh for tab in tabs] + [thief.refresh])

        assert_json(stolen, 401, TOKEN_THEFT)
        assert_everything_is_cleared(stolen)
        for tab, answer in zip(tabs, answers, strict=True):
            assert_refreshed_or_logged_out(answer, tab)
            assert_unauthorised_and_cleared(tab.refresh())
        assert_only_these_live(others)

    def test_a_stolen_pair_of_tokens_used_by_both_ends_the_session_for_both(
        self, clock: Clock, frontend: FrontendClient, others: list[FrontendClient]
    ) -> None:
        """Each goes its own way with the same token: inside the grace period nobody can tell them apart, later they
        can."""
        thief = frontend.clone()
        for answer in at_once([frontend.refresh, thief.refresh]):
            assert_json(answer, 200, {})
        clock.advance(3600)
        assert_json(thief.refresh(), 200, {})
        clock.advance(GRACE + 1)

        assert_json(frontend.refresh(), 401, TOKEN_THEFT)
        assert_unauthorised_and_cleared(thief.refresh())
        assert_only_these_live(others)


class TestForgery:
    def forgeries(self, token: str) -> list[str]:
        handle, generation, mac = token.split(".")
        return [
            f"{handle[:-1]}{'0' if handle[-1] != '0' else '1'}.{generation}.{mac}",
            f"{handle}.{int(generation) + 1}.{mac}",
            f"{handle}.{int(generation) - 1}.{mac}",
            f"{handle}.0{generation}.{mac}",
            f"{handle}.{generation}.{'A' if mac[0] != 'A' else 'B'}{mac[1:]}",
            f"{handle}.{generation}.{mac[:-2]}{'A' if mac[-2] != 'A' else 'B'}{mac[-1]}",
            f"{handle}.{generation}.{mac[::-1]}",
            f"{handle}.{generation}.",
            "garbage",
        ]

    def test_beside_honest_refreshes_it_costs_no_query_and_ends_nothing(
        self, clock: Clock, frontend: FrontendClient, others: list[FrontendClient]
    ) -> None:
        frontend.refresh()
        before = frontend.clone()
        tabs = [frontend.clone() for _ in range(8)]
        forgers = [frontend.clone() for _ in range(18)]
        for forger, forged in zip(forgers, self.forgeries(frontend.refresh_token or "") * 2, strict=True):
            forger.hold_refresh_token(forged)

        answers = at_once(
            [partial(refresh_without_query, forger) for forger in forgers] + [tab.refresh for tab in tabs]
        )

        for answer in answers[:18]:
            assert_unauthorised_and_cleared(answer)
        for answer in answers[18:]:
            assert_json(answer, 200, {})
            assert_session_is_set(answer, frontend.mode)
        assert len({tab.refresh_token for tab in tabs}) == 1
        assert_json(before.refresh(), 200, {})  # still in its grace period
        assert_only_these_live([tabs[0], *others])

    def test_a_token_of_a_session_that_has_ended_ends_no_other(
        self, clock: Clock, frontend: FrontendClient, others: list[FrontendClient]
    ) -> None:
        ghosts = [frontend.clone() for _ in range(8)]
        sessions.revoke_session(frontend.session_handle)

        for answer in at_once([ghost.refresh for ghost in ghosts]):
            assert_unauthorised_and_cleared(answer)

        assert_only_these_live(others)


def refresh_without_query(forger: FrontendClient) -> HttpResponseBase:
    with own_statements() as statements:
        answer = forger.refresh()
    assert statements == []
    return answer


def assert_refreshed_or_logged_out(answer: HttpResponseBase, tab: FrontendClient) -> None:
    """A refresh that came just before the end of its session, or just after it."""
    if answer.status_code == 200:
        assert_json(answer, 200, {})
        assert_session_is_set(answer, tab.mode)
    else:
        assert_unauthorised_and_cleared(answer)
