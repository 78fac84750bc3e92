"""Where the time of a request goes: ``python -m benchmarks.profile refresh``.

A timer looks every millisecond at what is being done, waiting for the database included; the request itself runs as it
always does, which a profiler that is told of every call would not let it.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import FrameType

from benchmarks import databases
from benchmarks.report import table

INTERVAL = 0.001
PARTS = (
    ("/django/db/backends/", "the database, and its driver"),
    ("/psycopg", "the database, and its driver"),
    ("/django/db/transaction", "transactions"),
    ("/django/db/", "Django's ORM"),
    ("/jwt/", "PyJWT and the RSA signature"),
    ("/cryptography/", "PyJWT and the RSA signature"),
    ("/hashers.py", "the password hasher"),
    ("/argon2/", "the password hasher"),
    ("/supertokens_django/", "supertokens_django"),
    ("/rest_framework/", "REST framework"),
    ("/django/", "the rest of Django"),
    ("/benchmarks/", ""),
)


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        name = f"benchmarks_profile_{os.getpid()}"
        if arguments.database == "sqlite":
            name = f"{folder}/{name}.sqlite3"
        databases.create(arguments.database, name)
        try:
            _profile(arguments, name)
        finally:
            databases.drop(arguments.database, name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("case", help='"verify", "refresh", "sign-in", …: a name of benchmarks.cases')
    parser.add_argument("--database", choices=databases.KINDS, default="sqlite")
    parser.add_argument("--seconds", type=float, default=5.0)
    return parser.parse_args()


def _profile(arguments: argparse.Namespace, name: str) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "BENCHMARKS_DATABASE": arguments.database,
        "BENCHMARKS_NAME": name,
    }
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from benchmarks import wsgi
    from benchmarks.peers.ours import peer

    call_command("migrate", verbosity=0)
    case = peer.cases(wsgi.handler())[arguments.case]
    samples, took = _samples(case, arguments.seconds)
    connection.close()  # else the database cannot be dropped
    print(_markdown(arguments.case, samples, took))


def _samples(case: object, seconds: float) -> tuple[Counter[tuple[str, str]], list[float]]:
    """How often each (part, function of ours) was found at work, and what each request took, in microseconds."""
    assert callable(case)
    samples: Counter[tuple[str, str]] = Counter()

    def look(number: int, frame: FrameType | None) -> None:
        samples[_part(frame), _own_function(frame)] += 1

    for _ in range(20):
        case()
    took: list[float] = []
    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
    try:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            took.append(case())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return samples, took


def _part(frame: FrameType | None) -> str:
    """Whose code is at work: that of the innermost file that is not Python's own."""
    while frame is not None:
        for path, part in PARTS:
            if path in frame.f_code.co_filename:
                return part
        frame = frame.f_back
    return ""


def _own_function(frame: FrameType | None) -> str:
    """The innermost function of ours on the way there."""
    while frame is not None:
        file = frame.f_code.co_filename
        if "/supertokens_django/" in file:
            module = Path(file).as_posix().rpartition("/supertokens_django/")[2]
            return f"{module.removesuffix('.py')}: {frame.f_code.co_name}"
        frame = frame.f_back
    return "outside of supertokens_django"


def _markdown(case: str, samples: Counter[tuple[str, str]], took: list[float]) -> str:
    parts: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for (part, function), count in samples.items():
        if part:  # making the request is no part of it
            parts[part] += count
            functions[function] += count
    total, mean = sum(parts.values()), sum(took) / len(took)

    def rows(counts: Counter[str], least: float) -> list[list[str]]:
        return [
            [name, f"{count / total:.0%}", f"{mean * count / total:.0f}"]
            for name, count in counts.most_common()
            if count / total >= least
        ]

    by_part = table([f"{case}: at work", "share", "µs"], rows(parts, 0.005))
    by_function = table(["on behalf of", "share", "µs"], rows(functions, 0.02))
    return f"{len(took)} requests of {mean:.0f} µs on average\n\n{by_part}\n\n{by_function}"


if __name__ == "__main__":
    main()
