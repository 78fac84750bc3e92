"""``services.users.delete_user``."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from supertokens_django.services import emailpassword, session, users
from supertokens_django.signals import user_deleted
from tests.base import ALICE, BOB
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import INVALID_RESET_TOKEN, WRONG_CREDENTIALS
from tests.recipes.emailpassword.mailbox import Commit
from tests.users.test_find_users import give_login_method

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


def rows_that_name(text: str) -> list[str]:
    """Rows of this app's tables in which ``text`` occurs."""
    return [
        f"{model._meta.label}: {row}"
        for model in apps.get_app_config("supertokens_django").get_models()
        for row in model._default_manager.values()
        if text in repr(row)
    ]


def test_nothing_of_the_user_is_left(browser: FrontendClient, alice: str) -> None:
    browser.sign_in(ALICE.email, ALICE.password)
    emailpassword.create_reset_password_token("public", alice, ALICE.email)
    users.create_user_id_mapping(alice, "liddell", "from elsewhere", force=True)
    users.delete_user(alice)
    assert users.get_user(alice) is None
    assert [*rows_that_name(alice), *rows_that_name(ALICE.email), *rows_that_name("liddell")] == []


def test_the_sessions_end_and_nobody_signs_in_any_more(browser: FrontendClient, alice: str) -> None:
    browser.sign_in(ALICE.email, ALICE.password)
    token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
    users.delete_user(alice)
    assert session.get_all_session_handles_for_user(alice) == []
    response = browser.refresh()
    assert (response.status_code, json_of(response)) == (401, {"message": "unauthorised"})
    assert json_of(browser.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS
    assert json_of(browser.reset_password(token, BOB.password)) == INVALID_RESET_TOKEN


def test_others_are_left_alone(browser: FrontendClient, alice: str, bob: str) -> None:
    browser.sign_in(BOB.email, BOB.password)
    users.delete_user(alice)
    assert users.get_user_count() == 1
    assert browser.refresh().status_code == 200


@pytest.mark.parametrize("user_id", ["7f0c1c54-3a3c-4a8c-9f52-9d3a4c1b2a10", "", "x" * 500])
def test_an_unknown_id_is_fine(user_id: str, alice: str) -> None:
    users.delete_user(user_id)
    assert users.get_user_count() == 1


def test_a_second_time_is_fine(alice: str) -> None:
    users.delete_user(alice)
    users.delete_user(alice)


def test_a_mapped_id_names_the_user_too(alice: str) -> None:
    users.create_user_id_mapping(alice, "liddell")
    users.delete_user("liddell")
    assert users.get_user(alice) is None


class TestOneLoginMethodOnly:
    def test_a_further_one_goes_alone(self, visitor: FrontendClient, alice: str) -> None:
        phone = give_login_method(alice, "passwordless", phone_number="+441865000000")
        users.delete_user(phone, remove_all_linked_accounts=False)
        assert users.get_user(phone) is None
        found = users.get_user(alice)
        assert found is not None
        assert [method.recipe_id for method in found.login_methods.all()] == ["emailpassword"]
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password))["status"] == "OK"

    def test_the_first_one_goes_and_the_user_keeps_its_id(self, visitor: FrontendClient, alice: str) -> None:
        give_login_method(alice, "passwordless", phone_number="+441865000000")
        users.delete_user(alice, remove_all_linked_accounts=False)
        found = users.get_user(alice)
        assert found is not None
        assert [method.recipe_id for method in found.login_methods.all()] == ["passwordless"]
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password)) == WRONG_CREDENTIALS

    def test_the_last_one_takes_the_user_with_it(self, alice: str) -> None:
        users.delete_user(alice, remove_all_linked_accounts=False)
        assert users.get_user_count() == 0


class TestSignal:
    def test_it_is_sent_once_the_deletion_is_committed(
        self, alice: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        heard: list[dict[str, Any]] = []

        def listen(**kwargs: Any) -> None:
            heard.append(kwargs)

        user_deleted.connect(listen)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                users.delete_user(alice)
                assert heard == []
                users.delete_user("nobody")
        finally:
            user_deleted.disconnect(listen)
        ((sent),) = heard
        assert (sent["user_id"], sent["recipe_user_ids"]) == (alice, [alice])
