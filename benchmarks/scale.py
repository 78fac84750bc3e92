"""Whether it stays as fast when there are many: ``python -m benchmarks.scale``.

The same requests and calls on PostgreSQL databases of different sizes, which :mod:`benchmarks.seed` makes where they
are missing.  As everywhere in the benchmarks, the processes take turns; a figure is the median over the rounds of what
it took on this database divided by what it took on the smallest one in the same round.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median

from benchmarks import databases, report
from benchmarks.conductor import ROOT, Worker
from benchmarks.seed import SESSIONS_PER_USER, SETTINGS

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS, REPEAT, WARM_UP = 40, 5, 1
LARGE = 100_000
"""Users from which on the database is right to use an index, whatever is asked."""

Times = dict[str, dict[int, list[float]]]
"""Microseconds by case and size, round by round."""


def main() -> None:
    arguments = _arguments()
    for size in arguments.sizes:
        if arguments.seed or not databases.exists(name_of(size)):
            seed(name_of(size), size)
    with _workers(arguments.sizes) as workers:
        walks = {size: worker.walks(of_large_tables=size >= LARGE) for size, worker in workers.items()}
        times = _measure(workers, arguments.rounds)
    text = markdown(times, arguments.rounds)
    print(text)
    for size, plans in walks.items():
        for case, found in plans.items():
            for plan in found:
                print(f"\n{size} users, {case}, walks through a table:\n{plan}", file=sys.stderr)
    if arguments.write:
        report.write("scale", text)
    if arguments.drop:
        for size in arguments.sizes:
            databases.drop("postgres", name_of(size))


def seed(database: str, users: int) -> None:
    """Make a database in a process of its own: each has settings of its own."""
    command = [sys.executable, "-m", "benchmarks.seed", "--users", str(users), "--database", database]
    subprocess.run(command, check=True, cwd=ROOT)


def name_of(size: int) -> str:
    """The database of so many users."""
    return f"benchmarks_scale_{size}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of users")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", action="store_true", help="make the databases anew")
    parser.add_argument("--drop", action="store_true", help="remove the databases afterwards")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    return parser.parse_args()


@contextmanager
def _workers(sizes: Sequence[int]) -> Iterator[dict[int, Worker]]:
    with ExitStack() as stack:
        found = {}
        for size in sorted(sizes):
            found[size] = Worker(**SETTINGS, name=name_of(size), users=str(size))
            stack.callback(found[size].stop)
        yield found


def _measure(workers: dict[int, Worker], rounds: int) -> Times:
    times: Times = defaultdict(lambda: defaultdict(list))
    for _ in range(rounds):
        for size in random.sample(list(workers), len(workers)):
            for case, microseconds in workers[size].turn(REPEAT, WARM_UP).items():
                times[case][size].append(microseconds)
    return times


def ratio(times: dict[int, list[float]], size: int) -> float:
    """How many times as long it takes as on the smallest database."""
    smallest = times[min(times)]
    return median(own / least for own, least in zip(times[size], smallest, strict=True))


def markdown(times: Times, rounds: int) -> str:
    """A row for each case: milliseconds on the smallest database, and how many times that on the others."""
    sizes = sorted(next(iter(times.values())))
    head = ["", f"ms, {_number(sizes[0])} users", *(f"× at {_number(size)}" for size in sizes[1:])]
    rows = [
        [case, f"{median(found[sizes[0]]) / 1000:.2f}", *(f"{ratio(found, size):.2f}" for size in sizes[1:])]
        for case, found in times.items()
        if case != "bare"
    ]
    sessions = _number(sizes[-1] * SESSIONS_PER_USER)
    return (
        f"{report.measured_on()}; {rounds} rounds; {_number(sizes[-1])} users have {sessions} sessions.\n\n"
        f"{report.table(head, rows)}"
    )


def _number(number: int) -> str:
    return f"{number:,}"


if __name__ == "__main__":
    main()
