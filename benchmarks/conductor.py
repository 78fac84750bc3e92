"""The run: one process for each project, all of them alive at once, and each measured when it is its turn.

A machine whose speed drifts slows all of them alike then; and every figure is compared with the bare view of the same
process in the same turn.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import cases, databases

ROOT = Path(__file__).resolve().parent.parent
REPEAT, WARM_UP = 10, 2
REPEAT_ARGON2 = 2


@dataclass
class Figure:
    """One case of one project."""

    microseconds: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    statements: int = 0

    @property
    def median(self) -> float:
        return median(self.microseconds)

    @property
    def ratio(self) -> float:
        """How many times what it is compared with; the median over the turns."""
        return median(self.ratios)


Figures = dict[str, dict[str, Figure]]
"""By project and case."""


def environment(**options: str) -> dict[str, str]:
    """That of a measured process: ``peer="knox"`` becomes ``BENCHMARKS_PEER``."""
    own = {f"BENCHMARKS_{name.upper()}": value for name, value in options.items()}
    return {
        **os.environ,
        **own,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "PYTHONPATH": str(ROOT),
    }


class Worker:
    """A process of :mod:`benchmarks.worker`."""

    def __init__(self, **options: str) -> None:
        self.options = options
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(**options),
        )
        self.facts = self._hear()

    def turn(self, repeat: int, warm_up: int) -> dict[str, float]:
        return self.ask({"repeat": repeat, "warm_up": warm_up})

    def walks(self, *, of_large_tables: bool) -> dict[str, list[str]]:
        """Plans that walk through large tables; see :func:`benchmarks.plans.plans`."""
        return self.ask({"of_large_tables": of_large_tables})

    def ask(self, command: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self._hear()

    def stop(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def _hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process of {self.options} ended with {self.process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def workers(names: Sequence[str], database: str, hasher: str) -> Iterator[dict[str, Worker]]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        found = {}
        for name in names:
            database_name = f"benchmarks_{name}_{hasher}_{os.getpid()}"
            if database == "sqlite":
                database_name = f"{folder}/{database_name}.sqlite3"
            databases.create(database, database_name)
            stack.callback(databases.drop, database, database_name)
            found[name] = Worker(
                peer=name, database=database, name=database_name, hasher=hasher, rest_framework="1"
            )
            stack.callback(found[name].stop)
        yield found


def measure(names: Sequence[str], database: str, rounds: int) -> tuple[Figures, dict[str, dict[str, str]]]:
    """What requests cost with a hasher that costs nothing, as ratios to the bare view; and the versions by project."""
    with workers(names, database, "fast") as measured:
        figures = _turns(measured, rounds, cases.BARE, REPEAT, WARM_UP)
        versions = {name: worker.facts["versions"] for name, worker in measured.items()}
        for name, worker in measured.items():
            for case, count in worker.facts["statements"].items():
                figures[name][case].statements = count
    return figures, versions


def measure_argon2(names: Sequence[str], database: str, rounds: int) -> Figures:
    """What a sign-in costs with argon2, as ratios to the bare hasher."""
    with workers(names, database, "argon2") as measured:
        return _turns(measured, rounds, cases.HASHER, REPEAT_ARGON2, 0)


def _turns(measured: dict[str, Worker], rounds: int, zero: str, repeat: int, warm_up: int) -> Figures:
    figures: Figures = {name: defaultdict(Figure) for name in measured}
    order = list(measured)
    for number in range(rounds):
        random.shuffle(order)
        for name in order:
            found = measured[name].turn(repeat, warm_up)
            for case, microseconds in found.items():
                figures[name][case].microseconds.append(microseconds)
                figures[name][case].ratios.append(microseconds / found[zero])
        _progress(number + 1, rounds)
    return figures


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r  round {done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)
