"""``POST /signinup`` with the code that a provider's redirect has brought."""

from __future__ import annotations

import pytest

from supertokens_django.users.models import LoginMethod, User
from tests.base import Clock
from tests.client import FrontendClient, json_of
from tests.idp.provider import IdentityProvider
from tests.recipes.thirdparty.dance import sign_in

pytestmark = pytest.mark.django_db


def test_the_first_time_makes_an_account_and_a_session(
    oidc: IdentityProvider, browser: FrontendClient, clock: Clock
) -> None:
    alice = oidc.add_account("865", "Alice@Example.com", name="Alice Liddell")

    answer = sign_in(browser, oidc, alice)

    user_id = LoginMethod.objects.get().id
    assert json_of(answer) == {
        "status": "OK",
        "createdNewRecipeUser": True,
        "user": {
            "id": user_id,
            "isPrimaryUser": False,
            "tenantIds": ["public"],
            "timeJoined": clock.milliseconds,
            "emails": ["alice@example.com"],
            "phoneNumbers": [],
            "thirdParty": [{"id": "custom", "userId": "865"}],
            "webauthn": {"credentialIds": []},
            "loginMethods": [
                {
                    "recipeId": "thirdparty",
                    "recipeUserId": user_id,
                    "tenantIds": ["public"],
                    "timeJoined": clock.milliseconds,
                    "verified": True,
                    "email": "alice@example.com",
                    "thirdParty": {"id": "custom", "userId": "865"},
                }
            ],
        },
    }
    assert browser.is_signed_in
    assert browser.user_id == user_id


def test_the_second_time_signs_the_same_user_in(oidc: IdentityProvider, browser: FrontendClient) -> None:
    alice = oidc.add_account("865", "alice@example.com")
    first = json_of(sign_in(browser, oidc, alice))

    again = json_of(sign_in(FrontendClient(browser.mode), oidc, alice))

    assert again == {**first, "createdNewRecipeUser": False}
    assert User.objects.count() == 1
