"""Sessions by their handle and by their user: listing, ending and describing them."""

from __future__ import annotations

from typing import Any

from supertokens_django.services import session as sessions
from tests.base import ISSUER, PUBLIC, Clock
from tests.client import FrontendClient


def make(user_id: str, tenant: str = PUBLIC, **arguments: Any) -> Any:
    return sessions.create_new_session_without_request_response(tenant, user_id, **arguments)


class TestHandles:
    def test_all_sessions_of_a_user_are_listed_and_nobody_elses(self, alice: str, bob: str) -> None:
        handles = sorted(make(alice).get_handle() for _ in range(3))
        make(bob)

        assert sorted(sessions.get_all_session_handles_for_user(alice)) == handles
        assert sessions.get_all_session_handles_for_user("nobody") == []

    def test_expired_ones_are_not_listed(self, clock: Clock, alice: str) -> None:
        make(alice)
        clock.advance(100 * 86400 + 1)
        new = make(alice)

        assert sessions.get_all_session_handles_for_user(alice) == [new.get_handle()]

    def test_a_tenant_narrows_the_list(self, alice: str, tenant_acme: str) -> None:
        here, there = make(alice).get_handle(), make(alice, tenant_acme).get_handle()

        assert sessions.get_all_session_handles_for_user(alice, tenant_id=PUBLIC) == [here]
        for name in (tenant_acme, tenant_acme.upper()):
            assert sessions.get_all_session_handles_for_user(alice, tenant_id=name) == [there]
        assert sorted(sessions.get_all_session_handles_for_user(alice)) == sorted([here, there])


class TestUsedLast:
    def test_a_refresh_is_a_use(self, clock: Clock, alice: str, bob: str) -> None:
        first = make(alice)
        clock.advance(60)
        second = make(alice)
        assert [item.session_handle for item in sessions.get_sessions_used_last(alice)] == [
            second.get_handle(),
            first.get_handle(),
        ]
        clock.advance(60)
        raw = first.get_all_session_tokens_dangerously()["refreshToken"]
        sessions.refresh_session_without_request_response(raw)
        make(bob)
        found = sessions.get_sessions_used_last(alice)
        assert [item.session_handle for item in found] == [first.get_handle(), second.get_handle()]
        assert [item.time_refreshed for item in found] == [clock.milliseconds, None]
        assert sessions.get_sessions_used_last(alice, 1) == found[:1]

    def test_it_says_where(self, browser: FrontendClient, alice: str) -> None:
        browser.post("/test/login", {"userId": alice}, headers={"user-agent": "Mosaic/1.0"})
        (found,) = sessions.get_sessions_used_last(alice)
        assert (found.ip_address, found.user_agent, found.actor) == ("127.0.0.1", "Mosaic/1.0", None)


class TestRevoke:
    def test_one(self, alice: str) -> None:
        first, second = make(alice).get_handle(), make(alice).get_handle()

        assert sessions.revoke_session(first) is True
        assert sessions.revoke_session(first) is False
        assert sessions.get_all_session_handles_for_user(alice) == [second]

    def test_several(self, alice: str, bob: str) -> None:
        handles = [make(alice).get_handle(), make(bob).get_handle()]
        kept = make(alice).get_handle()

        assert sorted(sessions.revoke_multiple_sessions([*handles, "nobody"])) == sorted(handles)
        assert sessions.get_all_session_handles_for_user(alice) == [kept]
        assert sessions.revoke_multiple_sessions([]) == []

    def test_all_of_a_user_but_one(self, alice: str, bob: str, tenant_acme: str) -> None:
        kept, others = make(alice).get_handle(), [make(alice), make(alice, tenant_acme)]
        make(bob)

        handles = sorted(other.get_handle() for other in others)
        assert sorted(sessions.revoke_other_sessions_for_user(alice, kept)) == handles
        assert sessions.revoke_other_sessions_for_user(alice, kept) == []
        assert sessions.get_all_session_handles_for_user(alice) == [kept]
        assert len(sessions.get_all_session_handles_for_user(bob)) == 1

    def test_all_of_a_user(self, alice: str, bob: str, tenant_acme: str) -> None:
        handles = [make(alice).get_handle(), make(alice, tenant_acme).get_handle()]
        kept = make(bob).get_handle()

        assert sorted(sessions.revoke_all_sessions_for_user(alice)) == sorted(handles)
        assert sessions.revoke_all_sessions_for_user(alice) == []
        assert sessions.get_all_session_handles_for_user(bob) == [kept]

    def test_all_of_a_user_in_one_tenant(self, alice: str, tenant_acme: str) -> None:
        kept, gone = make(alice).get_handle(), make(alice, tenant_acme).get_handle()

        assert sessions.revoke_all_sessions_for_user(alice, tenant_id=tenant_acme.title()) == [gone]
        assert sessions.get_all_session_handles_for_user(alice) == [kept]


class TestInformation:
    def test_everything_that_is_stored(self, clock: Clock, alice: str) -> None:
        container = make(alice, access_token_payload={"x-a": 1}, session_data_in_database={"b": [2]})
        created = clock.milliseconds
        clock.advance(60)

        information = sessions.get_session_information(container.get_handle())

        assert information is not None
        assert {
            "session_handle": information.session_handle,
            "user_id": information.user_id,
            "recipe_user_id": information.recipe_user_id,
            "tenant_id": information.tenant_id,
            "session_data_in_database": information.session_data_in_database,
            "custom_claims_in_access_token_payload": information.custom_claims_in_access_token_payload,
            "expiry": information.expiry,
            "time_created": information.time_created,
        } == {
            "session_handle": container.get_handle(),
            "user_id": alice,
            "recipe_user_id": alice,
            "tenant_id": PUBLIC,
            "session_data_in_database": {"b": [2]},
            "custom_claims_in_access_token_payload": {"x-a": 1, "iss": ISSUER},
            "expiry": created + 100 * 86400 * 1000,
            "time_created": created,
        }
        assert (container.get_time_created(), container.get_expiry()) == (created, information.expiry)

    def test_a_session_that_is_gone_is_none(self, clock: Clock, alice: str) -> None:
        handle = make(alice).get_handle()
        assert sessions.get_session_information("nobody") is None
        clock.advance(100 * 86400 + 1)
        assert sessions.get_session_information(handle) is None
