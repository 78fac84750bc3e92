"""Which login methods have a verified e-mail, and provider accounts that share an address."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from supertokens_django.services import emailpassword, users
from supertokens_django.users import accounts
from supertokens_django.users.accounts import AccountInfo
from supertokens_django.users.exceptions import IdentityTaken
from supertokens_django.users.models import LoginMethod, VerifiedEmail
from supertokens_django.users.outputs import user_to_json
from tests.base import ALICE, BOB, sql_budget

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


def is_verified(user_id: str) -> Any:
    user = users.get_user(user_id)
    assert user is not None
    return user_to_json(user)["loginMethods"][0]["verified"]


def test_an_email_is_verified_once_somebody_has_shown_it(alice: str, bob: str) -> None:
    assert is_verified(alice) is False

    method = LoginMethod.objects.get(pk=alice)
    accounts.mark_verified(method)
    accounts.mark_verified(method)

    assert is_verified(alice) is True
    assert user_to_json(method.user)["loginMethods"][0]["verified"] is True
    assert is_verified(bob) is False
    assert VerifiedEmail.objects.count() == 1


def test_another_email_is_not_verified_but_the_old_one_stays_so(alice: str) -> None:
    accounts.mark_verified(LoginMethod.objects.get(pk=alice))

    emailpassword.update_email_or_password(alice, email="liddell@example.com")
    assert is_verified(alice) is False
    emailpassword.update_email_or_password(alice, email=ALICE.email)
    assert is_verified(alice) is True


@pytest.mark.parametrize("other", ["ALICE@example.com", "alicé@example.com", "alice@example.com "])
def test_an_address_that_is_merely_alike_is_another(alice: str, other: str) -> None:
    VerifiedEmail.objects.create(user_id=alice, email=other)
    assert is_verified(alice) is False


def test_a_user_is_made_with_a_verified_email(alice: str) -> None:
    method = _sign_up_at("google", "1", "carol@example.com", is_verified=True)
    with sql_budget(0):
        sent = user_to_json(method.user)
    assert sent["loginMethods"][0]["verified"] is True
    assert is_verified(method.id) is True


def test_it_goes_with_the_user(alice: str, bob: str) -> None:
    for user_id in (alice, bob):
        accounts.mark_verified(LoginMethod.objects.get(pk=user_id))
    users.delete_user(alice)
    assert list(VerifiedEmail.objects.values_list("user_id", "email")) == [(bob, BOB.email)]


def test_provider_accounts_may_share_an_address(alice: str) -> None:
    first = _sign_up_at("google", "1", ALICE.email)
    second = _sign_up_at("google", "2", ALICE.email)

    found = users.list_users_by_account_info("public", AccountInfo(email=ALICE.email))
    assert [user.id for user in found] == [alice, first.id, second.id]
    found = users.list_users_by_account_info(
        "public", AccountInfo(third_party_id="google", third_party_user_id="2")
    )
    assert [user.id for user in found] == [second.id]


def test_a_provider_account_is_one_persons() -> None:
    _sign_up_at("google", "1", ALICE.email)
    with pytest.raises(IdentityTaken):
        _sign_up_at("google", "1", BOB.email)


def test_a_provider_account_may_change_to_an_address_that_another_one_has() -> None:
    first = _sign_up_at("google", "1", ALICE.email)
    second = _sign_up_at("google", "2", BOB.email)

    with transaction.atomic():
        accounts.change_email(second, ALICE.email)

    found = users.list_users_by_account_info("public", AccountInfo(email=ALICE.email))
    assert [user.id for user in found] == [first.id, second.id]
    assert users.list_users_by_account_info("public", AccountInfo(email=BOB.email)) == []


def _sign_up_at(provider: str, user_id: str, email: str, *, is_verified: bool = False) -> LoginMethod:
    info = AccountInfo(email=email, third_party_id=provider, third_party_user_id=user_id)
    with transaction.atomic():
        return accounts.create_login_method("public", "thirdparty", info, is_verified=is_verified)
