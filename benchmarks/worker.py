"""A process that measures one project whenever it is its turn: one JSON command per line in, one answer out.

Run as ``python -m benchmarks.worker``, with the environment of :mod:`benchmarks.settings`.
"""

from __future__ import annotations

import gc
import json
import os
import random
import statistics
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import django
from django.core.management import call_command
from django.db import connection

from benchmarks import cases, peers, plans, wsgi
from benchmarks.cases import BARE_MIDDLEWARE, PERSON, Call, Case, Request


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    peers.current().prepare()
    measured = _cases()
    facts = {"statements": {name: _statements(case) for name, case in measured.items()}}
    gc.collect()
    gc.freeze()
    print(json.dumps({**facts, "versions": _versions()}), file=answers, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        answer = _walks(measured, **command) if "of_large_tables" in command else _turn(measured, **command)
        print(json.dumps(answer), file=answers, flush=True)


def _cases() -> dict[str, Case]:
    bare = wsgi.handler(*BARE_MIDDLEWARE)
    found: dict[str, Case] = {cases.BARE: Request(bare, lambda: wsgi.get("/bare"))}
    own = peers.current().cases(wsgi.handler())
    if os.environ.get("BENCHMARKS_HASHER") == "argon2":
        from django.contrib.auth.hashers import check_password, make_password

        encoded = make_password(PERSON["password"])
        found[cases.HASHER] = Call(lambda: check_password(PERSON["password"], encoded))
        return found | {name: case for name, case in own.items() if name == cases.SIGN_IN}
    return {**found, **own}


def _turn(measured: dict[str, Case], repeat: int, warm_up: int) -> dict[str, float]:
    """Measure every case ``repeat`` times, in any order; the median of each, in microseconds.

    Before that ``warm_up`` times for nothing: the other processes have left their caches.
    """
    order = list(measured)
    random.shuffle(order)  # else one of them would always run in the caches that the same other one left
    return {name: _median(measured[name], repeat, warm_up) for name in order}


def _median(case: Case, repeat: int, warm_up: int) -> float:
    for _ in range(warm_up):
        case()
    return statistics.median(case() for _ in range(repeat))


def _statements(case: Case) -> int:
    """How many SQL statements it costs, those that begin and end transactions left out."""
    case()
    case()
    found: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            found.append(sql)
        return execute(sql, params, many, context)

    fewest = 1000
    for _ in range(3):  # things that were made in advance run out, and are made anew
        found.clear()
        with connection.execute_wrapper(note):
            case()
        fewest = min(fewest, len(found))
    return fewest


def _walks(measured: dict[str, Case], of_large_tables: bool) -> dict[str, list[str]]:
    """The plans that read tables with many rows from one end to the other, by case."""
    large = _large_tables()
    found = {}
    for name, case in measured.items():
        case()  # what is made in advance is made now
        with plans.plans(of_large_tables=of_large_tables) as explained:
            case()
        found[name] = [plan for plan in explained if any(plans.walks_through(plan, table) for table in large)]
    return found


def _large_tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > 5000")
        return [name for (name,) in cursor.fetchall()]


def _versions() -> dict[str, str]:
    found = {}
    for package in ("Django", *peers.current().packages):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = ""
    return found


if __name__ == "__main__":
    main()
