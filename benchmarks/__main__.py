"""What sessions cost, beside the other ways of having them in Django: ``python -m benchmarks``.

Without the packages that are compared it makes an environment of its own, ``.venv-benchmarks``; ``--only ours`` needs
none of them.  ``--write`` puts the figures into ``docs/benchmarks.md``, with a chart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import cases, chart, conductor, core, databases, environment, keys, peers, report, startup
from benchmarks.report import Results

ROUNDS, START_ROUNDS = 60, 9


def main() -> None:
    arguments = _arguments()
    names = arguments.only or list(peers.NAMES)
    if names != ["ours"] and not environment.is_complete():
        environment.run_again_inside()
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key.pem"
        keys.make(key)
        os.environ["BENCHMARKS_KEY"] = str(key)
        with core.running() as address:
            os.environ["BENCHMARKS_CORE"] = address
            results = _measure(names, arguments.database, arguments.rounds, arguments.quick)
    print(report.markdown(results))
    if arguments.write:
        report.write("figures", report.markdown(results))
        _draw(results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=peers.NAMES, help="leave the other projects out")
    parser.add_argument("--database", nargs="+", choices=databases.KINDS, default=list(databases.KINDS))
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"turns of every project ({ROUNDS})")
    parser.add_argument(
        "--quick", action="store_true", help="requests alone: no argon2, start-up, async views"
    )
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    return parser.parse_args()


def _measure(names: Sequence[str], kinds: Sequence[str], rounds: int, is_quick: bool) -> Results:
    results = Results(rounds)
    for database in kinds:
        _say(f"requests, {report.TITLES[database]}")
        results.requests[database], results.versions = conductor.measure(names, database, rounds)
    if is_quick:
        return results
    signing_in = [name for name in names if cases.SIGN_IN in results.requests[kinds[0]][name]]
    for database in kinds:
        _say(f"argon2, {report.TITLES[database]}")
        results.argon2[database] = conductor.measure_argon2(signing_in, database, rounds)
    _say("start-up and memory")
    environments = {name: conductor.environment(peer=name) for name in ("nobody", *names)}
    results.start = startup.beyond_django(environments, START_ROUNDS)
    if "ours" in names:
        results.imports = startup.by_package(environments["ours"], environments["nobody"], START_ROUNDS)
        _say("async views")
        results.asynchronous = _async_views()
    return results


def _async_views() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        environment = conductor.environment(peer="ours", name=f"{folder}/async.sqlite3")
        command = [sys.executable, "-m", "benchmarks.async_views"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _draw(results: Results) -> None:
    database = "postgres" if "postgres" in results.requests else next(iter(results.requests))
    figures = results.requests[database]
    panels = []
    for case, title in (
        (cases.VERIFY, "A verified request"),
        (cases.REFRESH, "Refresh"),
        (cases.SIGN_IN, "Sign-in, fast hasher"),
    ):
        bars = [
            chart.Bar(peers.load(name).title, figures[name][case].ratio, name == "ours")
            for name in results.names
            if case in figures[name]
        ]
        panels.append(chart.Panel(title, bars))
    subtitle = f"{report.TITLES[database]}, less is better, logarithmic scale"
    chart.draw("Times the bare view", subtitle, panels)


def _say(text: str) -> None:
    print(f"{text} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
