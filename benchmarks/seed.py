"""A database with as many users and sessions as a large site has, within minutes: ``python -m benchmarks.seed``.

PostgreSQL makes the rows itself, out of numbers, without indexes and foreign keys, which come afterwards.  What stands
in a row follows from its number, so that who measures knows it without asking: see :class:`Person`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import databases

if TYPE_CHECKING:
    from django.db.models import Model

PASSWORD = "wonderland 1865"
SESSIONS_PER_USER = 5
PEOPLE_PER_DOMAIN = 10
SMALL_TENANT = "small"
EVERY_SO_MANY_SMALL = 500
"""Every so many users are of the small tenant, not of ``public``."""
SETTINGS = {"peer": "at_scale", "database": "postgres"}


@dataclass(frozen=True)
class Person:
    """What is known of the user of a number: the same in SQL, see ``_EXPRESSIONS``."""

    number: int

    @property
    def id(self) -> str:
        return _uuid(f"user {self.number}")

    @property
    def recipe_id(self) -> str:
        return {8: "passwordless", 9: "thirdparty"}.get(self.number % 10, "emailpassword")

    @property
    def tenant_id(self) -> str:
        return "public" if self.number % EVERY_SO_MANY_SMALL else SMALL_TENANT

    @property
    def email(self) -> str:
        """Of those with e-mail and password."""
        return f"{self.id[:8]}{self.number}@mail{self.number // PEOPLE_PER_DOMAIN}.example.com"

    @property
    def phone_number(self) -> str:
        """Of those without a password."""
        return f"+44{self.number:010}"

    @property
    def third_party_user_id(self) -> str:
        """At ``google``, of those who came from there."""
        return f"{self.number:021}"

    def session_handle(self, number: int) -> str:
        """Of the first, second, … session."""
        return _uuid(f"session {self.number} {number}")

    @property
    def session_secret(self) -> str:
        return f"secret of {self.number}"


def _uuid(text: str) -> str:
    return str(uuid.UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()))


_ID = "md5('user ' || n)::uuid::text"
_JOINED = "now() - interval '1 day' - make_interval(secs => n)"
_EMAIL = f"left({_ID}, 8) || n || '@mail' || n / {PEOPLE_PER_DOMAIN} || '.example.com'"
_PHONE = "'+44' || lpad(n::text, 10, '0')"
_GOOGLE = "lpad(n::text, 21, '0')"
_RECIPE = "CASE n % 10 WHEN 8 THEN 'passwordless' WHEN 9 THEN 'thirdparty' ELSE 'emailpassword' END"
_TENANT = f"CASE n % {EVERY_SO_MANY_SMALL} WHEN 0 THEN '{SMALL_TENANT}' ELSE 'public' END"
_KIND = "CASE n % 10 WHEN 8 THEN 'phone' WHEN 9 THEN 'tparty' ELSE 'email' END"
_VALUE = f"CASE n % 10 WHEN 8 THEN {_PHONE} WHEN 9 THEN 'google::' || {_GOOGLE} ELSE {_EMAIL} END"
_KEY = f"encode(sha256(convert_to({_KIND}, 'UTF8') || '\\x00'::bytea || convert_to({_VALUE}, 'UTF8')), 'hex')"
_CREATED = "now() - make_interval(secs => n % 8640000)"

_EXPRESSIONS: Mapping[str, Mapping[str, str]] = {
    "User": {"id": _ID, "is_primary": "false", "time_joined": _JOINED, "last_active_at": _JOINED},
    "LoginMethod": {
        "id": _ID,
        "user_id": _ID,
        "recipe_id": _RECIPE,
        "email": f"CASE WHEN n % 10 < 8 THEN {_EMAIL} END",
        "phone_number": f"CASE n % 10 WHEN 8 THEN {_PHONE} END",
        "third_party_id": "CASE n % 10 WHEN 9 THEN 'google' END",
        "third_party_user_id": f"CASE n % 10 WHEN 9 THEN {_GOOGLE} END",
        "time_joined": _JOINED,
    },
    "LoginIdentity": {
        "login_method_id": _ID,
        "tenant_id": _TENANT,
        "recipe_id": _RECIPE,
        "kind": _KIND,
        "key": _KEY,
        "owner_id": _ID,
        "owner_joined": _JOINED,
    },
    "Password": {"login_method_id": _ID, "encoded": "%(encoded)s"},
    "DjangoUser": {
        "id": "n",
        "username": _ID,
        "email": f"CASE WHEN n % 10 < 8 THEN {_EMAIL} ELSE '' END",
        "password": "'!'",
        "date_joined": _JOINED,
    },
    "DjangoUserLink": {"user_id": _ID, "django_user_id": "n"},
    "Session": {
        "handle": "md5('session ' || n || ' ' || k)::uuid::text",
        "tenant_id": _TENANT,
        "recipe_user_id": _ID,
        "login_method_id": _ID,
        "access_token_payload": '\'{"iss": "https://testserver/auth"}\'::jsonb',
        "session_data": "'{}'::jsonb",
        "secret": "'secret of ' || n",
        "created_at": _CREATED,
        # One in ten expired within the last ten days, the others live for up to a hundred.
        "expires_at": "CASE WHEN k = 0 AND n % 2 = 0 THEN now() - make_interval(secs => 7200 + n % 864000) "
        f"ELSE {_CREATED} + interval '101 days' END",
        "ip_address": "'127.0.0.1'::inet",
        "user_agent": "'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'",
    },
}


def seed(name: str, users: int, sessions: int) -> None:
    """Make the database ``name`` anew, migrated and full."""
    databases.create("postgres", name)
    set_up(name)
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command
    from django.db import connection

    from supertokens_django import models

    call_command("migrate", verbosity=0)
    models.Tenant.objects.create(id=SMALL_TENANT)
    with connection.cursor() as cursor, _without_indexes(cursor):
        people, values = f"generate_series(1, {users}) n", {"encoded": make_password(PASSWORD)}
        for model in _models():
            source = people
            if model.__name__ == "Session":
                source = f"{people}, generate_series(0, {sessions // users - 1}) k"
            elif model.__name__ == "Password":
                source = f"{people} WHERE n % 10 < 8"
            _fill(cursor, model, source, values)
        cursor.execute("SELECT setval(pg_get_serial_sequence('auth_user', 'id'), %s)", [users])
    with connection.cursor() as cursor:
        _say("VACUUM ANALYZE")
        cursor.execute("VACUUM ANALYZE")


def set_up(name: str) -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    for option, value in {**SETTINGS, "name": name}.items():
        os.environ[f"BENCHMARKS_{option.upper()}"] = value
    django.setup()


def _models() -> list[type[Model]]:
    from django.contrib.auth.models import User as DjangoUser

    from supertokens_django import models

    names = ("User", "LoginMethod", "LoginIdentity", "Password", "DjangoUser", "DjangoUserLink", "Session")
    return [DjangoUser if name == "DjangoUser" else getattr(models, name) for name in names]


def _fill(cursor: Any, model: type[Model], source: str, values: Mapping[str, str]) -> None:
    """Insert a row for each number of ``source``; a column that nothing is said of gets the field's default."""
    own = "DjangoUser" if model._meta.app_label == "auth" else model.__name__
    known, columns, params = _EXPRESSIONS[own], {}, dict(values)
    for field in model._meta.local_concrete_fields:
        name = field.attname
        if getattr(field, "generated", False) or (field.primary_key and name not in known):
            continue
        if name in known:
            columns[str(field.column)] = (
                known[name].replace("%(", "\0").replace("%", "%%").replace("\0", "%(")
            )
        else:
            columns[str(field.column)] = f"%(default_{name})s"
            params[f"default_{name}"] = field.get_db_prep_save(field.get_default(), cursor.db)
    table = cursor.db.ops.quote_name(model._meta.db_table)
    names = ", ".join(f'"{column}"' for column in columns)
    begun = time.perf_counter()
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(columns.values())} FROM {source.replace('%', '%%')}",
        params,
    )
    _say(f"{cursor.rowcount} rows of {model._meta.db_table} in {time.perf_counter() - begun:.1f} s")


@contextmanager
def _without_indexes(cursor: Any) -> Iterator[None]:
    """Indexes, keys and constraints of the tables are taken off meanwhile, and made again for all rows at once."""
    tables = [model._meta.db_table for model in _models()]
    cursor.execute(
        "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype IN ('f', 'p', 'u') AND (conrelid::regclass::text = ANY(%s) "
        "OR confrelid::regclass::text = ANY(%s)) ORDER BY contype <> 'f', contype",
        [tables, tables],
    )
    constraints = cursor.fetchall()
    for table, name, _ in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)", [tables])
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    cursor.execute("SET maintenance_work_mem = '1GB'")
    begun = time.perf_counter()
    for _, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in reversed(constraints):
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    _say(f"{len(indexes)} indexes and {len(constraints)} constraints in {time.perf_counter() - begun:.1f} s")


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.seed", description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--sessions", type=int, help=f"by default {SESSIONS_PER_USER} for each user")
    parser.add_argument(
        "--database", default="benchmarks_seed", help="name on the PostgreSQL server; made anew"
    )
    arguments = parser.parse_args()
    sessions = arguments.sessions or SESSIONS_PER_USER * arguments.users
    if arguments.users < 1 or sessions % arguments.users:
        parser.error("there must be users, and as many sessions for each of them")
    begun = time.perf_counter()
    seed(arguments.database, arguments.users, sessions)
    _say(f"{arguments.database}: {arguments.users} users, {time.perf_counter() - begun:.0f} s in all")


if __name__ == "__main__":
    main()
