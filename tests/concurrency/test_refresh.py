"""Fifty tabs, one refresh token: all of them get the same successor, whichever answer is kept goes on working."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.http import HttpResponseBase

from supertokens_django.models import Session
from tests.assertions import assert_json, assert_session_is_set, assert_view_json
from tests.base import Clock, supertokens_settings
from tests.client import FrontendClient
from tests.concurrency.crowd import at_once, own_statements

pytestmark = pytest.mark.concurrency

TABS = 50
KEPT = (0, 23, 49)
"""Of which tabs the answer is the one that a browser keeps, tried one after the other."""


@pytest.fixture(params=["cookie", "cookie with anti-CSRF", "header"])
def shared(request: pytest.FixtureRequest, clock: Clock, alice: str) -> Iterator[FrontendClient]:
    """Alice's browser, signed in; its tabs share the tokens."""
    mode, _, has_anti_csrf = request.param.partition(" ")
    with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN" if has_anti_csrf else "NONE"}):
        browser = FrontendClient(mode)
        browser.post("/test/login", {"userId": alice})
        assert bool(browser.anti_csrf) == bool(has_anti_csrf)
        yield browser


def row_of(browser: FrontendClient) -> dict[str, Any]:
    return dict(Session.objects.values().get(handle=browser.session_handle))


def refresh_within_budget(tab: FrontendClient) -> HttpResponseBase:
    """More statements would mean that the database broke a transaction off, for a deadlock, and it was repeated."""
    with own_statements() as statements:
        answer = tab.refresh()
    assert len(statements) <= 3, statements
    return answer


def refresh_in_all_tabs(browser: FrontendClient) -> list[FrontendClient]:
    """Refresh in fifty tabs at once; every answer is compared whole."""
    tabs = [browser.clone() for _ in range(TABS)]
    for answer in at_once([partial(refresh_within_budget, tab) for tab in tabs]):
        assert_json(answer, 200, {})
        assert_session_is_set(answer, browser.mode, anti_csrf=browser.anti_csrf is not None)
    assert len({(tab.refresh_token, tab.anti_csrf) for tab in tabs}) == 1
    assert (tabs[0].refresh_token, tabs[0].access_token) != (browser.refresh_token, browser.access_token)
    return tabs


def without_expiry(tab: FrontendClient) -> dict[str, Any]:
    """The claims of a tab's access token; lifetimes differ by the jitter."""
    return {name: value for name, value in tab.access_token_payload.items() if name != "exp"}


def assert_usable(tab: FrontendClient, user_id: str) -> None:
    session = {
        "session": tab.session_handle,
        "userId": user_id,
        "tenantId": "public",
        "payload": {},
    }
    for path in ("/test/sync", "/test/checked"):
        assert_view_json(tab.get(path), session)
        assert_view_json(tab.post(path), session)


def test_all_tabs_get_the_same_refresh_token_round_after_round(clock: Clock, shared: FrontendClient) -> None:
    browser = shared
    for _ in range(3):
        clock.advance(3600)
        before = row_of(browser)
        tabs = refresh_in_all_tabs(browser)
        after = row_of(browser)
        changed = {name for name, value in after.items() if value != before[name]}
        assert changed == {"generation", "refreshed_at", "expires_at"}
        assert after["generation"] == before["generation"] + 1
        assert [without_expiry(tab) for tab in tabs] == [without_expiry(tabs[0])] * TABS
        for tab in tabs:
            assert tab.get("/test/checked").status_code == 200
        browser = tabs[KEPT[before["generation"]]]
    assert Session.objects.count() == 1


def test_whichever_answer_is_kept_goes_on_working(clock: Clock, shared: FrontendClient, alice: str) -> None:
    for kept in KEPT:
        shared.post("/test/login", {"userId": alice})
        clock.advance(3600)
        browser = refresh_in_all_tabs(shared)[kept]

        for _ in range(2):
            clock.advance(3600)
            assert_json(browser.refresh(), 200, {})
            assert_usable(browser, alice)


def test_several_kept_answers_converge_at_the_next_refresh(
    clock: Clock, shared: FrontendClient, alice: str
) -> None:
    """A service worker and a frame kept another answer than the page did."""
    clock.advance(3600)
    tabs = refresh_in_all_tabs(shared)
    kept = [tabs[number] for number in KEPT]
    clock.advance(3600)

    for answer in at_once([tab.refresh for tab in kept]):
        assert_json(answer, 200, {})

    assert len({(tab.refresh_token, tab.anti_csrf) for tab in kept}) == 1
    for tab in kept:
        assert_usable(tab, alice)
    clock.advance(3600)
    assert_json(kept[-1].refresh(), 200, {})


def test_tabs_that_come_later_in_the_grace_period_join_in(
    clock: Clock, shared: FrontendClient, alice: str
) -> None:
    late = [shared.clone() for _ in range(10)]
    early = refresh_in_all_tabs(shared)
    clock.advance(29)

    for answer in at_once([tab.refresh for tab in late]):
        assert_json(answer, 200, {})

    assert {(tab.refresh_token, tab.anti_csrf) for tab in late} == {
        (early[0].refresh_token, early[0].anti_csrf)
    }
    assert row_of(shared)["generation"] == 1
    assert_usable(late[0], alice)


def test_devices_of_one_user_do_not_mix(clock: Clock, shared: FrontendClient, alice: str) -> None:
    devices = [shared.clone() for _ in range(8)]
    for device in devices:
        device.post("/test/login", {"userId": alice})
    tabs = [device.clone() for device in devices for _ in range(4)]

    for answer in at_once([tab.refresh for tab in tabs]):
        assert_json(answer, 200, {})

    assert len({tab.refresh_token for tab in tabs}) == len(devices)
    assert sorted({tab.session_handle for tab in tabs}) == sorted(device.session_handle for device in devices)
    for tab in tabs:
        assert_usable(tab, alice)
