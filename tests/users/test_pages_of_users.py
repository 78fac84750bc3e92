"""``get_users_oldest_first``, ``get_users_newest_first`` and ``get_user_count``."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from supertokens_django.exceptions import BadInputError, UnknownTenantError
from supertokens_django.services import emailpassword, users
from supertokens_django.users.models import LoginIdentity, LoginMethod, User
from tests.base import ALICE, Clock, sql_budget
from tests.users.test_find_users import give_login_method

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


@pytest.fixture
def seven(clock: Clock) -> list[str]:
    """Ids of seven users, oldest first; the fourth and the fifth joined in one millisecond."""
    joined: list[tuple[int, str]] = []
    for number in range(7):
        if number != 4:
            clock.advance(1)
        method = emailpassword.sign_up("public", f"user{number}@example.com", "password 1")
        joined.append((clock.milliseconds, method.id))
    ids = [user_id for _, user_id in joined]
    ids[3:5] = sorted(ids[3:5], reverse=True)
    return ids


def ids_of(page: Any) -> list[str]:
    return [user.id for user in page.users]


class TestOrder:
    def test_oldest_first_breaks_ties_by_falling_id(self, seven: list[str]) -> None:
        assert ids_of(users.get_users_oldest_first("public")) == seven

    def test_newest_first_breaks_ties_by_falling_id(self, seven: list[str]) -> None:
        newest = seven[::-1]
        newest[2:4] = sorted(newest[2:4], reverse=True)
        assert ids_of(users.get_users_newest_first("public")) == newest

    def test_linked_accounts_are_one_user(self, seven: list[str]) -> None:
        give_login_method(seven[0], "passwordless", phone_number="+441865000000")
        assert ids_of(users.get_users_oldest_first("public")) == seven


@pytest.mark.parametrize("verb", ["get_users_oldest_first", "get_users_newest_first"])
class TestPages:
    @pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8, 500])
    def test_following_the_tokens_gives_everybody_once(self, limit: int, verb: str, seven: list[str]) -> None:
        list_users: Callable[..., Any] = getattr(users, verb)
        everybody, token, pages = [], None, 0
        while pages == 0 or token is not None:
            page = list_users("public", limit=limit, pagination_token=token)
            assert len(page.users) <= limit
            everybody += ids_of(page)
            token, pages = page.next_pagination_token, pages + 1
        assert everybody == ids_of(list_users("public"))
        assert pages == -(-7 // limit)

    def test_a_token_names_the_first_user_of_the_next_page(self, verb: str, seven: list[str]) -> None:
        list_users: Callable[..., Any] = getattr(users, verb)
        token = list_users("public", limit=2).next_pagination_token
        first = list_users("public", limit=1, pagination_token=token).users[0]
        joined = round(first.time_joined.timestamp() * 1000)
        assert base64.b64decode(token).decode() == f"{first.id};{joined}"

    def test_without_users_there_is_one_empty_page(self, verb: str) -> None:
        page = getattr(users, verb)("public")
        assert (page.users, page.next_pagination_token) == ([], None)

    @pytest.mark.parametrize("limit", [0, -1, 501, 10**9])
    def test_a_limit_out_of_bounds_is_bad_input(self, limit: int, verb: str) -> None:
        with pytest.raises(BadInputError):
            getattr(users, verb)("public", limit=limit)

    @pytest.mark.parametrize("token", ["", "x", "????", "é", "a;b"])
    def test_a_token_that_is_no_base64_of_ours_is_bad_input(self, token: str, verb: str) -> None:
        with pytest.raises(BadInputError):
            getattr(users, verb)("public", pagination_token=token)

    @pytest.mark.parametrize(
        "inside", [b"a", b";", b"a;b", b"\xff;1", b"a;" + b"9" * 40, b"a;" + b"9" * 5000, b"a;-1e9", b"a;nan"]
    )
    def test_a_token_that_is_not_ours_inside_is_bad_input(self, inside: bytes, verb: str) -> None:
        with pytest.raises(BadInputError):
            getattr(users, verb)("public", pagination_token=base64.b64encode(inside).decode())

    def test_a_page_takes_the_same_few_statements_whatever_its_size(
        self, verb: str, seven: list[str]
    ) -> None:
        with sql_budget(4):
            getattr(users, verb)("public", limit=7)

    def test_only_users_of_the_tenant_come(self, verb: str, seven: list[str], tenant_acme: str) -> None:
        other = emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password).id
        assert ids_of(getattr(users, verb)(tenant_acme)) == [other]
        assert other not in ids_of(getattr(users, verb)("public"))

    def test_an_unknown_tenant_is_an_exception(self, verb: str) -> None:
        with pytest.raises(UnknownTenantError):
            getattr(users, verb)("wonderland")

    def test_recipes_can_be_chosen(self, verb: str, seven: list[str]) -> None:
        give_login_method(seven[2], "passwordless", phone_number="+441865000000")
        list_users: Callable[..., Any] = getattr(users, verb)
        assert ids_of(list_users("public", include_recipe_ids=["passwordless"])) == [seven[2]]
        assert len(ids_of(list_users("public", include_recipe_ids=["emailpassword", "passwordless"]))) == 7
        assert ids_of(list_users("public", include_recipe_ids=["thirdparty"])) == []

    def test_an_unknown_recipe_is_bad_input(self, verb: str) -> None:
        with pytest.raises(BadInputError):
            getattr(users, verb)("public", include_recipe_ids=["emailpassword", "carrier pigeon"])


class TestSearch:
    @pytest.fixture(autouse=True)
    def cast(self, clock: Clock) -> None:
        self.ids = {}
        for email in ("ann@acme.com", "anna@example.com", "bert@acme.com", "an%@odd.io", "a_n@odd.io"):
            clock.advance(1)
            self.ids[emailpassword.sign_up("public", email, "password 1").id] = email

    def search(self, **query: str) -> list[str]:
        page = users.get_users_oldest_first("public", query=query)
        assert page.next_pagination_token is None
        return [self.ids[user.id] for user in page.users]

    def test_it_is_by_the_start_of_the_email(self) -> None:
        assert self.search(email="ann") == ["ann@acme.com", "anna@example.com"]
        assert self.search(email="ann@") == ["ann@acme.com"]
        assert self.search(email="nn") == []

    def test_it_is_by_the_start_of_the_domain_too(self) -> None:
        assert self.search(email="acme.com") == ["ann@acme.com", "bert@acme.com"]
        assert self.search(email="exam") == ["anna@example.com"]

    def test_case_and_blanks_play_no_part(self) -> None:
        assert self.search(email=" ANN@ACME ") == ["ann@acme.com"]

    def test_several_are_split_by_semicolon(self) -> None:
        assert self.search(email="bert; anna") == ["anna@example.com", "bert@acme.com"]

    def test_wildcards_of_the_database_are_plain_characters(self) -> None:
        assert self.search(email="an%") == ["an%@odd.io"]
        assert self.search(email="a_n") == ["a_n@odd.io"]
        assert self.search(email="%") == []

    def test_it_is_by_the_start_of_the_phone_number(self) -> None:
        ann = next(iter(self.ids))
        give_login_method(ann, "passwordless", phone_number="+441865000000")
        assert self.search(phone="+44186") == ["ann@acme.com"]
        assert self.search(phone="+33") == []

    def test_it_is_by_the_start_of_the_provider(self) -> None:
        ann = next(iter(self.ids))
        give_login_method(ann, "thirdparty", third_party_id="google", third_party_user_id="865")
        assert self.search(provider="goo") == ["ann@acme.com"]
        assert self.search(provider="oogle") == []

    def test_all_fields_must_fit_one_login(self) -> None:
        ann, anna = list(self.ids)[:2]
        give_login_method(
            ann, "thirdparty", third_party_id="google", third_party_user_id="865", email="x@acme.com"
        )
        give_login_method(anna, "thirdparty", third_party_id="google", third_party_user_id="866")
        assert self.search(provider="google", email="acme.com") == ["ann@acme.com"]
        assert self.search(email="ann@acme.com", provider="google") == []

    def test_a_field_without_a_text_says_nothing(self) -> None:
        assert self.search(email=" ; ") == list(self.ids.values())
        assert self.search(email="", provider="google") == []

    @pytest.mark.parametrize("newest_first", [False, True])
    def test_the_oldest_or_the_newest_come_of_very_many(self, newest_first: bool) -> None:
        """More than are looked at one by one."""
        now = timezone.now()
        people = [User(time_joined=now + timedelta(seconds=n)) for n in range(1500)]
        User.objects.bulk_create(people)
        make_login_methods(people, "crowd.example")
        verb = users.get_users_newest_first if newest_first else users.get_users_oldest_first
        expected = [user.id for user in people][:: -1 if newest_first else 1]
        assert ids_of(verb("public", 3, query={"email": "crowd"})) == expected[:3]
        assert ids_of(verb("public", 1000, query={"email": "crowd"})) == expected[:1000]

    def test_a_limit_holds_and_may_be_more_than_that_of_a_page(self) -> None:
        def search(limit: int) -> list[str]:
            page = users.get_users_oldest_first("public", limit, query={"email": "acme"})
            return [self.ids[user.id] for user in page.users]

        assert search(1) == ["ann@acme.com"]
        assert search(5000) == ["ann@acme.com", "bert@acme.com"]

    @pytest.mark.parametrize("limit", [0, -1])
    def test_a_limit_of_nothing_is_bad_input(self, limit: int) -> None:
        with pytest.raises(BadInputError):
            users.get_users_oldest_first("public", limit, query={"email": "acme"})

    def test_an_unknown_field_is_bad_input(self) -> None:
        with pytest.raises(BadInputError):
            self.search(shoe="42")


def make_login_methods(people: list[User], domain: str | None = None) -> None:
    """E-mail addresses in one domain, or in many and every tenth user with another way in."""
    methods = [LoginMethod(id=user.id, user=user, **_account(n, domain)) for n, user in enumerate(people)]
    LoginMethod.objects.bulk_create(methods)
    LoginIdentity.objects.bulk_create(
        LoginIdentity.of(method, "public", "email", method.id) for method in methods
    )


def _account(number: int, domain: str | None) -> dict[str, str]:
    if domain is None and number % 10 == 8:
        return {"recipe_id": "passwordless", "phone_number": f"+441865{number}"}
    if domain is None and number % 10 == 9:
        return {"recipe_id": "thirdparty", "third_party_id": "google", "third_party_user_id": str(number)}
    at = domain or f"domain{number}.example"
    return {"recipe_id": "emailpassword", "email": f"person{number}@{at}"}


class TestCount:
    def test_it_counts_users_and_not_login_methods(self, seven: list[str]) -> None:
        give_login_method(seven[0], "passwordless", phone_number="+441865000000")
        assert users.get_user_count() == 7
        assert users.get_user_count(["emailpassword", "passwordless"]) == 7
        assert users.get_user_count(["passwordless"]) == 1
        assert users.get_user_count(["thirdparty"]) == 0

    def test_it_counts_all_tenants_unless_one_is_named(self, seven: list[str], tenant_acme: str) -> None:
        emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password)
        assert users.get_user_count() == 8
        assert users.get_user_count(tenant_id="public") == 7
        assert users.get_user_count(tenant_id=tenant_acme) == 1
        assert users.get_user_count(["emailpassword"], tenant_acme) == 1
        assert users.get_user_count(tenant_id=tenant_acme.upper()) == 1

    def test_an_unknown_recipe_is_bad_input(self) -> None:
        with pytest.raises(BadInputError):
            users.get_user_count(["carrier pigeon"])
