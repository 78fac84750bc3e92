"""Twenty at once make roles, give them, take them and write metadata: one row each, nothing lost, nobody fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.db import transaction

from supertokens_django.models import Role, RolePermission, UserMetadata, UserRole
from supertokens_django.recipes.userroles.exceptions import UnknownRole
from supertokens_django.services import session, usermetadata, userroles
from tests.base import PUBLIC, supertokens_settings
from tests.concurrency.crowd import at_once

pytestmark = pytest.mark.concurrency

CROWD = 20


@pytest.fixture(autouse=True)
def _roles_are_on() -> Iterator[None]:
    with supertokens_settings(RECIPES=["emailpassword", "userroles"]):
        yield


def test_one_of_twenty_makes_the_role_and_all_add_their_permission() -> None:
    calls = [
        partial(userroles.create_new_role_or_add_permissions, "admin", [f"own {number}", "shared"])
        for number in range(CROWD)
    ]

    assert sorted(at_once(calls)) == [False] * (CROWD - 1) + [True]

    assert Role.objects.count() == 1
    expected = sorted([*(f"own {number}" for number in range(CROWD)), "shared"])
    assert userroles.get_permissions_for_role("admin") == expected


def test_permissions_are_added_and_taken_at_once() -> None:
    userroles.create_new_role_or_add_permissions("admin", [f"old {number}" for number in range(CROWD)])
    calls: list[Callable[[], object]] = [
        *(
            partial(userroles.create_new_role_or_add_permissions, "admin", [f"new {number}"])
            for number in range(CROWD // 2)
        ),
        *(
            partial(userroles.remove_permissions_from_role, "admin", [f"old {number}"])
            for number in range(CROWD)
        ),
    ]

    at_once(calls)

    assert userroles.get_permissions_for_role("admin") == [f"new {number}" for number in range(CROWD // 2)]


def test_one_of_twenty_gives_the_role(alice: str) -> None:
    userroles.create_new_role_or_add_permissions("admin", [])

    given = at_once([partial(userroles.add_role_to_user, PUBLIC, alice, "admin")] * CROWD)

    assert sorted(given) == [False] + [True] * (CROWD - 1)
    assert UserRole.objects.count() == 1


def test_one_of_twenty_takes_it(alice: str) -> None:
    userroles.create_new_role_or_add_permissions("admin", [])
    userroles.add_role_to_user(PUBLIC, alice, "admin")

    taken = at_once([partial(userroles.remove_user_role, PUBLIC, alice, "admin")] * CROWD)

    assert sorted(taken) == [False] * (CROWD - 1) + [True]
    assert UserRole.objects.count() == 0


def test_twenty_users_get_one_role() -> None:
    userroles.create_new_role_or_add_permissions("admin", [])

    at_once([partial(userroles.add_role_to_user, PUBLIC, f"user {n:02}", "admin") for n in range(CROWD)])

    assert userroles.get_users_that_have_role(PUBLIC, "admin") == [f"user {n:02}" for n in range(CROWD)]


def test_a_role_that_is_deleted_meanwhile_is_nobodys() -> None:
    """Whoever is given it while it goes either had it for a moment or hears that there is no such role."""
    userroles.create_new_role_or_add_permissions("admin", ["read"])

    def give(number: int) -> bool | str:
        try:
            return userroles.add_role_to_user(PUBLIC, f"user {number}", "admin")
        except UnknownRole:
            return "unknown"

    calls: list[Callable[[], object]] = [
        *(partial(give, number) for number in range(CROWD)),
        partial(userroles.delete_role, "admin"),
    ]
    answers = at_once(calls)

    assert answers[-1] is True
    assert set(answers[:-1]) <= {False, "unknown"}
    for model in (Role, RolePermission, UserRole):
        assert model._default_manager.count() == 0


def test_a_role_is_made_and_deleted_at_once() -> None:
    make = partial(userroles.create_new_role_or_add_permissions, "admin", ["read"])
    delete = partial(userroles.delete_role, "admin")

    answers = at_once([make, delete] * (CROWD // 2))

    made, deleted = answers[::2].count(True), answers[1::2].count(True)
    assert Role.objects.count() == made - deleted
    if made > deleted:
        assert userroles.get_permissions_for_role("admin") == ["read"]
    assert RolePermission.objects.count() == made - deleted


def test_inside_a_transaction_of_the_caller_giving_it_twice_is_no_error(alice: str) -> None:
    userroles.create_new_role_or_add_permissions("admin", [])

    def give_in_a_transaction() -> tuple[bool, list[str]]:
        with transaction.atomic():
            session.get_all_session_handles_for_user(
                alice
            )  # on MariaDB the view of the database is that of now
            was_there = userroles.add_role_to_user(PUBLIC, alice, "admin")
            return was_there, userroles.get_all_roles()

    answers = at_once([give_in_a_transaction] * (CROWD // 2))

    assert sorted(answers) == [(False, ["admin"])] + [(True, ["admin"])] * (CROWD // 2 - 1)
    assert UserRole.objects.count() == 1


def test_every_update_of_metadata_is_kept(alice: str) -> None:
    """Also of those that come while there is no row yet."""
    calls = [partial(usermetadata.update_user_metadata, alice, {f"key {n}": n}) for n in range(CROWD)]

    answers = at_once(calls)

    expected = {f"key {number}": number for number in range(CROWD)}
    assert usermetadata.get_user_metadata(alice) == expected
    assert expected in answers
    assert UserMetadata.objects.count() == 1


def test_metadata_cleared_meanwhile_is_none_or_what_came_after(alice: str) -> None:
    update = partial(usermetadata.update_user_metadata, alice, {"a": 1})
    clear = partial(usermetadata.clear_user_metadata, alice)

    calls: list[Callable[[], object]] = [update, clear]
    at_once(calls * (CROWD // 2))

    assert usermetadata.get_user_metadata(alice) in ({}, {"a": 1})
