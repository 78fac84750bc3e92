"""Sessions of a user with several login methods: who they belong to, and what goes with whom."""

from __future__ import annotations

from typing import Any

import pytest

from supertokens_django.exceptions import TokenTheftError
from supertokens_django.services import emailpassword, users
from supertokens_django.services import session as sessions
from supertokens_django.users.models import LoginMethod, User
from tests.accounts import django_user_of
from tests.base import ALICE, BOB, PUBLIC, Clock
from tests.client import FrontendClient, json_of, json_of_view


def link(recipe_user_id: str, user_id: str) -> None:
    """What linking accounts comes down to: one user has both login methods."""
    before = LoginMethod.objects.get(pk=recipe_user_id).user_id
    LoginMethod.objects.filter(pk=recipe_user_id).update(user=user_id)
    User.objects.filter(pk=before).delete()
    User.objects.filter(pk=user_id).update(is_primary=True)


@pytest.fixture
def second(alice: str, bob: str) -> str:
    """Alice's second login method: what was Bob's account is hers."""
    link(bob, alice)
    return bob


def make(recipe_user_id: str) -> Any:
    return sessions.create_new_session_without_request_response(PUBLIC, recipe_user_id)


def ids(session: Any) -> tuple[str, str]:
    return (session.get_user_id(), session.get_recipe_user_id())


class TestIds:
    def test_the_session_names_the_user_and_the_login_method(
        self, browser: FrontendClient, alice: str, second: str
    ) -> None:
        browser.sign_in(BOB.email, BOB.password)

        claims = browser.access_token_payload
        assert (claims["sub"], claims["rsub"], browser.front_token["uid"]) == (alice, second, alice)
        assert browser.session_handle in sessions.get_all_session_handles_for_user(alice)

    def test_what_is_stored_says_so_too(self, alice: str, second: str) -> None:
        found = sessions.get_session_information(make(second).get_handle())

        assert found is not None
        assert (found.user_id, found.recipe_user_id) == (alice, second)

    def test_the_django_user_is_that_of_the_user(
        self, browser: FrontendClient, alice: str, second: str
    ) -> None:
        browser.sign_in(BOB.email, BOB.password)

        assert json_of_view(browser.get("/test/whoami"))["pk"] == str(django_user_of(alice).pk)

    def test_external_ids_are_those_of_each(self, alice: str, second: str) -> None:
        users.create_user_id_mapping(alice, "external-user")
        users.create_user_id_mapping(second, "external-login-method")

        assert ids(make(second)) == ids(make("external-login-method"))
        assert ids(make(second)) == ("external-user", "external-login-method")

    @pytest.mark.parametrize("fdi", ["1.17", "2.0"])
    def test_the_old_user_shape_is_that_of_the_login_method(
        self, fdi: str, alice: str, second: str, browser: FrontendClient
    ) -> None:
        browser.fdi_version = fdi
        user = json_of(browser.sign_in(BOB.email, BOB.password))["user"]

        assert (user["id"], user["email"]) == (alice, BOB.email)


class TestLinkedLater:
    """An access token says who the user was when it was made; the next refresh says who it is."""

    def test_the_next_refresh_names_the_user(
        self, clock: Clock, alice: str, bob: str, browser: FrontendClient
    ) -> None:
        browser.sign_in(BOB.email, BOB.password)
        link(bob, alice)
        assert json_of_view(browser.get("/test/sync"))["userId"] == bob
        browser.refresh()

        assert json_of_view(browser.get("/test/sync"))["userId"] == alice
        assert (browser.user_id, browser.access_token_payload["rsub"]) == (alice, bob)

    def test_a_changed_payload_does_not(self, alice: str, bob: str, browser: FrontendClient) -> None:
        browser.sign_in(BOB.email, BOB.password)
        link(bob, alice)
        browser.post("/test/sync", {"do": "merge", "update": {"x-liked": 1}})

        assert (browser.user_id, browser.access_token_payload["x-liked"]) == (bob, 1)


class TestAllOfAUser:
    @pytest.fixture(autouse=True)
    def signed_in_by_both(self, alice: str, second: str) -> None:
        self.first_handle, self.second_handle = make(alice).get_handle(), make(second).get_handle()
        self.both = sorted([self.first_handle, self.second_handle])

    def test_they_are_listed_by_either_id(self, alice: str, second: str) -> None:
        for user_id in (alice, second):
            assert sorted(sessions.get_all_session_handles_for_user(user_id)) == self.both

    def test_those_of_one_login_method_are_listed_where_it_is_asked_for(
        self, alice: str, second: str
    ) -> None:
        listed = sessions.get_all_session_handles_for_user

        assert listed(alice, fetch_sessions_for_linked_accounts=False) == [self.first_handle]
        assert listed(second, False) == [self.second_handle]

    def test_they_are_revoked_by_either_id(self, second: str) -> None:
        assert sorted(sessions.revoke_all_sessions_for_user(second)) == self.both

    def test_those_of_one_login_method_are_revoked_where_it_is_asked_for(
        self, alice: str, second: str
    ) -> None:
        revoke = sessions.revoke_all_sessions_for_user

        assert revoke(second, revoke_sessions_for_linked_accounts=False) == [self.second_handle]
        assert sessions.get_all_session_handles_for_user(second) == [self.first_handle]

    def test_a_reset_of_one_password_ends_them_all(self, alice: str, second: str) -> None:
        token = emailpassword.create_reset_password_token(PUBLIC, second, BOB.email)

        answer = json_of(FrontendClient("header").reset_password(token, ALICE.password))
        assert answer == {"status": "OK"}
        assert sessions.get_all_session_handles_for_user(alice) == []


def test_a_theft_names_both(clock: Clock, alice: str, second: str) -> None:
    stolen = make(second).get_all_session_tokens_dangerously()["refreshToken"]
    sessions.refresh_session_without_request_response(stolen)
    clock.advance(31)

    with pytest.raises(TokenTheftError) as error:
        sessions.refresh_session_without_request_response(stolen)
    assert (error.value.user_id, error.value.recipe_user_id) == (alice, second)
