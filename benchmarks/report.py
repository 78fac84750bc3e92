"""The figures as text: tables in Markdown, and the part of ``docs/benchmarks.md`` that a run replaces."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import cases, peers
from benchmarks.conductor import ROOT, Figure, Figures

PAGE = ROOT / "docs" / "benchmarks.md"
TITLES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}

ROWS = (
    (cases.BARE_INSTALLED, "bare view, everything installed"),
    (cases.VERIFY, "verify, token seen before"),
    (cases.VERIFY_FIRST, "verify, token on first sight"),
    (cases.VERIFY_WITHOUT_MIDDLEWARE, "verify, without the middleware"),
    (cases.VERIFY_USER, "verify, and load the user"),
    (cases.VERIFY_DATABASE, "verify, and ask the database for the session"),
    (cases.BARE_DRF, "bare view of REST framework"),
    (cases.VERIFY_DRF, "verify in a view of REST framework"),
    (cases.REFRESH, "refresh"),
    (cases.SIGN_IN, "sign-in, fast hasher"),
    (cases.SIGN_UP, "sign-up, fast hasher"),
    (cases.SIGN_OUT, "sign-out"),
)


@dataclass
class Results:
    """Everything that a run has found."""

    rounds: int
    requests: dict[str, Figures] = field(default_factory=dict)
    """By database."""
    argon2: dict[str, Figures] = field(default_factory=dict)
    start: dict[str, dict[str, float]] = field(default_factory=dict)
    imports: dict[str, float] = field(default_factory=dict)
    asynchronous: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return [name for name in peers.NAMES if name in self.versions]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def markdown(results: Results) -> str:
    parts = [_circumstances(results)]
    parts += [_requests(results, database) for database in results.requests]
    parts += [_argon2(results)] if results.argon2 else []
    parts += [_start(results)] if results.start else []
    parts += [_asynchronous(results)] if results.asynchronous else []
    return "\n\n".join(parts)


def write(name: str, text: str, file: Path = PAGE) -> None:
    """Replace the part of the page that stands between ``<!-- name -->`` and ``<!-- end of name -->``."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    page = file.read_text()
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(page):
        raise SystemExit(f"{file} has no place for {name}")
    file.write_text(pattern.sub(lambda match: f"{begin}\n\n{text}\n\n{end}", page))


def measured_on() -> str:
    """When it was measured, and on what."""
    cpu = re.search(r"^model name\s*: (.+)$", _read("/proc/cpuinfo"), re.M)
    memory = re.search(r"^MemTotal:\s+(\d+) kB$", _read("/proc/meminfo"), re.M)
    facts = [
        f"{os.cpu_count()} × {cpu[1] if cpu else platform.machine()}",
        f"{int(memory[1]) / 2**20:.0f} GB" if memory else "",
        platform.system(),
        f"Python {platform.python_version()}",
    ]
    return f"Measured on {datetime.now(UTC).date().isoformat()}: {', '.join(filter(None, facts))}"


def _read(path: str) -> str:
    file = Path(path)
    return file.read_text() if file.exists() else ""


def _circumstances(results: Results) -> str:
    versions: dict[str, str] = {}
    for found in results.versions.values():
        versions |= {package: number for package, number in found.items() if number}
    text = ", ".join(f"{package} {number}" for package, number in sorted(versions.items()))
    return f"{measured_on()}; {results.rounds} rounds. {text}."


def _requests(results: Results, database: str) -> str:
    figures = results.requests[database]
    head = [TITLES[database], *(peers.load(name).title for name in results.names)]
    rows = []
    for case, title in ROWS:
        found = [figures[name].get(case) for name in results.names]
        if any(found):
            rows.append([title, *(_ratio(figure) for figure in found)])
    bare = [figures[name][cases.BARE] for name in results.names]
    rows.append(["*the bare view, µs*", *(f"{figure.median:.0f}" for figure in bare)])
    return table(head, rows)


def _ratio(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    statements = f" ({figure.statements} SQL)" if figure.statements else ""
    return f"{figure.ratio:.2f} ×{statements}" if figure.ratio < 10 else f"{figure.ratio:.1f} ×{statements}"


def _argon2(results: Results) -> str:
    names = [name for name in results.names if name in next(iter(results.argon2.values()))]
    head = ["Sign-in with argon2, × the bare hasher", *(peers.load(name).title for name in names)]
    rows = [
        [TITLES[database], *(f"{figures[name][cases.SIGN_IN].ratio:.3f} ×" for name in names)]
        for database, figures in results.argon2.items()
    ]
    hashers = [median_of(results.argon2, name, cases.HASHER) for name in names]
    rows.append(["*the bare hasher, ms*", *(f"{value / 1000:.0f}" for value in hashers)])
    return table(head, rows)


def median_of(figures: Mapping[str, Figures], name: str, case: str) -> float:
    """The median in microseconds, of the first database."""
    return next(iter(figures.values()))[name][case].median


def _start(results: Results) -> str:
    names = [name for name in results.names if name in results.start]
    head = ["Start, beyond Django alone", *(peers.load(name).title for name in names)]
    facts = (
        ("milliseconds", "time, ms", "{:.0f}"),
        ("resident", "resident memory, MB", "{:.1f}"),
        ("traced", "memory of Python objects, MB", "{:.1f}"),
        ("modules", "modules", "{:.0f}"),
    )
    rows = [
        [title, *(form.format(results.start[name][fact]) for name in names)] for fact, title, form in facts
    ]
    text = table(head, rows)
    if results.imports:
        shown = [(package, time) for package, time in results.imports.items() if time >= 1]
        parts = ", ".join(f"{package} {time:.0f}" for package, time in shown)
        text += f"\n\nOf the time of supertokens_django, in milliseconds of `-X importtime`: {parts}."
    return text


def _asynchronous(results: Results) -> str:
    found = results.asynchronous
    return (
        f"An async view with its session verified takes {found['ratio']:.2f} × the bare async view (no other "
        f"middleware than ours). Threads beside the event loop's after {found['requests']} such requests: "
        f"{found['threads']}. After one with `check_database=True`: {found['threads with a query']}."
    )
