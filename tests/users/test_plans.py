"""Lists and searches find users by indexes, however many others there are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from supertokens_django.models import User
from supertokens_django.services import users
from supertokens_django.users import accounts, search
from supertokens_django.users.accounts import AccountInfo
from tests.base import ALICE, sign_up
from tests.plans import plans, walks_through
from tests.users.test_pages_of_users import make_login_methods

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("acme")]

TABLES = ("user", "loginmethod", "loginidentity", "djangouserlink", "useridmapping")
CALLS: dict[str, Callable[[], Any]] = {
    "newest first": lambda: users.get_users_newest_first("public", 10),
    "oldest first": lambda: users.get_users_oldest_first("public", 10),
    "by token": lambda: users.get_users_newest_first(
        "public", 10, users.get_users_newest_first("public", 10).next_pagination_token
    ),
    "of a recipe": lambda: users.get_users_newest_first("public", 10, None, ["thirdparty"]),
    "by e-mail": lambda: users.get_users_newest_first("public", 10, query={"email": "person7@"}),
    "by domain": lambda: users.get_users_newest_first("public", 10, query={"email": "domain7.example"}),
    "by phone number": lambda: users.get_users_newest_first("public", 10, query={"phone": "+4418657"}),
    "by provider": lambda: users.get_users_newest_first("public", 10, query={"provider": "linkedin"}),
    "by two fields": lambda: users.get_users_newest_first(
        "public", 10, query={"provider": "google", "email": "nobody@"}
    ),
    "by ID": lambda: users.get_user("user 7"),
    "admin: by ID": lambda: search.user_ids_found_by("user 7"),
    "admin: by e-mail": lambda: search.user_ids_found_by("person7@"),
    "admin: by phone number": lambda: search.user_ids_found_by("+44 1865 7"),
}


if settings.DATABASES["default"]["ENGINE"].endswith("mysql"):
    # Two directions in one order: MySQL and MariaDB sort the users of the tenant for it.
    del CALLS["oldest first"]


@pytest.fixture(autouse=True)
def crowd(transactional_db: None) -> None:
    now = timezone.now()
    people = [
        User(id=f"user {number}", time_joined=now + timedelta(seconds=number)) for number in range(1000)
    ]
    User.objects.bulk_create(people)
    make_login_methods(people)
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            cursor.execute("ANALYZE TABLE " + ", ".join(f"supertokens_django_{table}" for table in TABLES))
            cursor.fetchall()
        else:
            cursor.execute("ANALYZE")


@pytest.mark.parametrize("call", CALLS)
def test_no_statement_walks_through_a_table(call: str) -> None:
    with plans() as found:
        CALLS[call]()
    assert len(found) >= 1
    walks = [plan for plan in found for table in TABLES if walks_through(plan, f"supertokens_django_{table}")]
    assert walks == [], "\n\n".join(walks)


def test_neither_does_a_sign_in() -> None:
    alice = sign_up(ALICE)
    with plans() as found:
        method = accounts.find_login_method(
            "public", "emailpassword", AccountInfo(email=ALICE.email), "password"
        )
    assert method is not None
    assert method.id == alice
    assert len(found) == 1
    walks = [plan for plan in found for table in TABLES if walks_through(plan, f"supertokens_django_{table}")]
    assert walks == [], "\n\n".join(walks)
