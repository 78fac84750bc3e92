"""``services.session``: every verb by its own, without a request."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import RequestFactory

from supertokens_django.exceptions import TryRefreshTokenError, UnauthorisedError
from supertokens_django.services import session as sessions
from tests.base import ALICE, ISSUER, PUBLIC, Clock
from tests.client import FrontendClient, decode_front_token, decode_jwt

SIGNATURES = {
    "create_new_session": [
        "request",
        "tenant_id",
        "recipe_user_id",
        "access_token_payload",
        "session_data_in_database",
    ],
    "create_new_session_without_request_response": [
        "tenant_id",
        "recipe_user_id",
        "access_token_payload",
        "session_data_in_database",
        "disable_anti_csrf",
    ],
    "get_session": [
        "request",
        "session_required",
        "anti_csrf_check",
        "check_database",
        "override_global_claim_validators",
    ],
    "get_session_without_request_response": [
        "access_token",
        "anti_csrf_token",
        "anti_csrf_check",
        "session_required",
        "check_database",
        "override_global_claim_validators",
    ],
    "refresh_session": ["request"],
    "refresh_session_without_request_response": ["refresh_token", "disable_anti_csrf", "anti_csrf_token"],
    "revoke_session": ["session_handle"],
    "revoke_all_sessions_for_user": ["user_id", "revoke_sessions_for_linked_accounts", "tenant_id"],
    "revoke_multiple_sessions": ["session_handles"],
    "get_all_session_handles_for_user": ["user_id", "fetch_sessions_for_linked_accounts", "tenant_id"],
    "get_session_information": ["session_handle"],
    "update_session_data_in_database": ["session_handle", "new_session_data"],
    "merge_into_access_token_payload": ["session_handle", "access_token_payload_update"],
    "fetch_and_set_claim": ["session_handle", "claim"],
    "set_claim_value": ["session_handle", "claim", "value"],
    "get_claim_value": ["session_handle", "claim"],
    "remove_claim": ["session_handle", "claim"],
    "validate_claims_for_session_handle": ["session_handle", "override_global_claim_validators"],
    "create_jwt": ["payload", "validity_seconds", "use_static_signing_key"],
    "get_jwks": [],
    "get_open_id_discovery_configuration": [],
}
CONTAINER_SIGNATURES = {
    "revoke_session": [],
    "get_session_data_from_database": [],
    "update_session_data_in_database": ["new_session_data"],
    "get_time_created": [],
    "get_expiry": [],
    "merge_into_access_token_payload": ["access_token_payload_update"],
    "assert_claims": ["claim_validators"],
    "fetch_and_set_claim": ["claim"],
    "set_claim_value": ["claim", "value"],
    "get_claim_value": ["claim"],
    "remove_claim": ["claim"],
    "attach_to_request_response": ["request", "transfer_method"],
}
IN_MEMORY = (
    "get_user_id",
    "get_recipe_user_id",
    "get_tenant_id",
    "get_handle",
    "get_access_token",
    "get_access_token_payload",
    "get_all_session_tokens_dangerously",
)


def parameters_of(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def make(user_id: str, tenant: str = PUBLIC, **arguments: Any) -> Any:
    return sessions.create_new_session_without_request_response(tenant, user_id, **arguments)


@pytest.mark.parametrize("verb", SIGNATURES)
def test_every_verb_has_its_arguments_and_an_async_twin(verb: str) -> None:
    twin = getattr(sessions, f"a{verb}")

    assert parameters_of(getattr(sessions, verb)) == SIGNATURES[verb] == parameters_of(twin)
    assert inspect.iscoroutinefunction(twin)


@pytest.mark.parametrize("verb", CONTAINER_SIGNATURES)
def test_every_method_of_a_session_has_its_arguments_and_an_async_twin(alice: str, verb: str) -> None:
    container = make(alice)
    twin = getattr(container, f"a{verb}")

    assert parameters_of(getattr(container, verb)) == CONTAINER_SIGNATURES[verb] == parameters_of(twin)
    assert inspect.iscoroutinefunction(twin)


@pytest.mark.parametrize("verb", IN_MEMORY)
def test_what_the_token_says_needs_no_twin(alice: str, verb: str) -> None:
    container = make(alice)

    assert not inspect.iscoroutinefunction(getattr(container, verb))
    assert parameters_of(getattr(container, verb)) == []
    assert container[verb]() == getattr(container, verb)()


def test_items_have_the_names_of_the_sdk_s_attributes(alice: str) -> None:
    container = make(alice, access_token_payload={"x-a": 1})
    tokens = container.get_all_session_tokens_dangerously()

    assert container["user_id"] == container["recipe_user_id"] == alice
    assert (container["tenant_id"], container["session_handle"]) == (PUBLIC, container.get_handle())
    assert container["access_token"] == tokens["accessToken"]
    assert container["refresh_token"] == tokens["refreshToken"]
    assert container["front_token"] == tokens["frontToken"]
    assert container["anti_csrf_token"] == tokens["antiCsrfToken"]
    assert container["access_token_updated"] is tokens["accessAndFrontTokenUpdated"] is True
    assert container["user_data_in_access_token"] == container.get_access_token_payload()


class TestCreate:
    def test_it_hands_out_every_token(self, clock: Clock, alice: str) -> None:
        container = make(alice, access_token_payload={"x-a": 1}, session_data_in_database={"secret": True})

        tokens = container.get_all_session_tokens_dangerously()
        assert list(tokens) == [
            "accessToken",
            "accessAndFrontTokenUpdated",
            "refreshToken",
            "frontToken",
            "antiCsrfToken",
        ]
        assert tokens["accessToken"] == container.get_access_token()
        assert decode_jwt(tokens["accessToken"])[1] == container.get_access_token_payload()
        assert decode_front_token(tokens["frontToken"])["up"] == container.get_access_token_payload()
        assert (tokens["accessAndFrontTokenUpdated"], tokens["antiCsrfToken"]) == (True, None)
        assert container.get_access_token_payload()["x-a"] == 1
        assert container.get_session_data_from_database() == {"secret": True}

    def test_who_it_is(self, alice: str) -> None:
        container = make(alice)

        who = (container.get_user_id(), container.get_recipe_user_id(), container.get_tenant_id())
        assert who == (alice, alice, PUBLIC)
        assert container.get_handle() == container.get_access_token_payload()["sessionHandle"]

    def test_an_id_that_is_no_user_of_ours_is_taken_as_it_is(self) -> None:
        container = make("service-account-17")

        assert (container.get_user_id(), container.get_recipe_user_id()) == ("service-account-17",) * 2
        assert sessions.get_all_session_handles_for_user("service-account-17") == [container.get_handle()]

    def test_the_secret_data_is_nowhere_in_the_tokens(self, alice: str) -> None:
        container = make(alice, session_data_in_database={"x-secret": "hush"})

        assert "hush" not in str(container.get_access_token_payload())

    def test_the_payload_is_stored_with_the_issuer_and_without_our_claims(
        self, clock: Clock, alice: str
    ) -> None:
        container = make(alice, access_token_payload={"x-a": 1, "sub": "mallory", "exp": 0})

        information = sessions.get_session_information(container.get_handle())
        assert information is not None
        assert information.custom_claims_in_access_token_payload == {"x-a": 1, "iss": ISSUER}

    def test_the_callers_dicts_are_left_alone(self, alice: str) -> None:
        payload, data = {"x-a": 1}, {"y": 2}
        make(alice, access_token_payload=payload, session_data_in_database=data)

        assert (payload, data) == ({"x-a": 1}, {"y": 2})


class TestGet:
    def test_it_verifies_a_token(self, alice: str) -> None:
        made = make(alice)

        container = sessions.get_session_without_request_response(made.get_access_token())

        assert container is not None
        assert container.get_handle() == made.get_handle()
        tokens = container.get_all_session_tokens_dangerously()
        assert (tokens["refreshToken"], tokens["accessAndFrontTokenUpdated"]) == (None, False)

    @pytest.mark.parametrize("required", [True, None])
    def test_nothing_is_refused_unless_it_is_optional(self, required: Any, rf: RequestFactory) -> None:
        without_request = partial(
            sessions.get_session_without_request_response, "", session_required=required
        )
        for call in (
            partial(sessions.get_session, rf.get("/"), required),
            partial(sessions.verify_session, rf.get("/"), required),
            partial(sessions.verify_session, rf.options("/"), required),
            without_request,
        ):
            with pytest.raises(UnauthorisedError) as error:
                call()
            assert error.value.clear_tokens is False

    def test_nothing_is_none_where_it_is_optional(self) -> None:
        assert sessions.get_session_without_request_response("no token", session_required=False) is None
        with pytest.raises(UnauthorisedError) as error:
            sessions.get_session_without_request_response("no token")
        assert error.value.clear_tokens is False

    def test_an_expired_one_is_an_error_even_where_it_is_optional(self, clock: Clock, alice: str) -> None:
        made = make(alice)
        clock.advance(3601)

        with pytest.raises(TryRefreshTokenError):
            sessions.get_session_without_request_response(made.get_access_token(), session_required=False)

    def test_a_revoked_one_is_found_out_by_the_database(self, alice: str) -> None:
        made = make(alice)
        sessions.revoke_session(made.get_handle())

        assert sessions.get_session_without_request_response(made.get_access_token()) is not None
        with pytest.raises(UnauthorisedError) as error:
            sessions.get_session_without_request_response(made.get_access_token(), check_database=True)
        assert error.value.clear_tokens is True


class TestRefresh:
    def test_it_gives_new_tokens(self, clock: Clock, alice: str) -> None:
        made = make(alice)
        old = made.get_all_session_tokens_dangerously()
        clock.advance(60)

        container = sessions.refresh_session_without_request_response(old["refreshToken"])

        new = container.get_all_session_tokens_dangerously()
        assert container.get_handle() == made.get_handle()
        assert new["accessAndFrontTokenUpdated"] is True
        assert new["refreshToken"] not in (None, old["refreshToken"])
        assert new["accessToken"] != old["accessToken"]

    def test_what_is_no_refresh_token_is_unauthorised(self) -> None:
        with pytest.raises(UnauthorisedError) as error:
            sessions.refresh_session_without_request_response("nonsense")
        assert error.value.clear_tokens is True


class TestSessionData:
    def test_it_is_replaced_not_merged(self, alice: str) -> None:
        container = make(alice, session_data_in_database={"a": 1, "b": None})
        assert container.get_session_data_from_database() == {"a": 1, "b": None}

        container.update_session_data_in_database({"c": {"d": None}})
        assert container.get_session_data_from_database() == {"c": {"d": None}}

        assert sessions.update_session_data_in_database(container.get_handle(), {}) is True
        assert container.get_session_data_from_database() == {}

    def test_by_handle_a_session_that_is_gone_is_false(self) -> None:
        assert sessions.update_session_data_in_database("nobody", {"a": 1}) is False

    @pytest.mark.parametrize(
        "call",
        [
            lambda container: container.get_session_data_from_database(),
            lambda container: container.update_session_data_in_database({}),
            lambda container: container.merge_into_access_token_payload({}),
            lambda container: container.get_time_created(),
            lambda container: container.get_expiry(),
        ],
    )
    def test_on_a_session_that_is_gone_it_is_unauthorised(self, alice: str, call: Any) -> None:
        container = make(alice)
        sessions.revoke_session(container.get_handle())

        with pytest.raises(UnauthorisedError, match=r"Session does not exist anymore\.") as error:
            call(container)
        assert error.value.clear_tokens is True


def test_a_container_revokes_its_session_and_does_not_mind_that_it_is_gone(alice: str) -> None:
    container = make(alice)

    container.revoke_session()
    container.revoke_session()

    assert sessions.get_all_session_handles_for_user(alice) == []


def test_the_async_twins_do_the_same(clock: Clock, alice: str) -> None:
    async def story() -> list[Any]:
        made = await sessions.acreate_new_session_without_request_response(PUBLIC, alice, {"x-a": 1})
        await made.amerge_into_access_token_payload({"x-b": 2})
        await made.aupdate_session_data_in_database({"c": 3})
        found = await sessions.aget_session_without_request_response(made.get_access_token())
        assert found is not None
        data = await found.aget_session_data_from_database()
        handles = await sessions.aget_all_session_handles_for_user(alice)
        await found.arevoke_session()
        return [
            {key: value for key, value in found.get_access_token_payload().items() if key.startswith("x-")},
            data,
            handles == [made.get_handle()],
            await sessions.aget_all_session_handles_for_user(alice),
        ]

    assert async_to_sync(story)() == [{"x-a": 1, "x-b": 2}, {"c": 3}, True, []]


def test_a_session_remembers_its_device(frontend: FrontendClient, alice: str) -> None:
    """For the page that lists a user's sessions."""
    from supertokens_django.recipes.session.models import Session

    browser = FrontendClient(frontend.mode)
    browser.request("POST", "/test/login", json_body={"userId": alice}, headers={"user-agent": "Lynx/2.9"})

    row = Session.objects.get(handle=browser.session_handle)
    assert (row.ip_address, row.user_agent) == ("127.0.0.1", "Lynx/2.9")
    assert row.refreshed_at is None
    browser.refresh(headers={"user-agent": "Lynx/3.0"})
    row.refresh_from_db()
    assert row.user_agent == "Lynx/3.0"
    assert row.refreshed_at is not None


def test_user_agents_of_any_length_are_accepted(browser: FrontendClient, alice: str) -> None:
    agent = {"user-agent": "x" * 10_000}

    assert (
        browser.request("POST", "/test/login", json_body={"userId": alice}, headers=agent).status_code == 200
    )
    assert browser.refresh(headers=agent).status_code == 200


def test_signing_in_by_the_wire_makes_a_session_like_any_other(alice: str) -> None:
    browser = FrontendClient("cookie")
    browser.sign_in(ALICE.email, ALICE.password)

    assert sessions.get_all_session_handles_for_user(alice) == [browser.session_handle]
