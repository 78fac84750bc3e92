"""Signing in as a user, in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.test import Client

from supertokens_django.models import Session
from tests.accounts import django_user_of
from tests.admin.conftest import Operator, rows
from tests.base import ALICE, sql_statements, supertokens_settings
from tests.client import decode_jwt

pytestmark = pytest.mark.django_db

USERS = "/admin/supertokens_django/user/"
SESSIONS = "/admin/supertokens_django/session/"
BUTTON = "Sign in as this user"


def page(user_id: str) -> str:
    return f"{USERS}{user_id}/impersonate/"


def html(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


class TestTheButton:
    def test_it_stands_on_the_users_page(self, operator: Operator, alice: str) -> None:
        shown = html(operator("view_user", "impersonate_user").get(f"{USERS}{alice}/change/"))
        assert f'<a href="{page(alice)}">{BUTTON}</a>' in shown

    def test_not_for_those_who_may_not(self, operator: Operator, alice: str) -> None:
        assert BUTTON not in html(operator("view_user").get(f"{USERS}{alice}/change/"))


class TestThePage:
    def test_it_says_what_will_happen_and_does_nothing(self, superuser: Client, alice: str) -> None:
        shown = html(superuser.get(page(alice)))

        assert f"<strong>{ALICE.email}</strong>" in shown
        assert "It ends by itself after 1\xa0hour." in shown
        assert "You stay signed in to the admin." in shown
        assert not Session.objects.exists()

    def test_it_names_the_time_of_the_settings(self, superuser: Client, alice: str) -> None:
        with supertokens_settings(SESSION={"IMPERSONATION_LIFETIME": 900}):
            assert "after 15\xa0minutes." in html(superuser.get(page(alice)))

    @pytest.mark.parametrize("permissions", [["view_user"], ["impersonate_user"], []])
    def test_it_is_closed_without_both_permissions(
        self, operator: Operator, alice: str, permissions: list[str]
    ) -> None:
        client = operator(*permissions)
        assert client.get(page(alice)).status_code == 403
        assert client.post(page(alice)).status_code == 403
        assert not Session.objects.exists()

    def test_a_visitor_is_asked_to_log_in(self, acme: None, alice: str) -> None:
        response: Any = Client().post(page(alice))
        assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={page(alice)}")

    @pytest.mark.parametrize("user_id", ["nobody", "x" * 300, "../../x"])
    def test_an_unknown_user_is_not_found(self, superuser: Client, user_id: str) -> None:
        assert superuser.get(page(user_id)).status_code == 404


class TestThePost:
    def test_the_browser_has_the_users_session(self, superuser: Client, alice: str) -> None:
        response: Any = superuser.post(page(alice), {"reason": "ticket 17"})

        (row,) = Session.objects.all()
        assert (row.recipe_user_id, row.reason) == (alice, "ticket 17")
        assert decode_jwt(response.cookies["sAccessToken"].value)[1]["sub"] == alice
        assert (response.status_code, response["Location"]) == (302, "https://acme.com")
        assert [entry.get_change_message() for entry in LogEntry.objects.all()] == [
            "Signed in as this user. Reason: ticket 17"
        ]

    def test_it_leads_to_the_page_after_a_sign_in_where_the_website_is_here(
        self, superuser: Client, alice: str
    ) -> None:
        with supertokens_settings(WEBSITE_DOMAIN="https://api.acme.com"):
            response: Any = superuser.post(page(alice))
        assert response["Location"] == "/protected/"

    def test_one_stays_signed_in_to_the_admin(self, superuser: Client, alice: str) -> None:
        superuser.post(page(alice))
        shown = html(superuser.get("/admin/"))
        assert "root@acme.com" in shown

    def test_django_checks_the_form(self, superuser: Client, alice: str) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = superuser.cookies
        for headers in ({}, {"rid": "anti-csrf"}, {"authorization": "Bearer x"}):
            assert strict.post(page(alice), headers=headers).status_code == 403
        assert not Session.objects.exists()

    def test_a_refusal_says_why(self, operator: Operator, alice: str) -> None:
        get_user_model()._default_manager.filter(pk=django_user_of(alice).pk).update(is_superuser=True)
        response: Any = operator("view_user", "impersonate_user").post(page(alice))

        assert (response.status_code, response["Location"]) == (302, f"{USERS}{alice}/change/")
        assert said(response) == ["This user may do what you may not."]
        assert "sAccessToken" not in response.cookies

    def test_a_reason_that_is_too_long_is_asked_for_again(self, superuser: Client, alice: str) -> None:
        shown = html(superuser.post(page(alice), {"reason": "x" * 256}))
        assert "at most 255 characters" in shown
        assert not Session.objects.exists()


class TestTheSessionList:
    def test_it_says_who_uses_it(self, superuser: Client, alice: str) -> None:
        superuser.post(page(alice), {"reason": "ticket 17"})
        (row,) = Session.objects.all()

        assert rows(html(superuser.get(SESSIONS)))[0][1] == f"{ALICE.email} used by root@acme.com"
        shown = html(superuser.get(f"{SESSIONS}{row.pk}/change/"))
        assert "Impersonated by" in shown
        assert "ticket 17" in shown

    def test_it_can_be_asked_for_these_alone(self, superuser: Client, alice: str) -> None:
        superuser.post("/test/login", {"userId": alice}, content_type="application/json")
        superuser.post(page(alice))

        assert len(rows(html(superuser.get(SESSIONS)))) == 2
        assert [row[1] for row in rows(html(superuser.get(f"{SESSIONS}?actor__isnull=False")))] == [
            f"{ALICE.email} used by root@acme.com"
        ]

    def test_it_costs_the_same_for_many(self, superuser: Client, alice: str) -> None:
        for _ in range(10):
            superuser.post(page(alice))
        superuser.get(SESSIONS)
        with sql_statements() as statements:
            assert len(rows(html(superuser.get(SESSIONS)))) == 10
        assert len(statements) == 4, "\n".join(statements)
