"""What the admin's lists cost the database of a large site: ``python -m benchmarks.admin_pages``.

Each page is asked for several times by a superuser.  Counted are its statements, measured is the time that they took
at the database: the median over the rounds.  ``EXPLAIN`` is asked for each statement's plan, with nothing forbidden to
the planner, and a table of ours that is read from one end to the other is reported.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks import databases, report
from benchmarks.seed import SMALL_TENANT, Person, seed, set_up

if TYPE_CHECKING:
    from django.test import Client

ROUNDS = 15
USERS, SESSIONS, ADMIN = "user/", "session/", "/admin/supertokens_django/"


def pages(size: int) -> Mapping[str, str]:
    """The addresses by what they are called; searches are for somebody in the middle of the crowd."""
    numbers = range(size // 2, size)
    by_password, by_phone, by_google = (
        next(person for person in map(Person, numbers) if person.recipe_id == recipe)
        for recipe in ("emailpassword", "passwordless", "thirdparty")
    )
    return {
        "users": USERS,
        "users, last page": f"{USERS}?p=19",
        "users, oldest first": f"{USERS}?o=5",
        "users of a large tenant": f"{USERS}?tenant=public",
        "users of a small tenant": f"{USERS}?tenant={SMALL_TENANT}",
        "users of a recipe": f"{USERS}?recipe=thirdparty",
        "users of a recipe that nobody has": f"{USERS}?recipe=webauthn",
        "users of a recipe in a tenant": f"{USERS}?tenant={SMALL_TENANT}&recipe=emailpassword",
        "users by ID": f"{USERS}?q={by_password.id}",
        "users by e-mail": f"{USERS}?q={by_password.email}",
        "users by start of e-mail, in a tenant": f"{USERS}?q={by_password.email[:9]}&tenant=public",
        "users by phone number": f"{USERS}?q=%2B{by_phone.phone_number[1:]}",
        "users by ID at provider": f"{USERS}?q=google:+{by_google.third_party_user_id}",
        "users by provider, the first 1,000": f"{USERS}?q=google",
        "page of a user": f"{USERS}{by_password.id}/change/",
        "sessions": SESSIONS,
        "sessions, last page": f"{SESSIONS}?p=19",
        "sessions of staff as users": f"{SESSIONS}?acted=staff",
        "sessions of a user": f"{SESSIONS}?q={by_password.id}",
        "sessions by e-mail": f"{SESSIONS}?q={by_password.email}",
        "signing keys": "signingkey/",
        "tenants": "tenant/",
        "user metadata": "usermetadata/",
    }


def measure(client: Client, path: str, rounds: int) -> tuple[int, float]:
    """The number of statements of a page, and the milliseconds that the database took for them."""
    from django.db import connection

    spent: list[float] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append((time.perf_counter() - start) * 1000)

    totals = []
    for _ in range(rounds + 1):
        spent.clear()
        with connection.execute_wrapper(watch):
            answer = client.get(f"{ADMIN}{path}")
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        totals.append(sum(spent))
    return len(spent), median(totals[1:])  # what the first one does is done once per process


def walks(client: Client, path: str) -> list[str]:
    """The plans of a page that read a large table of ours from one end to the other."""
    from benchmarks.plans import plans, walks_through

    tables = [f"supertokens_django_{name}" for name in ("user", "loginmethod", "loginidentity", "session")]
    with plans(of_large_tables=True) as found:
        client.get(f"{ADMIN}{path}")
    return [plan for plan in found if any(walks_through(plan, table) for table in tables)]


def main() -> None:
    arguments = _arguments()
    if arguments.seed or not databases.exists(arguments.database):
        seed(arguments.database, arguments.users, arguments.users)
    else:
        set_up(arguments.database)
    client = _operator()
    rows = []
    for name, path in pages(arguments.users).items():
        statements, milliseconds = measure(client, path, arguments.rounds)
        rows.append([name, str(statements), f"{milliseconds:.1f}"])
        for plan in walks(client, path):
            print(f"\n{name} walks through a table:\n{plan}", file=sys.stderr)
    text = f"{report.measured_on()}; {arguments.users:,} users with a session each; median of {arguments.rounds}.\n\n"
    text += report.table(["", "statements", "ms at the database"], rows)
    print(text)
    if arguments.write:
        report.write("admin", text)


def _operator() -> Client:
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    found, _ = User.objects.get_or_create(
        username="operator", defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client()
    client.force_login(found, "django.contrib.auth.backends.ModelBackend")
    return client


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.admin_pages", description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--database", default="benchmarks_admin", help="name on the PostgreSQL server")
    parser.add_argument("--seed", action="store_true", help="make the database anew")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
