"""``GET /emailpassword/email/exists`` and its older path."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from supertokens_django.services import users
from tests.base import ALICE, BOB
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import message

pytestmark = pytest.mark.django_db

paths = pytest.mark.parametrize(
    "path",
    [
        "/auth/emailpassword/email/exists",
        "/auth/public/emailpassword/email/exists",
        "/auth/signup/email/exists",
        "/auth/public/signup/email/exists",
    ],
)
YES, NO = {"status": "OK", "exists": True}, {"status": "OK", "exists": False}


@paths
class TestEmailExists:
    @pytest.mark.parametrize("typed", [ALICE.email, "ALICE@Example.com", "  alice@example.com "])
    def test_it_finds_a_user_however_the_address_is_typed(
        self, typed: str, path: str, visitor: FrontendClient, alice: str
    ) -> None:
        response = visitor.get(f"{path}?email={quote(typed)}")
        assert response.status_code == 200
        assert json_of(response) == YES

    def test_it_does_not_find_a_stranger(self, path: str, visitor: FrontendClient, alice: str) -> None:
        assert json_of(visitor.get(f"{path}?email={BOB.email}")) == NO

    @pytest.mark.parametrize(
        "typed", ["alice", "@", "a@b", "%20", "%F0%9F%98%80", "a" * 5000, "%FF%FE", "alice%00"]
    )
    def test_what_is_no_address_does_not_exist(
        self, typed: str, path: str, visitor: FrontendClient, alice: str
    ) -> None:
        response = visitor.get(f"{path}?email={typed}")
        assert (response.status_code, json_of(response)) == (200, NO)

    def test_without_an_address_it_is_bad_input(self, path: str, visitor: FrontendClient) -> None:
        for query in ("", "?", "?mail=a@b.io", "?EMAIL=a@b.io"):
            response = visitor.get(path + query)
            assert response.status_code == 400
            assert json_of(response) == message("Please provide the email as a GET param")

    def test_of_a_repeated_address_the_last_counts(
        self, path: str, visitor: FrontendClient, alice: str
    ) -> None:
        assert json_of(visitor.get(f"{path}?email={BOB.email}&email={ALICE.email}")) == YES
        assert json_of(visitor.get(f"{path}?email={ALICE.email}&email={BOB.email}")) == NO

    def test_a_deleted_user_does_not_exist(self, path: str, visitor: FrontendClient, alice: str) -> None:
        users.delete_user(alice)
        assert json_of(visitor.get(f"{path}?email={ALICE.email}")) == NO


def test_it_looks_inside_the_tenant_only(visitor: FrontendClient, tenant_acme: str, alice: str) -> None:
    assert json_of(visitor.email_exists(ALICE.email)) == YES
    assert json_of(visitor.email_exists(ALICE.email, tenant=tenant_acme)) == NO


def test_it_neither_reads_nor_makes_a_session(browser: FrontendClient, alice: str) -> None:
    browser.hold_access_token("not.a.token")
    response = browser.email_exists(ALICE.email)
    assert json_of(response) == YES
    assert not response.cookies
