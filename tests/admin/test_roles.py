"""Roles, who has them, and metadata in the admin: looked at, edited through the services, written down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.test import Client
from django.utils import translation

from supertokens_django.exceptions import GeneralError
from supertokens_django.models import Role, UserMetadata, UserRole
from supertokens_django.recipes.usermetadata.service import UserMetadataService
from supertokens_django.recipes.userroles.service import UserRolesService
from supertokens_django.services import usermetadata, userroles, users
from tests.admin.conftest import Operator, rows
from tests.base import ALICE, PUBLIC, sql_statements, supertokens_settings

pytestmark = pytest.mark.django_db

ROLES = "/admin/supertokens_django/role/"
GIVEN = "/admin/supertokens_django/userrole/"
METADATA = "/admin/supertokens_django/usermetadata/"


@pytest.fixture(autouse=True)
def _roles_are_on(acme: None) -> Iterator[None]:
    with supertokens_settings(RECIPES=["emailpassword", "userroles"]):
        yield


def html(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def logged() -> list[tuple[str, int, str]]:
    return [
        (entry.object_repr, entry.action_flag, entry.get_change_message())
        for entry in LogEntry.objects.order_by("pk")
    ]


def page_of(name: str) -> str:
    return f"{ROLES}{Role.objects.get(name=name).pk}/change/"


class TestRoles:
    def test_one_is_made_with_permissions(self, superuser: Client) -> None:
        response = superuser.post(
            f"{ROLES}add/", {"name": " editor ", "permission_names": "write\r\n\r\n read \r\nblog.add_post"}
        )

        assert response.status_code == 302
        assert userroles.get_permissions_for_role("editor") == ["blog.add_post", "read", "write"]
        assert logged() == [("editor", ADDITION, "Added.")]

    def test_its_permissions_are_edited(self, superuser: Client) -> None:
        userroles.create_new_role_or_add_permissions("editor", ["read", "write"])
        page = html(superuser.get(page_of("editor")))
        assert "read\nwrite</textarea>" in page
        assert 'name="name"' not in page

        superuser.post(page_of("editor"), {"permission_names": "fly\nread"})

        assert userroles.get_permissions_for_role("editor") == ["fly", "read"]
        assert logged() == [("editor", CHANGE, "Changed Permissions.")]

    def test_what_was_not_changed_is_not_said_to_be(self, superuser: Client) -> None:
        userroles.create_new_role_or_add_permissions("editor", ["read", "write"])

        seen = {"initial-permission_names": "read\r\nwrite"}
        superuser.post(page_of("editor"), {**seen, "permission_names": " write\r\nread"})

        assert logged() == [("editor", CHANGE, "No fields changed.")]

    def test_what_others_gave_meanwhile_stays(self, superuser: Client) -> None:
        userroles.create_new_role_or_add_permissions("editor", ["read", "write"])
        assert 'name="initial-permission_names"' in html(superuser.get(page_of("editor")))
        userroles.create_new_role_or_add_permissions("editor", ["new"])

        seen = {"initial-permission_names": "read\r\nwrite"}
        superuser.post(page_of("editor"), {**seen, "permission_names": "read"})

        assert userroles.get_permissions_for_role("editor") == ["new", "read"]

    @pytest.mark.parametrize(
        ("form", "text"),
        [
            ({"name": "", "permission_names": ""}, "This field is required."),
            ({"name": "x" * 256, "permission_names": ""}, "Ensure this value has at most 255 characters"),
            ({"name": "taken", "permission_names": ""}, "Role with this Name already exists."),
            ({"name": "new", "permission_names": "x" * 256}, "must have 1 to 255 printable characters"),
            ({"name": "a\tb", "permission_names": ""}, "must have 1 to 255 printable characters"),
        ],
    )
    def test_a_mistake_is_told(self, superuser: Client, form: dict[str, str], text: str) -> None:
        userroles.create_new_role_or_add_permissions("taken", ["read"])

        assert text in html(superuser.post(f"{ROLES}add/", form))
        assert userroles.get_all_roles() == ["taken"]
        assert logged() == []

    def test_names_are_told_apart_letter_by_letter(self, superuser: Client) -> None:
        for name in ("editor", "Editor"):
            assert superuser.post(f"{ROLES}add/", {"name": name}).status_code == 302
        assert userroles.get_all_roles() == ["Editor", "editor"]

    def test_one_is_deleted_and_taken_from_everybody(self, superuser: Client, alice: str) -> None:
        userroles.create_new_role_or_add_permissions("editor", ["read"])
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        delete = page_of("editor").replace("change", "delete")
        assert "Are you sure" in html(superuser.get(delete))

        superuser.post(delete, {"post": "yes"})

        assert userroles.get_all_roles() == []
        assert userroles.get_roles_for_user(PUBLIC, alice) == []
        assert logged() == [("editor", DELETION, "")]

    def test_several_are_deleted_by_the_action(self, superuser: Client) -> None:
        for name in ("a", "b", "c"):
            userroles.create_new_role_or_add_permissions(name, [])
        chosen = [str(role.pk) for role in Role.objects.filter(name__in=["a", "b"])]

        superuser.post(ROLES, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})

        assert userroles.get_all_roles() == ["c"]

    def test_the_list_shows_them_by_name(self, superuser: Client) -> None:
        userroles.create_new_role_or_add_permissions("editor", ["read", "write"])
        userroles.create_new_role_or_add_permissions("admin", [])

        page = html(superuser.get(ROLES))

        assert rows(page) == [["admin", "0", "Who has it"], ["editor", "2", "Who has it"]]
        assert f'href="{GIVEN}?role__id__exact={Role.objects.get(name="editor").pk}"' in page
        assert [row[0] for row in rows(html(superuser.get(ROLES, {"q": "ed"})))] == ["editor"]

    def test_the_list_costs_the_same_for_one_and_for_many(self, superuser: Client) -> None:
        superuser.get(ROLES)
        for number in range(30):
            userroles.create_new_role_or_add_permissions(f"role {number}", ["read", "write"])
        with sql_statements() as statements:
            assert len(rows(html(superuser.get(ROLES)))) == 30
        assert len(statements) == 4, "\n".join(statements)


class TestGiven:
    @pytest.fixture(autouse=True)
    def _editor(self, _roles_are_on: None, superuser: Client) -> None:
        userroles.create_new_role_or_add_permissions("editor", ["read"])

    def form(self, user_id: str, tenant: str = PUBLIC) -> dict[str, Any]:
        return {"user_id": user_id, "tenant": tenant, "role": Role.objects.get(name="editor").pk}

    def test_a_role_is_given(self, superuser: Client, alice: str) -> None:
        page = html(superuser.get(f"{GIVEN}add/", {"user_id": alice}))
        assert f'value="{alice}"' in page
        assert '<option value="public" selected>' in page

        assert superuser.post(f"{GIVEN}add/", self.form(alice)).status_code == 302

        assert userroles.get_roles_for_user(PUBLIC, alice) == ["editor"]
        assert logged() == [(f"{alice}: editor (public)", ADDITION, "Added.")]

    def test_who_looked_for_a_user_gives_that_user_a_role(self, superuser: Client, alice: str) -> None:
        page = html(superuser.get(GIVEN, {"q": alice}))
        assert f'href="{GIVEN}add/?_changelist_filters=q%3D{alice}"' in page
        for path in (GIVEN, METADATA):
            form = html(superuser.get(f"{path}add/?_changelist_filters=q%3D{alice}"))
            assert f'value="{alice}"' in form
            assert 'value="editor"' not in html(superuser.get(f"{path}add/?_changelist_filters=q%3Deditor"))

    def test_by_an_external_id_too_and_in_another_tenant(
        self, superuser: Client, alice: str, tenant_acme: str
    ) -> None:
        users.create_user_id_mapping(alice, "crm-7")

        superuser.post(f"{GIVEN}add/", self.form("crm-7", tenant_acme))

        assert userroles.get_roles_for_user(tenant_acme, alice) == ["editor"]
        assert userroles.get_roles_for_user(PUBLIC, alice) == []

    def test_once_is_enough(self, superuser: Client, alice: str) -> None:
        superuser.post(f"{GIVEN}add/", self.form(alice))

        assert "already exists" in html(superuser.post(f"{GIVEN}add/", self.form(alice)))
        assert UserRole.objects.count() == 1

    @pytest.mark.parametrize("changes", [{"tenant": "nowhere"}, {"role": "99999"}, {"user_id": ""}])
    def test_a_mistake_is_told(self, superuser: Client, alice: str, changes: dict[str, str]) -> None:
        html(superuser.post(f"{GIVEN}add/", {**self.form(alice), **changes}))
        assert UserRole.objects.count() == 0

    def test_what_cannot_be_kept_is_refused(self, superuser: Client) -> None:
        page = html(superuser.post(f"{GIVEN}add/", self.form("a\u200bb"), follow=True))
        assert "Nothing was changed: The user ID must have 1 to 128 printable characters" in page
        assert (UserRole.objects.count(), logged()) == (0, [])

    def test_it_is_taken_away_again(self, superuser: Client, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        given = UserRole.objects.get()
        page = html(superuser.get(f"{GIVEN}{given.pk}/change/"))
        assert 'name="_save"' not in page
        assert f'<a href="/admin/supertokens_django/user/{alice}/change/">{ALICE.email}</a>' in page
        assert superuser.post(f"{GIVEN}{given.pk}/change/", self.form("mallory")).status_code == 403

        superuser.post(f"{GIVEN}{given.pk}/delete/", {"post": "yes"})

        assert userroles.get_roles_for_user(PUBLIC, alice) == []
        assert logged() == [(f"{alice}: editor (public)", DELETION, "")]

    def test_the_list_says_who_it_is(self, superuser: Client, alice: str) -> None:
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        userroles.add_role_to_user(PUBLIC, "a stranger", "editor")

        page = html(superuser.get(GIVEN))

        assert rows(page) == [
            ["a stranger", "editor", "public", "a stranger"],
            [ALICE.email, "editor", "public", alice],
        ]
        assert f'href="/admin/supertokens_django/user/{alice}/change/"' in page

    @pytest.mark.parametrize("term", ["editor", "alice@", "ALICE", "id of alice"])
    def test_search_finds_by_role_and_by_user(
        self, superuser: Client, alice: str, bob: str, term: str
    ) -> None:
        userroles.create_new_role_or_add_permissions("admin", [])
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        userroles.add_role_to_user(PUBLIC, bob, "admin")

        found = rows(html(superuser.get(GIVEN, {"q": alice if term == "id of alice" else term})))
        assert [row[0] for row in found] == [ALICE.email]

    def test_the_page_of_a_role_and_of_a_user_lead_there(
        self, superuser: Client, alice: str, bob: str
    ) -> None:
        userroles.create_new_role_or_add_permissions("admin", [])
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        userroles.add_role_to_user(PUBLIC, bob, "admin")

        by_role = superuser.get(GIVEN, {"role__id__exact": Role.objects.get(name="editor").pk})
        assert [row[0] for row in rows(html(by_role))] == [ALICE.email]
        page = html(superuser.get(f"/admin/supertokens_django/user/{alice}/change/"))
        assert f'href="{GIVEN}?q={alice}"' in page
        assert f'href="{METADATA}?q={alice}"' in page

    def test_the_list_costs_the_same_for_one_and_for_many(self, superuser: Client, alice: str) -> None:
        superuser.get(GIVEN)
        for number in range(40):
            userroles.add_role_to_user(PUBLIC, f"user {number}", "editor")
        with sql_statements() as statements:
            assert len(rows(html(superuser.get(GIVEN)))) == 40
        assert len(statements) == 5, "\n".join(statements)

    def test_roles_and_tenants_are_offered(self, superuser: Client, tenant_acme: str) -> None:
        for field, term, expected in (("role", "ed", ["editor"]), ("tenant", "ac", ["acme"])):
            asked = {"term": term, "app_label": "supertokens_django", "model_name": "userrole"}
            answer: Any = superuser.get("/admin/autocomplete/", {**asked, "field_name": field})
            assert [found["text"] for found in answer.json()["results"]] == expected


class TestMetadata:
    def page(self, user_id: str) -> str:
        return f"{METADATA}{user_id}/change/"

    def test_it_is_written(self, superuser: Client, alice: str) -> None:
        value = {"first_name": "Alice", "deep": {"a": [None, 1]}, "gone": None}
        superuser.post(f"{METADATA}add/", {"user_id": alice, "metadata": json.dumps(value)})

        assert usermetadata.get_user_metadata(alice) == {"first_name": "Alice", "deep": {"a": [None, 1]}}
        assert logged() == [(alice, ADDITION, "Added.")]

    def test_it_is_edited_and_what_was_left_out_is_removed(self, superuser: Client, alice: str) -> None:
        usermetadata.update_user_metadata(alice, {"a": 1, "b": {"c": "ü"}})
        page = html(superuser.get(self.page(alice)))
        assert "&quot;c&quot;: &quot;ü&quot;" in page
        assert f'<a href="/admin/supertokens_django/user/{alice}/change/">{ALICE.email}</a>' in page

        superuser.post(self.page(alice), {"metadata": '{"b": {"d": 2}, "e": []}'})

        assert usermetadata.get_user_metadata(alice) == {"b": {"d": 2}, "e": []}
        assert logged() == [(alice, CHANGE, "Changed Metadata.")]

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            ("{", "Enter a valid JSON."),
            ("[]", "The metadata must be an object"),
            ("7", "The metadata must be an object"),
            ('{"a": NaN}', "The metadata must be JSON"),
            ('{"a": "\\u0000"}', "The metadata must not contain NUL characters"),
        ],
    )
    def test_a_mistake_is_told(self, superuser: Client, alice: str, text: str, error: str) -> None:
        usermetadata.update_user_metadata(alice, {"a": 1})

        assert error in html(superuser.post(self.page(alice), {"metadata": text}))
        assert usermetadata.get_user_metadata(alice) == {"a": 1}
        assert logged() == []

    def test_what_other_requests_wrote_meanwhile_stays(self, superuser: Client, alice: str) -> None:
        """What the operator has not seen is not removed by what the operator leaves out."""
        usermetadata.update_user_metadata(alice, {"a": 1, "b": 1})
        assert 'name="initial-metadata"' in html(superuser.get(self.page(alice)))
        usermetadata.update_user_metadata(alice, {"new": 1})

        seen = {"initial-metadata": '{"a": 1, "b": 1}'}
        superuser.post(self.page(alice), {**seen, "metadata": '{"a": 2}'})

        assert usermetadata.get_user_metadata(alice) == {"a": 2, "new": 1}

    def test_it_is_cleared(self, superuser: Client, alice: str) -> None:
        usermetadata.update_user_metadata(alice, {"a": 1})

        superuser.post(f"{METADATA}{alice}/delete/", {"post": "yes"})

        assert usermetadata.get_user_metadata(alice) == {}
        assert UserMetadata.objects.count() == 0
        assert logged() == [(alice, DELETION, "")]

    def test_the_list_shows_whose_and_which_keys(self, superuser: Client, alice: str, bob: str) -> None:
        usermetadata.update_user_metadata(alice, {f"key {n}": n for n in range(9)})
        usermetadata.update_user_metadata(bob, {"b": 1, "a": 2})

        found = rows(html(superuser.get(METADATA, {"q": "alice@"})))
        keys = ", ".join(f"key {n}" for n in range(8)) + ", …"
        assert found == [[ALICE.email, keys, alice]]
        assert len(rows(html(superuser.get(METADATA)))) == 2

    def test_the_list_costs_the_same_for_one_and_for_many(self, superuser: Client) -> None:
        superuser.get(METADATA)
        for number in range(40):
            usermetadata.update_user_metadata(f"user {number}", {"a": 1})
        with sql_statements() as statements:
            assert len(rows(html(superuser.get(METADATA)))) == 40
        assert len(statements) == 5, "\n".join(statements)


def refuse(*args: Any) -> Any:
    raise GeneralError("Not today")


VERBS: dict[str, Any] = dict.fromkeys(
    (
        "create_new_role_or_add_permissions",
        "remove_permissions_from_role",
        "delete_role",
        "add_role_to_user",
        "remove_user_role",
        "update_user_metadata",
        "clear_user_metadata",
    ),
    refuse,
)
StubbornRoles = type("StubbornRoles", (UserRolesService,), VERBS)
StubbornMetadata = type("StubbornMetadata", (UserMetadataService,), VERBS)


def test_a_service_that_refuses_is_heard_and_nothing_is_written(superuser: Client, alice: str) -> None:
    userroles.create_new_role_or_add_permissions("editor", ["read"])
    userroles.add_role_to_user(PUBLIC, alice, "editor")
    usermetadata.update_user_metadata(alice, {"a": 1})
    role, given = Role.objects.get(), UserRole.objects.get()
    forms: dict[str, dict[str, Any]] = {
        f"{ROLES}add/": {"name": "new", "permission_names": ""},
        f"{ROLES}{role.pk}/change/": {"permission_names": ""},
        f"{ROLES}{role.pk}/delete/": {"post": "yes"},
        f"{GIVEN}add/": {"user_id": "bob", "tenant": PUBLIC, "role": role.pk},
        f"{GIVEN}{given.pk}/delete/": {"post": "yes"},
        f"{METADATA}{alice}/change/": {"metadata": "{}"},
        f"{METADATA}{alice}/delete/": {"post": "yes"},
    }
    roles, metadata = {"SERVICE_CLASS": StubbornRoles}, {"SERVICE_CLASS": StubbornMetadata}
    with supertokens_settings(USERROLES=roles, USERMETADATA=metadata):
        for path, form in forms.items():
            page = html(superuser.post(path, form, follow=True))
            assert "Nothing was changed: Not today" in page, path
    assert userroles.get_permissions_for_role("editor") == ["read"]
    assert userroles.get_users_that_have_role(PUBLIC, "editor") == [alice]
    assert usermetadata.get_user_metadata(alice) == {"a": 1}
    assert logged() == []


class TestPermissions:
    @pytest.mark.parametrize("path", [ROLES, GIVEN, METADATA])
    def test_without_them_nothing_is_shown(self, path: str, operator: Operator) -> None:
        client = operator()
        assert client.get(path).status_code == 403
        assert client.get(f"{path}add/").status_code == 403

    def test_who_may_look_may_not_change(self, operator: Operator, alice: str) -> None:
        userroles.create_new_role_or_add_permissions("editor", ["read", "write"])
        userroles.add_role_to_user(PUBLIC, alice, "editor")
        usermetadata.update_user_metadata(alice, {"a": 1})
        client = operator("view_role", "view_userrole", "view_usermetadata")
        pages = [
            page_of("editor"),
            f"{GIVEN}{UserRole.objects.get().pk}/change/",
            f"{METADATA}{alice}/change/",
        ]

        assert "read\nwrite" in html(client.get(pages[0]))
        for page in pages:
            assert "<textarea" not in html(client.get(page))
            assert client.post(page, {"permission_names": "", "metadata": "{}"}).status_code == 403
            assert client.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403
        assert userroles.get_permissions_for_role("editor") == ["read", "write"]

    def test_each_permission_is_enough_for_its_work(self, operator: Operator, alice: str) -> None:
        client = operator(
            "add_role", "view_role", "view_tenant", "add_userrole", "delete_userrole", "view_userrole"
        )
        client.post(f"{ROLES}add/", {"name": "editor", "permission_names": "read"})
        role = Role.objects.get()
        client.post(f"{GIVEN}add/", {"user_id": alice, "tenant": PUBLIC, "role": role.pk})
        assert userroles.get_roles_for_user(PUBLIC, alice) == ["editor"]

        client.post(f"{GIVEN}{UserRole.objects.get().pk}/delete/", {"post": "yes"})
        assert userroles.get_roles_for_user(PUBLIC, alice) == []
        assert client.post(page_of("editor"), {"permission_names": ""}).status_code == 403


def test_roles_are_in_the_menu_while_they_are_on(superuser: Client, alice: str) -> None:
    assert ROLES in html(superuser.get("/admin/"))
    with supertokens_settings(RECIPES=["emailpassword"]):
        menu = html(superuser.get("/admin/"))
        assert ROLES not in menu
        assert METADATA in menu
        assert GIVEN not in html(superuser.get(f"/admin/supertokens_django/user/{alice}/change/"))


def test_it_speaks_german(superuser: Client, alice: str) -> None:
    userroles.create_new_role_or_add_permissions("editor", ["read"])
    with translation.override("de"):
        assert rows(html(superuser.get(ROLES)))[0] == ["editor", "1", "Wer sie hat"]
        assert "Eine je Zeile. Django zählt die" in html(superuser.get(page_of("editor")))
        assert "Rolle eines Benutzers" in html(superuser.get(f"{GIVEN}add/"))
        assert "Benutzer-Metadaten" in html(superuser.get(METADATA))
        assert "Welche Rollen dieser Benutzer hat" in html(
            superuser.get(f"/admin/supertokens_django/user/{alice}/change/")
        )
