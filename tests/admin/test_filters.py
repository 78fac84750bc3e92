"""Narrowing the list of users to a tenant or a recipe."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.services import emailpassword
from supertokens_django.users.models import LoginIdentity
from tests.admin.conftest import rows
from tests.admin.test_users import LIST, html, make_users
from tests.base import ALICE, BOB, Clock, sql_statements
from tests.users.test_find_users import give_login_method

pytestmark = pytest.mark.django_db


def shown(client: Client, **query: str) -> list[str]:
    page = html(client.get(LIST, query))
    return [row[-1] for row in rows(page)] if 'id="result_list"' in page else []


@pytest.fixture
def people(clock: Clock, superuser: Client, tenant_acme: str) -> dict[str, str]:
    """Alice in both tenants (an account each), Bob in ``public``, by e-mail and by Google."""
    found = {"alice": emailpassword.sign_up("public", ALICE.email, ALICE.password).id}
    clock.advance(60)
    found["bob"] = emailpassword.sign_up("public", BOB.email, BOB.password).id
    give_login_method(found["bob"], "thirdparty", third_party_id="google", third_party_user_id="865")
    clock.advance(60)
    found["alice of acme"] = emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password).id
    return found


class TestFilters:
    def test_by_tenant(self, superuser: Client, people: dict[str, str]) -> None:
        assert shown(superuser, tenant="acme") == [people["alice of acme"]]
        assert shown(superuser, tenant=" ACME ") == [people["alice of acme"]]
        assert shown(superuser, tenant="public") == [people["bob"], people["alice"]]

    def test_by_recipe(self, superuser: Client, people: dict[str, str]) -> None:
        assert shown(superuser, recipe="thirdparty") == [people["bob"]]
        assert len(shown(superuser, recipe="emailpassword")) == 3
        assert shown(superuser, recipe="webauthn") == []

    def test_by_both(self, superuser: Client, people: dict[str, str]) -> None:
        assert shown(superuser, tenant="public", recipe="thirdparty") == [people["bob"]]
        assert shown(superuser, tenant="acme", recipe="thirdparty") == []

    def test_with_a_search(self, superuser: Client, people: dict[str, str]) -> None:
        assert shown(superuser, q="alice@", tenant="acme") == [people["alice of acme"]]
        assert shown(superuser, q="alice@", recipe="thirdparty") == []
        assert shown(superuser, q="google", recipe="thirdparty") == [people["bob"]]

    def test_in_the_order_of_the_list(self, superuser: Client, people: dict[str, str]) -> None:
        assert shown(superuser, tenant="public", o="5") == [people["alice"], people["bob"]]

    @pytest.mark.parametrize("value", ["nowhere", "%", "\0", "'", "x" * 5000])
    def test_what_nobody_has_shows_nobody(
        self, value: str, superuser: Client, people: dict[str, str]
    ) -> None:
        assert shown(superuser, tenant=value) == []
        assert shown(superuser, recipe=value) == []

    def test_a_search_reaches_those_that_the_list_no_longer_shows(
        self, superuser: Client, acme: None
    ) -> None:
        Tenant.objects.create(id="acme")
        oldest = emailpassword.sign_up("public", ALICE.email, ALICE.password).id
        make_users(1001)
        assert oldest not in html(superuser.get(LIST, {"tenant": "public", "p": "20"}))
        assert shown(superuser, tenant="public", q="alice@") == [oldest]

    def test_it_reads_no_further_than_it_shows(self, superuser: Client, acme: None) -> None:
        Tenant.objects.create(id="acme")
        make_users(1001)
        with sql_statements() as statements:
            page = html(superuser.get(LIST, {"tenant": "public", "recipe": "emailpassword"}))
        assert "The first 1000 SuperTokens users; search to find others" in " ".join(page.split())
        (read,) = [
            statement for statement in statements if "ORDER BY" in statement and "owner_joined" in statement
        ]
        assert "LIMIT 1001" in read
        assert len(statements) == 8, "\n".join(f"{text[:200]}" for text in statements)

    def test_somebody_with_many_ways_in_is_there_once(self, superuser: Client, acme: None) -> None:
        Tenant.objects.create(id="acme")
        alice = emailpassword.sign_up("public", ALICE.email, ALICE.password).id
        method = give_login_method(alice, "thirdparty", third_party_id="google", third_party_user_id="0")
        more = [
            LoginIdentity.of(
                LoginIdentity.objects.get(login_method=method).login_method, "public", "tparty", f"{n}"
            )
            for n in range(1100)
        ]
        LoginIdentity.objects.bulk_create(more)
        assert shown(superuser, tenant="public") == [alice]
        assert shown(superuser, tenant="public", recipe="thirdparty", o="5") == [alice]


class TestChoices:
    def test_one_tenant_is_no_choice(self, superuser: Client) -> None:
        page = html(superuser.get(LIST))
        assert "?tenant=" not in page
        assert "?recipe=thirdparty" in page

    def test_several_are_links(self, superuser: Client, people: dict[str, str]) -> None:
        page = html(superuser.get(LIST, {"tenant": "acme"}))
        assert '<li class="selected"><a href="?tenant=acme">acme</a></li>' in page
        assert "?tenant=public" in page
        assert 'id="st-tenant"' not in page

    def test_of_very_many_one_is_written(self, superuser: Client, people: dict[str, str]) -> None:
        Tenant.objects.bulk_create(Tenant(id=f"customer {number:02}") for number in range(40))
        page = html(superuser.get(LIST, {"tenant": "public", "recipe": "thirdparty", "p": "0"}))
        assert '<input type="text" id="st-tenant" name="tenant" value="public"' in page
        assert '<input type="hidden" name="recipe" value="thirdparty">' in page
        assert "customer 28" in page
        assert "customer 29" not in page

    def test_nothing_is_counted_for_them(self, superuser: Client, people: dict[str, str]) -> None:
        page = html(superuser.get(LIST, {"_facets": "True"}))
        assert "Show counts" not in page
        assert "thirdparty (" not in page


@pytest.mark.parametrize(
    "address",
    [
        "user/?login_methods__email__icontains=a",
        "user/?last_active_at__gte=2026-01-01",
        "session/?user_agent__icontains=a",
        "session/?recipe_user_id__contains=a",
        "usermetadata/?metadata__plan=gold",
        "userrole/?user_id__endswith=7",
    ],
)
def test_an_address_asks_for_no_column_without_an_index(address: str, superuser: Client) -> None:
    assert superuser.get(f"/admin/supertokens_django/{address}").status_code == 400


def test_the_sessions_of_staff_who_act_as_users(superuser: Client, people: dict[str, str]) -> None:
    sessions: Any = "/admin/supertokens_django/session/"
    superuser.post(f"{LIST}{people['alice']}/impersonate/", {"reason": "Ticket 17"})
    emailpassword.sign_in("public", BOB.email, BOB.password)
    assert "used by" in html(superuser.get(sessions, {"acted": "staff"}))
    assert len(rows(html(superuser.get(sessions, {"acted": "staff"})))) == 1
    assert len(rows(html(superuser.get(sessions, {"actor__isnull": "False"})))) == 1
