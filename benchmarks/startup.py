"""What it costs to start a project: time, memory, and where the time goes.

Run as ``python -m benchmarks.startup`` it is that project: it starts as a server would have it, and prints what it
found.
"""

from __future__ import annotations

import gc
import json
import re
import subprocess
import sys
import time
import tracemalloc
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

START = time.perf_counter_ns()


def main() -> None:
    """Load the settings, the apps, the URLs and the middleware."""
    if "traced" in sys.argv:
        tracemalloc.start()
    import django

    django.setup()
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler

    import_module(settings.ROOT_URLCONF)
    WSGIHandler()
    took = (time.perf_counter_ns() - START) / 1e6
    gc.collect()
    print(
        json.dumps(
            {
                "milliseconds": took,
                "resident": _resident_megabytes(),
                "traced": tracemalloc.get_traced_memory()[0] / 2**20,
                "modules": len(sys.modules),
            }
        )
    )


def _resident_megabytes() -> float:
    """Memory of this process that is in RAM."""
    found = re.search(r"^VmRSS:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.M)
    return int(found[1]) / 1024 if found else float("nan")


# Called by the run


def beyond_django(environments: dict[str, dict[str, str]], rounds: int) -> dict[str, dict[str, float]]:
    """Medians of time and memory by project, those of ``nobody`` taken off; the projects take turns."""
    found: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in environments}
    for name, environment in environments.items():
        started(environment)  # writes the bytecode
        found[name]["traced"].append(started(environment, "traced")["traced"])
    for _ in range(rounds):
        for name, environment in environments.items():
            for fact, value in started(environment).items():
                if fact != "traced":
                    found[name][fact].append(value)
    medians = {
        name: {fact: median(values) for fact, values in facts.items()} for name, facts in found.items()
    }
    zero = medians["nobody"]
    return {
        name: {fact: value - zero[fact] for fact, value in facts.items()}
        for name, facts in medians.items()
        if name != "nobody"
    }


def started(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.startup", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def by_package(environment: dict[str, str], without: dict[str, str], rounds: int) -> dict[str, float]:
    """Milliseconds of ``-X importtime`` by package, for the modules that the project without it does not load."""
    base = set(_import_times(without))
    runs = [_import_times(environment) for _ in range(rounds)]
    times: dict[str, float] = defaultdict(float)
    for module in set().union(*runs) - base:
        times[_package(module)] += median(run.get(module, 0.0) for run in runs)
    return dict(sorted(times.items(), key=lambda item: -item[1]))


def _import_times(environment: dict[str, str]) -> dict[str, float]:
    """Each module's own milliseconds."""
    command = [sys.executable, "-X", "importtime", "-m", "benchmarks.startup"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    rows = re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", done.stderr, re.M)
    return {module: int(own) / 1000 for own, module in rows}


def _package(module: str) -> str:
    top = module.partition(".")[0]
    return "Python's own" if top in sys.stdlib_module_names else top


if __name__ == "__main__":
    main()
