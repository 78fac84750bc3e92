"""Who may do what in the admin: who may only look changes nothing, and nobody takes over who is above them."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client

from supertokens_django.models import Session, SigningKey
from supertokens_django.services import emailpassword, session, usermetadata, userroles, users
from tests.accounts import django_user_of
from tests.admin.conftest import Operator
from tests.admin.test_tools import ADMIN, log, passwords, tool
from tests.admin.test_users import LIST, html, page_of, run_action, sign_in
from tests.base import ALICE, MALLORY, supertokens_settings

pytestmark = pytest.mark.django_db


class TestTakingOver:
    """Who sets a password could sign in by it: nobody gains by that what they may not do themselves."""

    @pytest.mark.parametrize("name", ["password", "email"])
    def test_not_that_of_a_superuser(self, name: str, operator: Operator, alice: str) -> None:
        get_user_model()._default_manager.filter(supertokens_link__user_id=alice).update(is_superuser=True)
        client = operator("view_user", "change_user")
        assert tool(alice, name) not in html(client.get(page_of(alice)))
        assert client.get(tool(alice, name)).status_code == 403
        form = {**passwords(), "email": "new@example.com"}
        assert client.post(tool(alice, name), form).status_code == 403
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == alice

    def test_not_that_of_somebody_with_a_role_that_the_operator_lacks(
        self, operator: Operator, alice: str, bob: str
    ) -> None:
        with supertokens_settings(RECIPES=["emailpassword", "userroles"]):
            userroles.create_new_role_or_add_permissions("editor", [])
            userroles.add_role_to_user("public", alice, "editor")
            client = operator("view_user", "change_user")
            assert client.post(tool(alice, "password"), passwords()).status_code == 403
            assert client.post(tool(bob, "password"), passwords()).status_code == 302

    def test_not_that_of_somebody_with_another_permission_of_django(
        self, operator: Operator, alice: str
    ) -> None:
        client = operator("view_user", "change_user")
        django_user_of(alice).user_permissions.add(Permission.objects.get(codename="delete_logentry"))
        assert client.post(tool(alice, "password"), passwords()).status_code == 403

    @pytest.mark.parametrize("name", ["password", "email"])
    def test_not_that_of_somebody_who_is_switched_off_and_may_come_back(
        self, name: str, operator: Operator, alice: str
    ) -> None:
        client = operator("view_user", "change_user")
        person = django_user_of(alice)
        person.user_permissions.add(Permission.objects.get(codename="delete_logentry"))
        person.is_active = False
        person.save()
        form = {**passwords(), "email": "new@example.com"}
        assert client.post(tool(alice, name), form).status_code == 403
        person.refresh_from_db()
        assert not person.is_active

    def test_a_superuser_may(self, superuser: Client, alice: str) -> None:
        get_user_model()._default_manager.filter(supertokens_link__user_id=alice).update(is_superuser=True)
        assert superuser.post(tool(alice, "password"), passwords()).status_code == 302


class TestPermissions:
    """Nothing is changed by who may only look: by no form, by no action, by no request made by hand."""

    VIEW = ("view_user", "view_session", "view_signingkey", "view_usermetadata")

    @pytest.fixture
    def places(self, alice: str) -> dict[str, dict[str, str]]:
        handle = sign_in(ALICE.email, ALICE.password).session_handle
        return {
            tool(alice, "password"): passwords(),
            tool(alice, "email"): {"email": "new@example.com"},
            tool(alice, "reset-mail"): {},
            tool(alice, "name"): {"first_name": "Mallory"},
            f"{LIST}tool/new-emailpassword/": {
                "tenant": "public",
                "email": MALLORY.email,
                **passwords(),
            },
            f"{LIST}{alice}/impersonate/": {"reason": "why not"},
            f"{LIST}{alice}/delete/": {"post": "yes"},
            page_of(alice): {"is_primary": "on"},
            f"{ADMIN}session/{handle}/tool/revoke/": {},
            f"{ADMIN}session/{handle}/delete/": {"post": "yes"},
            f"{ADMIN}session/{handle}/change/": {"generation": "7"},
            f"{ADMIN}signingkey/tool/rotate/": {"kind": "dynamic"},
        }

    def test_who_may_only_look_changes_nothing(
        self, operator: Operator, alice: str, places: dict[str, dict[str, str]]
    ) -> None:
        client = operator(*self.VIEW)
        keys = SigningKey.objects.count()
        for path, form in places.items():
            if not path.endswith("/change/"):
                assert client.get(path).status_code == 403, path
            assert client.post(path, form).status_code == 403, path
        for action in ("delete_selected", "sign_out_everywhere", "tool_reset-mail"):
            run_action(client, action, alice, post="yes")
        handle = Session.objects.get().pk
        client.post(f"{ADMIN}session/", {"action": "revoke", "_selected_action": [handle]})
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == alice
        assert session.get_all_session_handles_for_user(alice) == [handle]
        assert usermetadata.get_user_metadata(alice) == {}
        assert (users.get_user_count(), SigningKey.objects.count()) == (1, keys)
        assert mail.outbox == []
        assert log() == []

    def test_and_sees_no_button(
        self, operator: Operator, alice: str, places: dict[str, dict[str, str]]
    ) -> None:
        client = operator(*self.VIEW)
        handle = Session.objects.get().pk
        for page in (LIST, page_of(alice), f"{ADMIN}session/", f"{ADMIN}session/{handle}/change/"):
            shown = html(client.get(page))
            assert "/tool/" not in shown
            assert "<option" not in shown
            assert "deletelink" not in shown
        assert "/tool/" not in html(client.get(f"{ADMIN}signingkey/"))

    def test_without_any_nothing_is_there(
        self, operator: Operator, places: dict[str, dict[str, str]]
    ) -> None:
        client = operator()
        for path, form in places.items():
            assert client.get(path).status_code == client.post(path, form).status_code == 403, path

    def test_neither_for_anybody_else(self, acme: None, places: dict[str, dict[str, str]]) -> None:
        for path, form in places.items():
            assert Client().post(path, form)["Location"].startswith("/admin/login/"), path

    @pytest.mark.parametrize(
        ("permissions", "allowed"),
        [
            (("view_user", "change_user"), ("password", "email", "reset-mail")),
            (("view_user", "add_user"), ("new-emailpassword",)),
            (("view_user", "change_usermetadata"), ("name",)),
            (("view_session", "delete_session"), ("revoke",)),
            (("view_signingkey", "change_signingkey"), ("rotate",)),
        ],
    )
    def test_each_takes_its_own(
        self,
        permissions: tuple[str, ...],
        allowed: tuple[str, ...],
        operator: Operator,
        alice: str,
        places: dict[str, dict[str, str]],
    ) -> None:
        client = operator(*permissions)
        for path in (path for path in places if "/tool/" in path):
            name = path.rstrip("/").rpartition("/")[2]
            assert client.get(path).status_code == (200 if name in allowed else 403), path

    def test_the_permission_without_that_to_look_is_not_enough(self, operator: Operator, alice: str) -> None:
        client = operator("change_usermetadata")
        assert client.post(tool(alice, "name"), {"first_name": "M"}).status_code == 403

    def test_a_link_from_elsewhere_does_nothing(self, acme: None, alice: str) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(
            get_user_model()._default_manager.create(email="root@acme.com", is_staff=True, is_superuser=True)
        )
        assert client.post(tool(alice, "password"), passwords()).status_code == 403
        assert emailpassword.sign_in("public", ALICE.email, ALICE.password).id == alice

    @pytest.mark.parametrize("path", ["nobody/tool/password/", "tool/password/", "tool/nonsense/"])
    def test_what_is_not_there_is_not_found(self, path: str, superuser: Client) -> None:
        assert superuser.get(f"{LIST}{path}").status_code == 404
        assert superuser.post(f"{LIST}{path}", passwords()).status_code == 404

    def test_a_tool_for_the_list_is_none_for_a_user(self, superuser: Client, alice: str) -> None:
        assert superuser.get(tool(alice, "new-emailpassword")).status_code == 404
