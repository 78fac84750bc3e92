"""Users in the admin."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.test import Client
from django.utils import timezone

from supertokens_django.exceptions import GeneralError
from supertokens_django.services import emailpassword, session, users
from supertokens_django.users.models import LoginIdentity, LoginMethod, User
from supertokens_django.users.service import UsersService
from tests.accounts import django_user_of, has_username
from tests.admin.conftest import Operator, rows
from tests.base import ALICE, BOB, Clock, sql_statements, supertokens_settings
from tests.client import FrontendClient
from tests.users.test_find_users import give_login_method

pytestmark = pytest.mark.django_db

LIST = "/admin/supertokens_django/user/"


def html(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def page_of(user_id: str) -> str:
    return f"{LIST}{user_id}/change/"


def run_action(client: Client, action: str, *user_ids: str, **extra: str) -> Any:
    return client.post(LIST, {"action": action, "_selected_action": user_ids, **extra}, follow=True)


def sign_in(email: str, password: str) -> FrontendClient:
    browser = FrontendClient("header")
    browser.sign_in(email, password)
    assert browser.is_signed_in
    return browser


class TestList:
    def test_it_shows_who_is_there(self, clock: Clock, superuser: Client, alice: str) -> None:
        ((emails, recipes, tenants, django_user, joined, last, user_id),) = rows(html(superuser.get(LIST)))
        assert (user_id, emails, recipes, tenants) == (alice, ALICE.email, "emailpassword", "public")
        assert django_user in (f"#{django_user_of(alice).pk}", ALICE.email)
        assert joined == last == "Jan. 15, 2026, noon"

    def test_it_leads_to_the_django_user_where_the_admin_shows_it(
        self, superuser: Client, alice: str
    ) -> None:
        link = f'href="/admin/auth/user/{django_user_of(alice).pk}/change/"'
        assert (link in html(superuser.get(LIST))) is has_username()

    def test_it_says_how_many_it_found_after_a_search(self, superuser: Client, alice: str) -> None:
        assert "1 result " not in html(superuser.get(LIST))
        assert "1 result " in html(superuser.get(LIST, {"q": alice}))

    def test_the_newest_stands_first(self, clock: Clock, superuser: Client, alice: str) -> None:
        clock.advance(60)
        bob = emailpassword.sign_up("public", BOB.email, BOB.password).id
        assert [row[-1] for row in rows(html(superuser.get(LIST)))] == [bob, alice]
        assert [row[-1] for row in rows(html(superuser.get(f"{LIST}?o=5")))] == [alice, bob]

    def test_it_sorts_by_nothing_that_has_no_index(self, superuser: Client, alice: str) -> None:
        for column in range(1, 8):
            with sql_statements() as statements:
                html(superuser.get(f"{LIST}?o={column}"))
            assert not re.search(
                r"ORDER BY \W?supertokens_django_user\W+last_active_at", " ".join(statements)
            )

    def test_it_shows_each_tenant(self, superuser: Client, tenant_acme: str) -> None:
        emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password)
        assert rows(html(superuser.get(LIST)))[0][2] == tenant_acme

    def test_it_shows_a_user_without_a_django_user(self, superuser: Client) -> None:
        with supertokens_settings(DJANGO_USER={"CREATE": False}):
            emailpassword.sign_up("public", ALICE.email, ALICE.password)
        assert rows(html(superuser.get(LIST)))[0][3] == "-"

    def test_it_costs_the_same_for_one_and_for_many(self, superuser: Client, alice: str) -> None:
        superuser.get(LIST)
        for number in range(30):
            emailpassword.sign_up("public", f"user{number}@example.com", ALICE.password)
        with sql_statements() as statements:
            assert len(rows(html(superuser.get(LIST)))) == 31
        assert len(statements) == 7, "\n".join(statements)

    def test_it_counts_no_further_than_it_shows(self, superuser: Client, db: None) -> None:
        make_users(1001)
        with sql_statements() as statements:
            page = html(superuser.get(f"{LIST}?p=20"))
        assert "The first 1000 SuperTokens users; search to find others" in " ".join(page.split())
        assert len(rows(page)) == 50
        (count,) = [statement for statement in statements if "COUNT(" in statement]
        assert "LIMIT 1001" in count


class TestSearch:
    @pytest.fixture(autouse=True)
    def _people(self, alice: str, bob: str) -> None:
        users.create_user_id_mapping(bob, "crm-7")

    @pytest.mark.parametrize("term", ["alice@", "alice@example.com", " ALICE ", "a"])
    def test_by_the_start_of_an_e_mail(self, term: str, superuser: Client, alice: str) -> None:
        assert [row[-1] for row in rows(html(superuser.get(LIST, {"q": term})))] == [alice]

    @pytest.mark.parametrize("term", ["example.com", "lice", "nobody", "%", "_lice", "'", "\\"])
    def test_not_by_what_no_index_finds(self, term: str, superuser: Client) -> None:
        assert 'id="result_list"' not in html(superuser.get(LIST, {"q": term}))

    def test_by_id(self, superuser: Client, alice: str, bob: str) -> None:
        assert [row[-1] for row in rows(html(superuser.get(LIST, {"q": alice})))] == [alice]
        assert [row[-1] for row in rows(html(superuser.get(LIST, {"q": "crm-7"})))] == [bob]

    @pytest.mark.parametrize("term", ["+441865000000", "+44 1865 000000", "441865", "+44 (1865)"])
    def test_by_the_start_of_a_phone_number(self, term: str, superuser: Client, alice: str) -> None:
        give_login_method(alice, "passwordless", phone_number="+441865000000")
        assert [row[-1] for row in rows(html(superuser.get(LIST, {"q": term})))] == [alice]

    @pytest.mark.parametrize("term", ["1865000000", "+441866", "+"])
    def test_not_by_another_phone_number(self, term: str, superuser: Client, alice: str) -> None:
        give_login_method(alice, "passwordless", phone_number="+441865000000")
        assert 'id="result_list"' not in html(superuser.get(LIST, {"q": term}))

    def test_by_the_id_at_a_provider(self, superuser: Client, alice: str) -> None:
        give_login_method(alice, "thirdparty", third_party_id="google", third_party_user_id="865")
        assert [row[-1] for row in rows(html(superuser.get(LIST, {"q": "865"})))] == [alice]

    def test_it_costs_three_queries_more(self, superuser: Client) -> None:
        with sql_statements() as statements:
            html(superuser.get(LIST, {"q": "alice@"}))
        assert len(statements) == 9, "\n".join(statements)
        assert not [statement for statement in statements if "LIKE '%" in statement]


class TestPage:
    def test_it_shows_the_user_and_how_they_sign_in(self, superuser: Client, alice: str) -> None:
        page = html(superuser.get(page_of(alice)))
        assert page.count(alice) >= 2
        assert f"emailpassword: {ALICE.email}" in page
        assert f"/admin/supertokens_django/session/?q={alice}" in page

    def test_it_has_nothing_to_fill_in(self, superuser: Client, alice: str) -> None:
        page = html(superuser.get(page_of(alice)))
        assert 'name="_save"' not in page
        assert "<select" not in page
        assert superuser.post(page_of(alice), {"is_primary": "on"}).status_code == 403
        assert superuser.get(f"{LIST}add/").status_code == 403

    def test_it_shows_no_secret(self, superuser: Client, alice: str) -> None:
        encoded = LoginMethod.objects.get(id=alice).password.encoded
        page = html(superuser.get(page_of(alice)))
        assert encoded not in page
        assert encoded.rpartition("$")[2] not in page


class TestSigningOutEverywhere:
    def test_it_ends_the_sessions_of_the_chosen(self, superuser: Client, alice: str, bob: str) -> None:
        sign_in(ALICE.email, ALICE.password)
        sign_in(ALICE.email, ALICE.password)
        sign_in(BOB.email, BOB.password)
        page = html(run_action(superuser, "sign_out_everywhere", alice))
        assert "2 sessions were revoked." in page
        assert session.get_all_session_handles_for_user(alice) == []
        assert len(session.get_all_session_handles_for_user(bob)) == 1

    def test_it_is_written_down(self, superuser: Client, alice: str) -> None:
        run_action(superuser, "sign_out_everywhere", alice)
        entry = LogEntry.objects.get()
        assert (entry.object_id, entry.action_flag) == (alice, CHANGE)
        assert entry.get_change_message() == "Signed out everywhere."

    def test_who_may_not_delete_sessions_is_not_offered_it(self, operator: Operator, alice: str) -> None:
        sign_in(ALICE.email, ALICE.password)
        client = operator("view_user", "view_session")
        assert "sign_out_everywhere" not in html(client.get(LIST))
        run_action(client, "sign_out_everywhere", alice)
        assert len(session.get_all_session_handles_for_user(alice)) == 1

    def test_who_may_can(self, operator: Operator, alice: str) -> None:
        sign_in(ALICE.email, ALICE.password)
        run_action(operator("view_user", "delete_session"), "sign_out_everywhere", alice)
        assert session.get_all_session_handles_for_user(alice) == []


class StubbornService(UsersService):
    def delete_user(self, user_id: str, remove_all_linked_accounts: bool = True) -> None:
        raise GeneralError("This one stays")


class TestDeleting:
    def test_the_action_asks_and_then_deletes_by_the_service(
        self, superuser: Client, alice: str, bob: str
    ) -> None:
        django_user = django_user_of(alice)
        sign_in(ALICE.email, ALICE.password)
        page = html(run_action(superuser, "delete_selected", alice))
        assert f"emailpassword: {ALICE.email}" in page
        assert users.get_user(alice) is not None
        run_action(superuser, "delete_selected", alice, post="yes")
        assert users.get_user(alice) is None
        assert users.get_user(bob) is not None
        django_user.refresh_from_db()
        assert django_user.is_active is False
        assert [(entry.object_id, entry.action_flag) for entry in LogEntry.objects.all()] == [
            (alice, DELETION)
        ]

    def test_the_button_does_the_same(self, superuser: Client, alice: str) -> None:
        path = f"{LIST}{alice}/delete/"
        assert "Are you sure" in html(superuser.get(path))
        assert superuser.post(path, {"post": "yes"}).status_code == 302
        assert users.get_user(alice) is None
        assert LogEntry.objects.get().action_flag == DELETION

    @pytest.mark.parametrize(
        ("what", "text"),
        [("deactivate", "is switched off"), ("delete", "is deleted"), ("keep", "stays as it is")],
    )
    def test_it_says_what_goes(self, what: str, text: str, superuser: Client, alice: str) -> None:
        with supertokens_settings(DJANGO_USER={"ON_DELETE": what}):
            page = html(superuser.get(f"{LIST}{alice}/delete/"))
        assert "in every tenant, with sessions, roles and metadata" in page
        assert f"The Django user {text}" in page

    def test_a_service_that_refuses_is_heard(self, superuser: Client, alice: str) -> None:
        with supertokens_settings(USERS={"SERVICE_CLASS": StubbornService}):
            page = html(run_action(superuser, "delete_selected", alice, post="yes"))
            assert "Nothing was changed: This one stays" in page
            response = superuser.post(f"{LIST}{alice}/delete/", {"post": "yes"}, follow=True)
            assert "Nothing was changed: This one stays" in html(response)
        assert users.get_user(alice) is not None
        assert LogEntry.objects.count() == 0

    def test_who_may_not_is_not_offered_it(self, operator: Operator, alice: str) -> None:
        client = operator("view_user")
        assert "delete_selected" not in html(client.get(LIST))
        run_action(client, "delete_selected", alice, post="yes")
        assert client.post(f"{LIST}{alice}/delete/", {"post": "yes"}).status_code == 403
        assert users.get_user(alice) is not None

    def test_the_permission_to_delete_users_is_enough(self, operator: Operator, alice: str) -> None:
        client = operator("view_user", "delete_user")
        client.post(f"{LIST}{alice}/delete/", {"post": "yes"})
        assert users.get_user(alice) is None


class TestPermissions:
    @pytest.mark.parametrize("path", [LIST, f"{LIST}some-id/change/"])
    def test_without_them_nothing_is_shown(self, path: str, operator: Operator) -> None:
        assert operator().get(path).status_code == 403

    def test_nobody_else_gets_in(self, acme: None) -> None:
        assert Client().get(LIST)["Location"] == f"/admin/login/?next={LIST}"

    def test_an_unknown_id_is_told(self, superuser: Client) -> None:
        assert superuser.get(page_of("nobody"))["Location"] == "/admin/"


def make_users(count: int) -> None:
    now = timezone.now()
    people = [User(time_joined=now + timedelta(seconds=number)) for number in range(count)]
    User.objects.bulk_create(people)
    LoginMethod.objects.bulk_create(
        LoginMethod(id=user.id, user=user, recipe_id="emailpassword", email=f"{user.id}@example.com")
        for user in people
    )
    LoginIdentity.objects.bulk_create(
        LoginIdentity.of(
            LoginMethod(id=user.id, user=user, recipe_id="emailpassword"), "public", "email", user.id
        )
        for user in people
    )
