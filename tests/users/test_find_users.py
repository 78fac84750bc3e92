"""``services.users.list_users_by_account_info``: finding users by e-mail, phone number and the like."""

from __future__ import annotations

import sys

import pytest

from supertokens_django.services import emailpassword, users
from supertokens_django.users.accounts import AccountInfo
from supertokens_django.users.models import LoginIdentity, LoginMethod, User
from tests.base import ALICE, BOB, MALLORY, Clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


def found(tenant_id: str, info: AccountInfo, union: bool = False) -> list[str]:
    return [user.id for user in users.list_users_by_account_info(tenant_id, info, union)]


def give_login_method(user_id: str, recipe_id: str, **info: str) -> str:
    """What a recipe of another room would do: one more way in for a user."""
    user = User.objects.get(id=user_id)
    method = LoginMethod.objects.create(user=user, recipe_id=recipe_id, **info)
    for kind, key in AccountInfo(**info).identities().items():
        LoginIdentity.of(method, "public", kind, key).save()
    return method.id


class TestByEmail:
    def test_it_finds_the_one(self, alice: str, bob: str) -> None:
        assert found("public", AccountInfo(email=ALICE.email)) == [alice]

    @pytest.mark.parametrize("typed", ["ALICE@example.com", "  alice@Example.com "])
    def test_it_finds_her_however_the_address_is_typed(self, typed: str, alice: str) -> None:
        assert found("public", AccountInfo(email=typed)) == [alice]

    def test_it_finds_nobody(self, alice: str) -> None:
        assert found("public", AccountInfo(email=MALLORY.email)) == []
        assert found("public", AccountInfo(email="alice@example.co")) == []
        assert found("public", AccountInfo()) == []

    def test_it_looks_inside_the_tenant(self, alice: str, tenant_acme: str) -> None:
        assert found(tenant_acme, AccountInfo(email=ALICE.email)) == []
        other = emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password).id
        assert found(tenant_acme, AccountInfo(email=ALICE.email)) == [other]
        assert found("public", AccountInfo(email=ALICE.email)) == [alice]
        assert found(tenant_acme.upper(), AccountInfo(email=ALICE.email)) == [other]


class TestByNumber:
    @pytest.mark.parametrize(
        "typed", ["+441865000000", " +44 1865 000000 ", "+44 (1865) 000-000", "tel:+44-1865-000000"]
    )
    def test_how_it_is_typed_does_not_count(self, alice: str, typed: str) -> None:
        give_login_method(alice, "passwordless", phone_number="+441865000000")
        assert found("public", AccountInfo(phone_number=typed)) == [alice]
        assert found("public", AccountInfo(phone_number=typed, email=BOB.email), union=True) == [alice]

    def test_one_without_its_country_is_nobodys(self, alice: str) -> None:
        give_login_method(alice, "passwordless", phone_number="+441865000000")
        for typed in ("01865000000", "00441865000000", "", " "):
            assert found("public", AccountInfo(phone_number=typed)) == []

    def test_without_the_package_it_has_to_be_typed_as_it_is_stored(
        self, alice: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        give_login_method(alice, "passwordless", phone_number="+441865000000")
        monkeypatch.setitem(sys.modules, "phonenumbers", None)  # as import sees a package that is not there
        assert found("public", AccountInfo(phone_number="+441865000000")) == [alice]
        assert found("public", AccountInfo(phone_number="+44 1865 000000")) == []


class TestBySeveral:
    def test_all_of_them_must_fit_even_by_different_login_methods(self, alice: str, bob: str) -> None:
        give_login_method(alice, "passwordless", phone_number="+441865000000")
        both = AccountInfo(email=ALICE.email, phone_number="+441865000000")
        assert found("public", both) == [alice]
        assert found("public", AccountInfo(email=BOB.email, phone_number="+441865000000")) == []

    def test_in_the_union_any_may_fit_and_each_user_comes_once_oldest_first(self, clock: Clock) -> None:
        ids = []
        for person in (BOB, ALICE, MALLORY):
            clock.advance(1)
            ids.append(emailpassword.sign_up("public", person.email, person.password).id)
        bob, alice, _ = ids
        give_login_method(bob, "passwordless", phone_number="+441865000000")
        give_login_method(alice, "thirdparty", third_party_id="google", third_party_user_id="865")
        give_login_method(alice, "passwordless", email=ALICE.email)
        info = AccountInfo(
            email=ALICE.email,
            phone_number="+441865000000",
            third_party_id="google",
            third_party_user_id="865",
        )
        assert found("public", info, union=True) == [bob, alice]
        assert found("public", info) == []

    def test_a_provider_account_is_told_by_provider_and_id(self, alice: str) -> None:
        give_login_method(alice, "thirdparty", third_party_id="google", third_party_user_id="865")
        assert found("public", AccountInfo(third_party_id="google", third_party_user_id="865")) == [alice]
        assert found("public", AccountInfo(third_party_id="github", third_party_user_id="865")) == []
        assert found("public", AccountInfo(third_party_id="google", third_party_user_id="866")) == []
