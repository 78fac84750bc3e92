"""What is kept of a user goes with the user, whatever id the user is deleted by, and whatever is switched on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supertokens_django.models import UserMetadata, UserRole
from supertokens_django.services import emailpassword, usermetadata, userroles, users
from supertokens_django.users.models import LoginMethod
from tests.accounts import django_user_of
from tests.base import ALICE, MALLORY, PUBLIC, supertokens_settings


@pytest.fixture(autouse=True)
def _kept(alice: str, bob: str, tenant_acme: str) -> None:
    userroles.create_new_role_or_add_permissions("admin", ["read"])
    for user_id in (alice, bob):
        usermetadata.update_user_metadata(user_id, {"a": 1})
        for tenant in (PUBLIC, tenant_acme):
            userroles.add_role_to_user(tenant, user_id, "admin")


def kept() -> tuple[set[str], set[str]]:
    """Of whom there are metadata, and who has roles."""
    rows = UserMetadata.objects.values_list("user_id", flat=True)
    return set(rows), set(UserRole.objects.values_list("user_id", flat=True))


@pytest.mark.parametrize(
    "delete",
    [
        lambda alice: users.delete_user(alice),
        lambda alice: users.delete_user(alice, remove_all_linked_accounts=False),
        lambda alice: django_user_of(alice).delete(),
    ],
    ids=["by id", "by the id of the only login method", "with the Django user"],
)
def test_both_go_and_nobody_elses(delete: Callable[[str], None], alice: str, bob: str) -> None:
    delete(alice)

    assert kept() == ({bob}, {bob})
    assert userroles.get_users_that_have_role(PUBLIC, "admin") == [bob]


def test_an_external_id_is_the_user(alice: str, bob: str) -> None:
    users.create_user_id_mapping(alice, "crm-7")
    usermetadata.update_user_metadata("crm-7", {"b": 1})

    users.delete_user("crm-7")

    assert kept() == ({bob}, {bob})


def test_a_recipe_that_was_switched_off_since_forgets_as_well(alice: str, bob: str) -> None:
    with supertokens_settings(RECIPES=["emailpassword"]):
        users.delete_user(alice)

    assert kept() == ({bob}, {bob})


class TestALinkedLoginMethod:
    """Roles and metadata are the user's, by whichever login method they are asked for."""

    @pytest.fixture
    def second(self, alice: str) -> str:
        method = emailpassword.sign_up(PUBLIC, MALLORY.email, ALICE.password)
        method.user.delete()
        method.user_id = alice
        method.save(force_insert=True)
        return method.id

    def test_it_is_the_same_user(self, alice: str, second: str) -> None:
        assert userroles.get_roles_for_user(PUBLIC, second) == ["admin"]
        assert userroles.add_role_to_user(PUBLIC, second, "admin") is True
        assert usermetadata.update_user_metadata(second, {"b": 2}) == {"a": 1, "b": 2}
        assert usermetadata.get_user_metadata(alice) == {"a": 1, "b": 2}

    def test_without_it_the_user_keeps_them(self, alice: str, bob: str, second: str) -> None:
        users.delete_user(second, remove_all_linked_accounts=False)

        assert kept() == ({alice, bob}, {alice, bob})

    def test_so_does_a_user_whose_first_login_method_goes(self, alice: str, bob: str, second: str) -> None:
        users.delete_user(alice, remove_all_linked_accounts=False)

        assert not LoginMethod.objects.filter(id=alice).exists()
        assert kept() == ({alice, bob}, {alice, bob})
        assert userroles.get_roles_for_user(PUBLIC, second) == ["admin"]

    def test_with_the_whole_user_both_go(self, bob: str, second: str) -> None:
        users.delete_user(second)

        assert kept() == ({bob}, {bob})
