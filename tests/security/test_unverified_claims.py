"""Claims of a token count once its signature was found to be ours; before, they may be anything."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from supertokens_django.claims import PrimitiveClaim, SessionClaimValidator
from supertokens_django.exceptions import TryRefreshTokenError
from supertokens_django.recipes.session.service import SessionService
from supertokens_django.registry import Recipe
from supertokens_django.services import session as sessions
from tests.assertions import TRY_REFRESH_TOKEN, assert_json
from tests.base import Clock, sql_statements, supertokens_settings
from tests.caches import revocation_cache
from tests.client import FrontendClient, Stack, decode_jwt
from tests.forgery import with_claims

AGE = PrimitiveClaim[int]("x-age", lambda *args: 17)
VIEWS = ["/test/sync", "/test/async"]


class AsksForAge(Recipe):
    """Adds a validator that looks at a time in the payload."""

    name = "asks-for-age"

    def claim_validators(self) -> list[SessionClaimValidator]:
        return [AGE.validators.has_value(17, max_age_in_sec=60)]


class AsksTheDatabase(SessionService):
    """Finds out by a query what to demand."""

    def get_global_claim_validators(
        self, tenant_id: str, user_id: str, recipe_user_id: str, added: list[SessionClaimValidator]
    ) -> list[SessionClaimValidator]:
        assert Group.objects.exists()
        return added


def forged(token: str, **claims: Any) -> str:
    header, payload = decode_jwt(token)
    parts = (json.dumps(part).encode() for part in (header, {**payload, **claims}))
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), "AAAA"])


@pytest.mark.parametrize("path", VIEWS)
@pytest.mark.parametrize("time", ["yesterday", [], {}, 10**400], ids=["text", "list", "object", "huge"])
def test_a_forged_token_makes_no_server_error(
    path: str, time: Any, frontend: FrontendClient, stack: Stack
) -> None:
    bearer = {
        "authorization": f"Bearer {forged(frontend.access_token or '', **{'x-age': {'v': 17, 't': time}})}"
    }

    with supertokens_settings(RECIPES=["emailpassword", f"{__name__}.AsksForAge"]):
        response = FrontendClient("header", stack=stack).get(path, headers=bearer)

    assert_json(response, 401, TRY_REFRESH_TOKEN)


@pytest.mark.parametrize("path", VIEWS)
def test_what_a_session_must_have_may_be_asked_of_the_database(
    path: str, frontend: FrontendClient, stack: Stack
) -> None:
    Group.objects.create(name="Those who ask")

    with supertokens_settings(SESSION={"SERVICE_CLASS": f"{__name__}.AsksTheDatabase"}):
        assert frontend.clone(stack=stack).get(path).status_code == 200


@pytest.mark.parametrize("handle", ["somebody's", "\ud800"], ids=["text", "no unicode"])
@pytest.mark.parametrize("path", VIEWS)
def test_a_forged_token_keeps_nobody_from_asking_the_revocation_cache(
    path: str, handle: str, clock: Clock, frontend: FrontendClient
) -> None:
    """What cannot be asked would look like a cache that is down, and be left alone for ten seconds."""
    honest = frontend.clone(stack="asgi")
    bearer = {"authorization": f"Bearer {forged(frontend.access_token or '', sessionHandle=handle)}"}
    with revocation_cache() as watched:
        honest.refresh()
        watched.calls.clear()
        response = FrontendClient("header", stack="asgi").get(path, headers=bearer)
        assert_json(response, 401, TRY_REFRESH_TOKEN)
        assert watched.calls == []

        assert honest.get(path).status_code == 200
        assert [operation for operation, _ in watched.calls] == ["get_many"]


@pytest.mark.parametrize("path", VIEWS)
def test_a_made_up_key_id_in_a_request_that_is_rolled_back_costs_nobody_else_a_query(
    path: str, frontend: FrontendClient, stack: Stack
) -> None:
    """With ``ATOMIC_REQUESTS`` an answer 404 takes back the transaction in which the keys were read again."""
    honest = frontend.clone(stack=stack)
    assert honest.get(path).status_code == 200
    made_up = with_claims(frontend.access_token, header={"kid": "d-1111111111111"})

    with transaction.atomic():
        assert_is_refused(made_up)
        transaction.set_rollback(True)

    with sql_statements() as statements:
        assert honest.get(path).status_code == 200
    assert statements == []


def assert_is_refused(token: str) -> None:
    with pytest.raises(TryRefreshTokenError):
        sessions.get_session_without_request_response(token)
