"""``services.users.get_user`` and the JSON of a user."""

from __future__ import annotations

import pytest

from supertokens_django.services import emailpassword, users
from supertokens_django.users.outputs import user_to_json
from tests.base import ALICE, BOB, Clock
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import user_with_login_methods

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

STRANGER = "7f0c1c54-3a3c-4a8c-9f52-9d3a4c1b2a10"


def test_it_gives_the_whole_user(clock: Clock, alice: str, bob: str) -> None:
    found = users.get_user(alice)
    assert found is not None
    assert user_to_json(found) == user_with_login_methods(alice, ALICE.email, clock.milliseconds)


def test_it_gives_the_same_as_the_wire(visitor: FrontendClient) -> None:
    sent = json_of(visitor.sign_up(ALICE.email, ALICE.password))["user"]
    found = users.get_user(visitor.user_id)
    assert found is not None
    assert user_to_json(found) == sent


def test_it_names_the_tenant(tenant_acme: str, clock: Clock) -> None:
    user_id = emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password).id
    found = users.get_user(user_id)
    assert found is not None
    assert user_to_json(found) == user_with_login_methods(
        user_id, ALICE.email, clock.milliseconds, tenant=tenant_acme
    )


@pytest.mark.parametrize("user_id", [STRANGER, "", "x", "a" * 1000, "é", "alice@example.com"])
def test_of_an_unknown_id_it_gives_none(user_id: str, alice: str) -> None:
    assert users.get_user(user_id) is None


@pytest.mark.django_db(transaction=True)
async def test_its_async_twin_does_the_same() -> None:
    method = await emailpassword.asign_up("public", BOB.email, BOB.password)
    found = await users.aget_user(method.id)
    assert found is not None
    assert found.id == method.id
    assert await users.aget_user(STRANGER) is None
