"""What a newcomer opens after ``make run``: pages, the three ways to protect an API, demo accounts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.urls import reverse

from example_project.management.commands.demo import ADMIN, PASSWORD, PEOPLE
from supertokens_django.services import emailverification, users
from tests.base import ALICE
from tests.client import FrontendClient, Mode, json_of

pytestmark = pytest.mark.django_db

APIS = ["/api/sync", "/api/async", "/api/drf"]


@pytest.fixture
def visitor() -> FrontendClient:
    """A browser at http://localhost, where the example project says that it is served."""
    return FrontendClient("cookie", host="localhost", secure=False)


@pytest.fixture
def alice(visitor: FrontendClient) -> FrontendClient:
    visitor.sign_up(ALICE.email, ALICE.password)
    return visitor


@pytest.fixture
def demo(db: None) -> str:
    """What ``manage.py demo`` prints."""
    printed = StringIO()
    with override_settings(DEBUG=True):
        call_command("demo", stdout=printed)
    return printed.getvalue()


class TestPages:
    def test_home_invites_a_visitor_to_sign_in(self, visitor: FrontendClient) -> None:
        response = visitor.get("/")
        assert response.status_code == 200
        assert 'href="/auth/?show=signup"' in text(response)
        assert "Not signed in" in text(response)

    def test_home_knows_who_is_signed_in(self, alice: FrontendClient) -> None:
        page = text(alice.get("/"))
        assert f"Welcome, {ALICE.email}" in page
        assert alice.session_handle in page

    def test_the_protected_page_sends_a_visitor_to_sign_in(self, visitor: FrontendClient) -> None:
        response = visitor.get("/protected/")
        assert (response.status_code, response["Location"]) == (302, "/auth/?next=/protected/")

    def test_the_protected_page_opens_for_somebody_signed_in(self, alice: FrontendClient) -> None:
        response = alice.get("/protected/")
        assert response.status_code == 200
        assert all(fact in text(response) for fact in (ALICE.email, alice.user_id, alice.session_handle))

    @pytest.mark.parametrize("path", ["/", "/protected/", "/verified/"])
    def test_a_strict_content_security_policy_would_break_nothing(
        self, path: str, alice: FrontendClient
    ) -> None:
        emailverification.mark_email_verified(alice.user_id)
        alice.sign_in(ALICE.email, ALICE.password)
        response = alice.get(path)
        assert response.status_code == 200
        page = text(response)
        assert (
            re.findall(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)|https?://", page) == []
        )


@pytest.mark.parametrize("path", APIS)
class TestApis:
    @pytest.mark.parametrize("mode", ["cookie", "header"])
    def test_it_says_who_is_signed_in(self, path: str, mode: Mode) -> None:
        alice = FrontendClient(mode, host="localhost", secure=False)
        alice.sign_up(ALICE.email, ALICE.password)
        response = alice.get(path)
        assert response.status_code == 200
        assert json.loads(text(response)) == {"userId": alice.user_id, "sessionHandle": alice.session_handle}

    def test_it_refuses_a_visitor(self, path: str, visitor: FrontendClient) -> None:
        assert visitor.get(path).status_code == 401


class TestDemo:
    def test_it_prints_the_addresses_and_the_accounts(self, demo: str) -> None:
        paths = ("/", "/auth/", "/auth/?show=code", "/protected/", "/verified/", "/admin/")
        addresses = [f"http://localhost:8000{path}" for path in paths]
        assert [word for word in (*addresses, ADMIN, *PEOPLE, PASSWORD) if word not in demo] == []

    def test_its_accounts_sign_in(self, demo: str, visitor: FrontendClient) -> None:
        for email in (ADMIN, *PEOPLE):
            assert json_of(visitor.sign_in(email, PASSWORD))["status"] == "OK"

    def test_its_superuser_opens_the_admin_by_either_way_in(self, demo: str, visitor: FrontendClient) -> None:
        visitor.sign_in(ADMIN, PASSWORD)
        assert visitor.get("/admin/").status_code == 200
        assert get_user_model().objects.get(username=ADMIN).check_password(PASSWORD)

    def test_its_other_accounts_do_not(self, demo: str, visitor: FrontendClient) -> None:
        visitor.sign_in(PEOPLE[0], PASSWORD)
        assert visitor.get("/admin/").status_code == 302

    def test_one_of_its_people_has_an_address_to_verify(self, demo: str) -> None:
        found = users.get_users_newest_first("public").users
        people = [method for user in found for method in user.login_methods.all()]
        verified = {one.email: emailverification.is_email_verified(one.id) for one in people}
        assert verified == {ADMIN: True, PEOPLE[0]: True, PEOPLE[1]: False}
        assert f"{PEOPLE[1]}, whose address is not verified yet" in demo

    def test_it_may_run_again(self, demo: str) -> None:
        with override_settings(DEBUG=True):
            call_command("demo", stdout=StringIO())
        assert users.get_user_count() == 3

    def test_it_refuses_to_make_accounts_with_a_known_password_where_debug_is_off(self) -> None:
        with pytest.raises(CommandError, match="development only"):
            call_command("demo", stdout=StringIO())
        assert users.get_user_count() == 0


def test_the_sign_out_button_posts_to_the_address_of_the_pages(alice: FrontendClient) -> None:
    assert f'action="{reverse("supertokens_pages:signout")}"' in text(alice.get("/"))


def text(response: object) -> str:
    content = getattr(response, "content", b"")
    assert isinstance(content, bytes)
    return content.decode()


@pytest.mark.parametrize(("environment", "buttons"), [({}, []), ({"GITHUB_CLIENT_ID": "x"}, ["github"])])
def test_buttons_of_providers_are_for_who_has_a_client(
    environment: dict[str, str], buttons: list[str]
) -> None:
    """And only then: nothing is offered that leads nowhere."""
    code = (
        "from django.conf import settings as s; "
        "print(*s.SUPERTOKENS['RECIPES'], *(one['third_party_id'] for one in s.PROVIDERS))"
    )
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_CLIENT_ID")}
    clean["DJANGO_SETTINGS_MODULE"] = "example_project.settings"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**clean, **environment}, capture_output=True, text=True, check=True
    )
    recipes = ["emailpassword", "passwordless", "emailverification"]
    wanted = [*recipes, *(["thirdparty"] if buttons else []), *buttons]
    assert done.stdout.split() == wanted
