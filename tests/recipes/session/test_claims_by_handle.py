"""Claims of stored sessions: no request, no token; the frontend learns of them with its next refresh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Group

from supertokens_django.claims import BooleanClaim, PrimitiveClaim, SessionClaim, SessionClaimValidator
from supertokens_django.recipes.session.by_handle import ClaimsValidationResult
from supertokens_django.recipes.session.exceptions import SessionDoesNotExist
from supertokens_django.recipes.session.information import SessionInformation
from supertokens_django.services import session as sessions
from tests.base import ISSUER, PUBLIC, Clock
from tests.client import FrontendClient
from tests.recipes.session.claim_views import ASYNC_GROUPS, NO_PLAN, PLAN, SYNC_GROUPS, AsksTheDatabaseLater

Overridden = Sequence[SessionClaimValidator]


class Verbs:
    """The sync verbs and their async twins by the same names."""

    def __init__(self, is_async: bool) -> None:
        self.is_async = is_async

    def __getattr__(self, name: str) -> Any:
        return async_to_sync(getattr(sessions, f"a{name}")) if self.is_async else getattr(sessions, name)


@pytest.fixture(params=["sync", "async"])
def verbs(request: pytest.FixtureRequest) -> Verbs:
    return Verbs(request.param == "async")


@pytest.fixture
def handle(clock: Clock, alice: str) -> str:
    return sessions.create_new_session_without_request_response(PUBLIC, alice).get_handle()


def stored(handle: str) -> dict[str, Any]:
    found = sessions.get_session_information(handle)
    assert found is not None
    return found.custom_claims_in_access_token_payload


class TestFetching:
    @pytest.mark.parametrize("claim", [SYNC_GROUPS, ASYNC_GROUPS])
    def test_the_value_is_stored(
        self, clock: Clock, verbs: Verbs, handle: str, claim: SessionClaim[Any]
    ) -> None:
        Group.objects.create(name="editors")

        assert verbs.fetch_and_set_claim(handle, claim) is True

        assert stored(handle) == {"iss": ISSUER, "x-groups": {"v": ["editors"], "t": clock.milliseconds}}

    def test_no_value_leaves_the_payload_as_it_is(self, verbs: Verbs, handle: str) -> None:
        sessions.set_claim_value(handle, PLAN, "gold")
        before = stored(handle)

        assert verbs.fetch_and_set_claim(handle, NO_PLAN) is True
        assert stored(handle) == before

    def test_fetching_is_told_for_whom_and_what_is_stored(
        self, verbs: Verbs, alice: str, handle: str
    ) -> None:
        asked: list[Any] = []
        claim: SessionClaim[str] = SessionClaim("x", lambda *who: asked.append(who))

        verbs.fetch_and_set_claim(handle, claim)

        assert asked == [(alice, alice, PUBLIC, {"iss": ISSUER})]

    def test_the_frontend_has_it_after_its_refresh(self, clock: Clock, frontend: FrontendClient) -> None:
        sessions.fetch_and_set_claim(frontend.session_handle, PLAN)
        assert "x-plan" not in frontend.access_token_payload

        frontend.refresh()

        assert frontend.access_token_payload["x-plan"]["v"] == f"plan of {frontend.user_id[:4]}"


class TestSettingReadingRemoving:
    @pytest.mark.parametrize("value", ["gold", "", 0, False, [], {"deep": None}])
    def test_a_value_is_set_and_read(self, clock: Clock, verbs: Verbs, handle: str, value: Any) -> None:
        assert verbs.set_claim_value(handle, PLAN, value) is True

        assert verbs.get_claim_value(handle, PLAN) == value
        assert stored(handle)["x-plan"] == {"v": value, "t": clock.milliseconds}

    def test_what_is_not_there_is_none(self, verbs: Verbs, handle: str) -> None:
        assert verbs.get_claim_value(handle, PLAN) is None

    def test_it_is_removed_and_nothing_else(self, verbs: Verbs, handle: str) -> None:
        sessions.set_claim_value(handle, PLAN, "gold")
        sessions.set_claim_value(handle, SYNC_GROUPS, [])

        assert verbs.remove_claim(handle, PLAN) is True

        assert list(stored(handle)) == ["iss", "x-groups"]
        assert verbs.remove_claim(handle, PLAN) is True


class TestValidating:
    STAFF = BooleanClaim("x-staff", lambda *who: False)

    def test_without_validators_everything_is_valid(self, verbs: Verbs, handle: str) -> None:
        assert verbs.validate_claims_for_session_handle(handle) == ClaimsValidationResult([])

    def test_the_override_gets_the_validators_and_the_session(
        self, verbs: Verbs, alice: str, handle: str
    ) -> None:
        asked: list[Any] = []

        def override(validators: list[SessionClaimValidator], session: SessionInformation) -> Overridden:
            asked.append((validators, session.session_handle, session.user_id, session.tenant_id))
            return [self.STAFF.validators.is_true(id_="staff-only")]

        found = verbs.validate_claims_for_session_handle(handle, override)

        assert asked == [([], handle, alice, PUBLIC)]
        reason = {"message": "wrong value", "expectedValue": True, "actualValue": False}
        assert found == ClaimsValidationResult([{"id": "staff-only", "reason": reason}])

    def test_the_override_may_be_a_coroutine_function_and_so_may_all_it_names(
        self, verbs: Verbs, handle: str
    ) -> None:
        async def override(validators: Any, session: SessionInformation) -> Overridden:
            assert await Group.objects.acount() == 0
            return [ASYNC_GROUPS.validators.includes("editors"), AsksTheDatabaseLater("x-editors")]

        found = verbs.validate_claims_for_session_handle(handle, override)

        reason = {"message": "wrong value", "expectedToInclude": "editors", "actualValue": []}
        expected = [
            {"id": "x-groups", "reason": reason},
            {"id": "x-editors", "reason": {"message": "no editors"}},
        ]
        assert found.invalid_claims == expected

    def test_what_was_fetched_is_kept_though_something_fails(
        self, clock: Clock, verbs: Verbs, handle: str
    ) -> None:
        validators = [self.STAFF.validators.is_true(), SYNC_GROUPS.validators.excludes("editors")]

        found = verbs.validate_claims_for_session_handle(handle, lambda *_: validators)

        assert [claim["id"] for claim in found.invalid_claims] == ["x-staff"]
        now = clock.milliseconds
        assert stored(handle) == {
            "iss": ISSUER,
            "x-staff": {"v": False, "t": now},
            "x-groups": {"v": [], "t": now},
        }

    def test_nothing_is_written_where_nothing_is_due(self, verbs: Verbs, handle: str) -> None:
        sessions.set_claim_value(handle, self.STAFF, True)
        before = stored(handle)

        verbs.validate_claims_for_session_handle(handle, lambda *_: [self.STAFF.validators.is_true(60)])

        assert stored(handle) == before

    def test_the_tenant_is_that_of_the_session(self, verbs: Verbs, alice: str, tenant_acme: str) -> None:
        claim = PrimitiveClaim[str]("x-tenant", lambda user_id, recipe_user_id, tenant_id, _: tenant_id)
        made = sessions.create_new_session_without_request_response(tenant_acme, alice)

        validators = [claim.validators.has_value(tenant_acme)]
        found = verbs.validate_claims_for_session_handle(made.get_handle(), lambda *_: validators)
        assert found.invalid_claims == []


class TestASessionThatIsGone:
    @pytest.mark.parametrize("is_expired", [False, True])
    def test_verbs_say_so(self, clock: Clock, verbs: Verbs, handle: str, is_expired: bool) -> None:
        if is_expired:
            clock.advance(101 * 86400)
        else:
            sessions.revoke_session(handle)

        assert verbs.fetch_and_set_claim(handle, PLAN) is False
        assert verbs.set_claim_value(handle, PLAN, "gold") is False
        assert verbs.remove_claim(handle, PLAN) is False
        with pytest.raises(SessionDoesNotExist):
            verbs.get_claim_value(handle, PLAN)
        with pytest.raises(SessionDoesNotExist):
            verbs.validate_claims_for_session_handle(handle)
