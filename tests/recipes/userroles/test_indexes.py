"""Many users have many roles; what is asked about one of them is answered by an index."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from supertokens_django.models import Role, RolePermission, UserMetadata, UserRole
from supertokens_django.services import usermetadata, userroles
from supertokens_django.users.models import LoginMethod, User, UserIdMapping
from tests.base import PUBLIC
from tests.plans import plans, walks_through

USERS = 2000
COMMON, RARE = "user", "admin"


OURS = (Role, RolePermission, UserRole, UserMetadata, User, LoginMethod, UserIdMapping)


@pytest.fixture(autouse=True)
def _many(_stage: None, tenant_acme: str) -> None:
    roles = Role.objects.bulk_create(Role(name=name) for name in (COMMON, RARE, *map(str, range(500))))
    stored = {role.name: role for role in Role.objects.all()}
    RolePermission.objects.bulk_create(
        RolePermission(role=stored[role.name], name=f"permission {role.name} {n}")
        for role in roles
        for n in range(4)
    )
    UserRole.objects.bulk_create(
        UserRole(tenant_id=tenant, user_id=f"user {n:04}", role=stored[COMMON if n % 100 else RARE])
        for n in range(USERS)
        for tenant in (PUBLIC, tenant_acme)
    )
    people = User.objects.bulk_create(User(id=f"user {n:04}") for n in range(USERS))
    LoginMethod.objects.bulk_create(
        LoginMethod(id=user.id, user=user, recipe_id="emailpassword") for user in people
    )
    UserIdMapping.objects.bulk_create(UserIdMapping(user.id, f"crm {user.id}") for user in people)
    UserMetadata.objects.bulk_create(UserMetadata(f"user {n:04}", {"n": n}) for n in range(USERS))


ASKED: dict[str, Callable[[], Any]] = {
    "roles of a user": lambda: userroles.get_roles_for_user(PUBLIC, "user 0007"),
    "claims of a session": lambda: userroles.get_grants_for_session(PUBLIC, "user 0007"),
    "users with a role": lambda: userroles.get_users_that_have_role(PUBLIC, RARE),
    "give": lambda: userroles.add_role_to_user(PUBLIC, "user 0007", RARE),
    "take": lambda: userroles.remove_user_role(PUBLIC, "user 0007", COMMON),
    "permissions of a role": lambda: userroles.get_permissions_for_role(RARE),
    "roles with a permission": lambda: userroles.get_roles_that_have_permission(f"permission {RARE} 1"),
    "forget": lambda: userroles.forget_users(["user 0007"]),
    "metadata": lambda: usermetadata.get_user_metadata("user 0007"),
    "update metadata": lambda: usermetadata.update_user_metadata("user 0007", {"n": None}),
    "clear metadata": lambda: usermetadata.clear_user_metadata("user 0007"),
}


TABLES = [model._meta.db_table for model in OURS]


def read_whole(plan: str) -> list[str]:
    """The tables that the plan reads from one end to the other, be it along an index."""
    names = [*TABLES, "U0", "U1"]  # as Django calls tables in subqueries
    walked = [name for name in names if walks_through(plan, name)]
    along_an_index = [
        name for name in names if f"SCAN {name}" in plan or re.search(rf"table={name} .*type=index ", plan)
    ]
    return [*walked, *along_an_index]


def test_no_table_is_read_from_end_to_end() -> None:
    for name, ask in ASKED.items():
        with plans() as found:
            ask()
        assert found, name
        assert "\n".join(plan for plan in found if read_whole(plan)) == "", name


def test_thousands_who_have_a_role_are_named_as_clients_know_them() -> None:
    expected = [f"crm user {number:04}" for number in range(USERS) if number % 100]
    assert userroles.get_users_that_have_role(PUBLIC, COMMON) == expected


def test_a_plan_that_reads_everything_is_noticed() -> None:
    """Lest the test above could not fail."""
    with plans() as found:
        list(UserRole.objects.filter(user_id__endswith="7"))
        list(UserMetadata.objects.filter(metadata__n=7))

    assert [bool(read_whole(plan)) for plan in found] == [True, True]
