"""Sessions that end while they are used: whoever comes first, nothing answers 500 and nothing ends half."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.http import HttpResponseBase

from supertokens_django.models import DjangoUserLink, LoginIdentity, LoginMethod, Password, Session, User
from supertokens_django.services import session as sessions
from supertokens_django.services import users
from tests.assertions import assert_json, assert_session_is_cleared, assert_unauthorised_and_cleared
from tests.base import ALICE, Clock
from tests.client import FrontendClient, json_of
from tests.concurrency.crowd import at_once
from tests.concurrency.test_theft import assert_refreshed_or_logged_out
from tests.recipes.emailpassword.bodies import OK, WRONG_CREDENTIALS

pytestmark = pytest.mark.concurrency

ROUNDS = 4


def devices_of(user_id: str, number: int, frontend: FrontendClient) -> list[FrontendClient]:
    devices = [FrontendClient(frontend.mode) for _ in range(number)]
    for device in devices:
        device.post("/test/login", {"userId": user_id})
    return devices


def test_a_sign_out_beside_refreshes_ends_the_session_for_every_tab(
    clock: Clock, frontend: FrontendClient, alice: str
) -> None:
    for _ in range(ROUNDS):
        frontend.post("/test/login", {"userId": alice})
        tabs = [frontend.clone() for _ in range(4)]

        sign_out, *refreshes = at_once([frontend.clone().sign_out, *(tab.refresh for tab in tabs)])

        assert_json(sign_out, 200, OK)
        assert_session_is_cleared(sign_out, frontend.mode)
        for tab, answer in zip(tabs, refreshes, strict=True):
            assert_refreshed_or_logged_out(answer, tab)
            assert_unauthorised_and_cleared(tab.refresh())
        assert not Session.objects.filter(handle=frontend.session_handle).exists()


def test_sign_outs_at_once_all_succeed(clock: Clock, frontend: FrontendClient) -> None:
    for answer in at_once([frontend.clone().sign_out for _ in range(8)]):
        assert_json(answer, 200, OK)
        assert_session_is_cleared(answer, frontend.mode)

    assert not Session.objects.exists()


def test_revoking_all_sessions_beside_their_refreshes_ends_all_of_them(
    clock: Clock, frontend: FrontendClient, alice: str, bob: str
) -> None:
    (bystander,) = devices_of(bob, 1, frontend)
    for _ in range(ROUNDS):
        devices = devices_of(alice, 6, frontend)
        handles = sorted(sessions.get_all_session_handles_for_user(alice))

        def revoke_all() -> Any:
            return sessions.revoke_all_sessions_for_user(alice)

        revoked, *refreshes = at_once([revoke_all, *(device.refresh for device in devices)])

        assert sorted(revoked) == handles
        for device, answer in zip(devices, refreshes, strict=True):
            assert_refreshed_or_logged_out(answer, device)
            assert_unauthorised_and_cleared(device.refresh())
    assert_json(bystander.refresh(), 200, {})
    assert sessions.get_all_session_handles_for_user(alice) == []


def test_of_several_who_revoke_all_sessions_each_session_is_reported_once(
    clock: Clock, frontend: FrontendClient, alice: str
) -> None:
    for _ in range(ROUNDS):
        devices = devices_of(alice, 8, frontend)
        handles = sorted(sessions.get_all_session_handles_for_user(alice))
        assert {device.session_handle for device in devices} <= set(handles)

        reports = at_once([partial(sessions.revoke_all_sessions_for_user, alice)] * 4)

        assert sorted(handle for report in reports for handle in report) == handles


def test_payload_updates_at_once_are_all_kept(clock: Clock, frontend: FrontendClient) -> None:
    tabs = [frontend.clone() for _ in range(10)]

    calls: list[Callable[[], Any]] = [
        partial(tab.post, "/test/sync", {"do": "merge", "update": {f"x-{number}": number}})
        for number, tab in enumerate(tabs)
    ]
    calls += [
        partial(sessions.merge_into_access_token_payload, frontend.session_handle, {f"x-{number}": number})
        for number in range(10, 16)
    ]
    calls += [frontend.clone().refresh for _ in range(4)]

    answers = at_once(calls)

    assert [answer if answer is True else answer.status_code for answer in answers] == (
        [200] * 10 + [True] * 6 + [200] * 4
    )
    information = sessions.get_session_information(frontend.session_handle)
    assert information is not None
    assert information.custom_claims_in_access_token_payload == {
        "iss": frontend.access_token_payload["iss"],
        **{f"x-{number}": number for number in range(16)},
    }
    assert_json(frontend.refresh(), 200, {})
    assert all(frontend.access_token_payload[f"x-{number}"] == number for number in range(16))


def test_deleting_a_user_beside_refreshes_and_sign_ins_leaves_nothing_of_it(
    clock: Clock, frontend: FrontendClient, bob: str
) -> None:
    (bystander,) = devices_of(bob, 1, frontend)
    for number in range(ROUNDS):
        email = f"leaving-{number}@example.com"
        joined = frontend.clone()
        assert json_of(joined.sign_up(email, ALICE.password))["status"] == "OK"
        tabs = [joined.clone() for _ in range(4)]
        newcomers = [FrontendClient(frontend.mode) for _ in range(4)]

        calls: list[Any] = [partial(users.delete_user, joined.user_id)]
        calls += [tab.refresh for tab in tabs]
        calls += [partial(newcomer.sign_in, email, ALICE.password) for newcomer in newcomers]
        _, *answers = at_once(calls)

        for tab, answer in zip(tabs, answers[:4], strict=True):
            assert_refreshed_or_logged_out(answer, tab)
            assert_unauthorised_and_cleared(tab.refresh())
        for newcomer, answer in zip(newcomers, answers[4:], strict=True):
            assert_signed_in_or_refused(answer, joined.user_id)
            assert_unauthorised_and_cleared(newcomer.refresh())
        assert_nothing_is_left_of(joined.user_id)
    assert_json(bystander.refresh(), 200, {})


def assert_signed_in_or_refused(answer: HttpResponseBase, user_id: str) -> None:
    """A sign-in that came just before the end of its account, or just after it."""
    body = json_of(answer)
    assert answer.status_code == 200
    assert body == WRONG_CREDENTIALS or (body["status"], body["user"]["id"]) == ("OK", user_id)


def assert_nothing_is_left_of(user_id: str) -> None:
    assert not User.objects.filter(id=user_id).exists()
    assert not LoginMethod.objects.filter(user_id=user_id).exists()
    assert not LoginIdentity.objects.exclude(login_method__in=LoginMethod.objects.all()).exists()
    assert not Password.objects.filter(login_method_id=user_id).exists()
    assert not DjangoUserLink.objects.filter(user_id=user_id).exists()
    assert not Session.objects.filter(recipe_user_id=user_id).exists()
