"""What the admin shows of verified e-mails, and does with them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client

from supertokens_django.services import emailverification
from tests.accounts import make_superuser
from tests.base import ALICE, supertokens_settings
from tests.recipes.emailpassword.mailbox import Commit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _recipes(acme: None) -> Iterator[None]:
    with supertokens_settings(
        RECIPES=["emailpassword", "emailverification"], EMAILVERIFICATION={"MODE": "REQUIRED"}
    ):
        yield


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(make_superuser("staff@acme.com"))
    return client


def page(staff: Client, user_id: str) -> str:
    return staff.get(f"/admin/supertokens_django/user/{user_id}/change/").content.decode()


def tool(user_id: str, name: str) -> str:
    return f"/admin/supertokens_django/user/{user_id}/tool/{name}/"


def test_an_address_is_marked_and_unmarked(staff: Client, alice: str) -> None:
    assert tool(alice, "verify-email") in page(staff, alice)
    assert tool(alice, "unverify-email") not in page(staff, alice)
    assert "icon-no" in page(staff, alice)
    assert ALICE.email in staff.get(tool(alice, "verify-email")).content.decode()
    assert not emailverification.is_email_verified(alice)

    assert staff.post(tool(alice, "verify-email")).status_code == 302
    assert emailverification.is_email_verified(alice)
    assert tool(alice, "verify-email") not in page(staff, alice)
    assert staff.get(tool(alice, "verify-email")).status_code == 403

    assert staff.post(tool(alice, "unverify-email")).status_code == 302
    assert not emailverification.is_email_verified(alice)
    logged = [entry.change_message for entry in LogEntry.objects.order_by("id")]
    assert ["Marked" in text for text in logged] == [True, True]


def test_a_link_is_sent(staff: Client, alice: str, django_capture_on_commit_callbacks: Commit) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert staff.post(tool(alice, "verification-mail")).status_code == 302
    assert [message.to for message in mail.outbox] == [[ALICE.email]]


def test_several_users_are_sent_one_by_an_action(
    staff: Client, alice: str, bob: str, django_capture_on_commit_callbacks: Commit
) -> None:
    emailverification.mark_email_verified(bob)
    form = {"action": "tool_verification-mail", "_selected_action": [alice, bob]}
    with django_capture_on_commit_callbacks(execute=True):
        answer = staff.post("/admin/supertokens_django/user/", form, follow=True).content.decode()
    assert [message.to for message in mail.outbox] == [[ALICE.email]]
    assert "1 user was sent a verification mail. 1 has nothing to verify." in answer


def test_they_are_not_there_while_the_recipe_is_off(staff: Client, alice: str) -> None:
    with supertokens_settings(RECIPES=["emailpassword"]):
        assert tool(alice, "verify-email") not in page(staff, alice)
        assert staff.get(tool(alice, "verify-email")).status_code == 404
