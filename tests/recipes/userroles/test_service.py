"""``services.userroles``: every verb, sync and async."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from supertokens_django.exceptions import BadInputError, UnknownTenantError
from supertokens_django.models import Role, RolePermission, UserRole
from supertokens_django.recipes.userroles.exceptions import UnknownRole
from supertokens_django.recipes.userroles.rows import Grants
from supertokens_django.recipes.userroles.service import UserRolesService
from supertokens_django.services import userroles, users
from tests.base import PUBLIC, sql_statements, supertokens_settings
from tests.twins import Verbs

SIGNATURES = {
    "create_new_role_or_add_permissions": ["role", "permissions"],
    "get_permissions_for_role": ["role"],
    "remove_permissions_from_role": ["role", "permissions"],
    "get_roles_that_have_permission": ["permission"],
    "get_all_roles": [],
    "delete_role": ["role"],
    "add_role_to_user": ["tenant_id", "user_id", "role"],
    "remove_user_role": ["tenant_id", "user_id", "role"],
    "get_roles_for_user": ["tenant_id", "user_id"],
    "get_users_that_have_role": ["tenant_id", "role"],
}
"""Those of supertokens-python, without ``user_context``."""


@pytest.fixture(params=["sync", "async"])
def verbs(request: pytest.FixtureRequest) -> Verbs:
    return Verbs(userroles, request.param == "async")


@pytest.mark.parametrize("name", SIGNATURES)
def test_arguments_are_those_of_supertokens(name: str) -> None:
    for verb in (name, f"a{name}"):
        assert list(inspect.signature(getattr(userroles, verb)).parameters) == SIGNATURES[name]


class TestRoles:
    def test_a_role_is_made_once_and_then_added_to(self, verbs: Verbs) -> None:
        assert verbs.create_new_role_or_add_permissions("admin", ["write", "read"]) is True
        assert verbs.create_new_role_or_add_permissions("admin", ["read", "delete"]) is False

        assert verbs.get_permissions_for_role("admin") == ["delete", "read", "write"]
        assert verbs.get_all_roles() == ["admin"]

    def test_a_role_may_have_no_permissions(self, verbs: Verbs) -> None:
        assert verbs.create_new_role_or_add_permissions("guest", []) is True
        assert verbs.get_permissions_for_role("guest") == []

    def test_permissions_are_taken_away(self, verbs: Verbs) -> None:
        userroles.create_new_role_or_add_permissions("admin", ["read", "write"])

        assert verbs.remove_permissions_from_role("admin", ["write", "never given"]) is None

        assert verbs.get_permissions_for_role("admin") == ["read"]

    def test_roles_are_found_by_a_permission(self, verbs: Verbs) -> None:
        userroles.create_new_role_or_add_permissions("writer", ["read", "write"])
        userroles.create_new_role_or_add_permissions("reader", ["read"])

        assert verbs.get_roles_that_have_permission("read") == ["reader", "writer"]
        assert verbs.get_roles_that_have_permission("write") == ["writer"]
        assert verbs.get_roles_that_have_permission("fly") == []

    def test_a_deleted_role_is_taken_from_everybody(self, verbs: Verbs, tenant_acme: str) -> None:
        userroles.create_new_role_or_add_permissions("admin", ["read"])
        userroles.create_new_role_or_add_permissions("other", ["read"])
        for tenant in (PUBLIC, tenant_acme):
            for role in ("admin", "other"):
                userroles.add_role_to_user(tenant, "somebody", role)

        assert verbs.delete_role("admin") is True
        assert verbs.delete_role("admin") is False

        assert verbs.get_all_roles() == ["other"]
        assert verbs.get_roles_for_user(PUBLIC, "somebody") == ["other"]
        assert verbs.get_roles_for_user(tenant_acme, "somebody") == ["other"]
        assert RolePermission.objects.count() == 1

    @pytest.mark.parametrize(
        ("verb", "arguments"),
        [
            ("get_permissions_for_role", ["nobody"]),
            ("remove_permissions_from_role", ["nobody", ["read"]]),
            ("add_role_to_user", [PUBLIC, "somebody", "nobody"]),
            ("remove_user_role", [PUBLIC, "somebody", "nobody"]),
            ("get_users_that_have_role", [PUBLIC, "nobody"]),
        ],
    )
    def test_an_unknown_role_is_an_exception_with_its_status(
        self, verbs: Verbs, verb: str, arguments: list[Any]
    ) -> None:
        with pytest.raises(UnknownRole) as error:
            getattr(verbs, verb)(*arguments)
        assert error.value.body() == {"status": "UNKNOWN_ROLE_ERROR"}
        assert (Role.objects.count(), UserRole.objects.count()) == (0, 0)


class TestUsers:
    @pytest.fixture(autouse=True)
    def _roles(self) -> None:
        for role in ("admin", "editor"):
            userroles.create_new_role_or_add_permissions(role, [])

    def test_a_role_is_given_once(self, verbs: Verbs, alice: str) -> None:
        assert verbs.add_role_to_user(PUBLIC, alice, "admin") is False
        assert verbs.add_role_to_user(PUBLIC, alice, "admin") is True
        verbs.add_role_to_user(PUBLIC, alice, "editor")

        assert verbs.get_roles_for_user(PUBLIC, alice) == ["admin", "editor"]
        assert UserRole.objects.count() == 2

    def test_a_role_is_taken_once(self, verbs: Verbs, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "admin")

        assert verbs.remove_user_role(PUBLIC, alice, "editor") is False
        assert verbs.remove_user_role(PUBLIC, alice, "admin") is True
        assert verbs.remove_user_role(PUBLIC, alice, "admin") is False

        assert verbs.get_roles_for_user(PUBLIC, alice) == []

    def test_who_has_a_role_is_listed(self, verbs: Verbs, alice: str, bob: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "admin")
        userroles.add_role_to_user(PUBLIC, bob, "admin")
        userroles.add_role_to_user(PUBLIC, bob, "editor")

        assert verbs.get_users_that_have_role(PUBLIC, "admin") == sorted([alice, bob])
        assert verbs.get_users_that_have_role(PUBLIC, "editor") == [bob]

    def test_each_tenant_has_its_own(self, verbs: Verbs, alice: str, tenant_acme: str) -> None:
        userroles.add_role_to_user(tenant_acme, alice, "admin")

        assert verbs.get_roles_for_user(PUBLIC, alice) == []
        assert verbs.get_roles_for_user(tenant_acme, alice) == ["admin"]
        assert verbs.get_users_that_have_role(PUBLIC, "admin") == []
        assert verbs.remove_user_role(PUBLIC, alice, "admin") is False
        assert verbs.get_users_that_have_role(" ACME ", "admin") == [alice]

    def test_an_unknown_tenant_has_nobody(self, verbs: Verbs, alice: str) -> None:
        with pytest.raises(UnknownTenantError, match="Tenant with the following tenantId not found: nowhere"):
            verbs.add_role_to_user("nowhere", alice, "admin")
        assert verbs.get_roles_for_user("nowhere", alice) == []
        assert verbs.get_users_that_have_role("nowhere", "admin") == []
        assert verbs.remove_user_role("nowhere", alice, "admin") is False

    def test_nobody_asks_whether_there_is_such_a_user(self, verbs: Verbs) -> None:
        assert verbs.add_role_to_user(PUBLIC, "a user of another system", "admin") is False
        assert verbs.get_users_that_have_role(PUBLIC, "admin") == ["a user of another system"]

    def test_an_external_id_is_the_user(self, verbs: Verbs, alice: str, bob: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "admin")
        users.create_user_id_mapping(alice, "crm-7")

        assert verbs.get_roles_for_user(PUBLIC, "crm-7") == ["admin"]
        assert verbs.get_roles_for_user(PUBLIC, alice) == ["admin"]
        assert verbs.get_users_that_have_role(PUBLIC, "admin") == ["crm-7"]
        assert verbs.add_role_to_user(PUBLIC, "crm-7", "admin") is True
        assert verbs.remove_user_role(PUBLIC, "crm-7", "admin") is True
        verbs.add_role_to_user(PUBLIC, "crm-7", "editor")
        users.delete_user_id_mapping("crm-7")
        assert verbs.get_roles_for_user(PUBLIC, alice) == ["editor"]


SIMILAR = ("admin", "Admin", "ADMIN", "ádmin", "admın", "admin!")


class TestNames:
    """MariaDB's usual collation takes all of these for one."""

    def test_roles_are_told_apart_letter_by_letter(self) -> None:
        for name in SIMILAR:
            assert userroles.create_new_role_or_add_permissions(name, [f"be {name}"]) is True
        userroles.add_role_to_user(PUBLIC, "somebody", "Admin")

        assert userroles.get_all_roles() == sorted(SIMILAR)
        assert {name: userroles.get_permissions_for_role(name) for name in SIMILAR} == {
            name: [f"be {name}"] for name in SIMILAR
        }
        assert userroles.get_roles_for_user(PUBLIC, "somebody") == ["Admin"]
        assert userroles.get_users_that_have_role(PUBLIC, "admin") == []
        assert userroles.remove_user_role(PUBLIC, "somebody", "admin") is False
        assert userroles.delete_role("ADMIN") is True
        assert userroles.get_all_roles() == sorted(set(SIMILAR) - {"ADMIN"})

    def test_permissions_are_too(self) -> None:
        userroles.create_new_role_or_add_permissions("admin", SIMILAR)

        userroles.remove_permissions_from_role("admin", ["Admin"])

        assert userroles.get_permissions_for_role("admin") == sorted(set(SIMILAR) - {"Admin"})
        assert userroles.get_roles_that_have_permission("Admin") == []
        assert userroles.get_roles_that_have_permission("ádmin") == ["admin"]

    def test_user_ids_are_too(self) -> None:
        userroles.create_new_role_or_add_permissions("admin", [])
        userroles.add_role_to_user(PUBLIC, "bob", "admin")

        for other in ("Bob", "bób", "bob "):
            assert userroles.get_roles_for_user(PUBLIC, other) == []
            assert userroles.add_role_to_user(PUBLIC, other, "admin") is False
        assert len(userroles.get_users_that_have_role(PUBLIC, "admin")) == 4

    def test_blanks_around_a_name_do_not_count(self) -> None:
        assert userroles.create_new_role_or_add_permissions("  admin\n", [" read ", "read"]) is True
        assert userroles.create_new_role_or_add_permissions("admin", []) is False
        assert userroles.get_permissions_for_role(" admin ") == ["read"]

    @pytest.mark.parametrize("name", ["", "   ", "x" * 256, "nul\0", "lone \ud800", "new\nline"])
    def test_what_no_database_could_keep_is_refused(self, name: str) -> None:
        userroles.create_new_role_or_add_permissions("admin", [])
        calls: list[Callable[[], Any]] = [
            lambda: userroles.create_new_role_or_add_permissions(name, []),
            lambda: userroles.create_new_role_or_add_permissions("admin", ["good", name]),
            lambda: userroles.get_permissions_for_role(name),
            lambda: userroles.get_roles_that_have_permission(name),
            lambda: userroles.delete_role(name),
            lambda: userroles.add_role_to_user(PUBLIC, "somebody", name),
        ]
        for call in calls:
            with pytest.raises(BadInputError, match="must have 1 to 255 printable characters"):
                call()
        assert userroles.get_permissions_for_role("admin") == []

    @pytest.mark.parametrize("user_id", ["", "x" * 129, "nul\0", "lone \ud800"])
    def test_a_user_id_that_could_not_be_kept_is_refused(self, user_id: str) -> None:
        userroles.create_new_role_or_add_permissions("admin", [])
        with pytest.raises(BadInputError, match="must have 1 to 128 printable characters"):
            userroles.add_role_to_user(PUBLIC, user_id, "admin")

    def test_the_letters_of_a_text_do_not_become_permissions(self) -> None:
        with pytest.raises(BadInputError, match="The permissions must be a list"):
            userroles.create_new_role_or_add_permissions("admin", "read")

    def test_the_longest_names_fit(self) -> None:
        role, permission, user_id = "ß" * 255, "€" * 255, "ü" * 128
        userroles.create_new_role_or_add_permissions(role, [permission])
        userroles.add_role_to_user(PUBLIC, user_id, role)

        assert userroles.get_users_that_have_role(PUBLIC, role) == [user_id]
        assert userroles.get_roles_that_have_permission(permission) == [role]


class TestQueries:
    @pytest.mark.parametrize(
        ("verb", "arguments", "count"),
        [
            ("get_roles_for_user", [PUBLIC, "somebody"], 1),
            ("get_permissions_for_role", ["admin"], 1),
            ("get_roles_that_have_permission", ["read"], 1),
            ("get_users_that_have_role", [PUBLIC, "admin"], 3),
            ("get_all_roles", [], 1),
            ("get_grants_for_session", [PUBLIC, "somebody"], 1),
            ("add_role_to_user", [PUBLIC, "somebody", "admin"], 3),
            ("remove_user_role", [PUBLIC, "somebody", "admin"], 4),
        ],
    )
    def test_each_verb_is_cheap(self, verb: str, arguments: list[Any], count: int) -> None:
        userroles.create_new_role_or_add_permissions("admin", ["read"])
        userroles.add_role_to_user(PUBLIC, "somebody", "admin")

        with sql_statements() as statements:
            getattr(userroles, verb)(*arguments)

        assert len(statements) == count, "\n".join(statements)


class Auditors(UserRolesService):
    """Gives everybody one role more."""

    def get_grants_for_session(self, tenant_id: str, user_id: str) -> Grants:
        given = super().get_grants_for_session(tenant_id, user_id)
        return Grants((*given.roles, "auditor"), (*given.permissions, "audit"))


def test_a_project_gives_roles_by_rules_of_its_own(alice: str) -> None:
    path = f"{__name__}.{Auditors.__name__}"
    with supertokens_settings(USERROLES={"SERVICE_CLASS": path}):
        assert userroles.get_grants_for_session(PUBLIC, alice) == Grants(("auditor",), ("audit",))
        assert userroles.get_roles_for_user(PUBLIC, alice) == []
