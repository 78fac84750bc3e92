"""The benchmarks run, and say what they found."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import chart, report, startup
from benchmarks.chart import Bar, Panel
from benchmarks.conductor import environment

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_command_prints_a_figure_for_every_request_of_a_session() -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "ours", "--database", "sqlite", "--quick"]
    done = subprocess.run([*command, "--rounds", "1"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^\| (.+?) \| ([\d.]+) ×(?: \((\d) SQL\))? \|$", done.stdout, re.M)
    assert [title for title, _, _ in rows] == [
        "bare view, everything installed",
        "verify, token seen before",
        "verify, token on first sight",
        "verify, and load the user",
        "verify, and ask the database for the session",
        "bare view of REST framework",
        "verify in a view of REST framework",
        "refresh",
        "sign-in, fast hasher",
        "sign-up, fast hasher",
        "sign-out",
    ]
    assert [statements for _, _, statements in rows[:5]] == ["", "", "", "1", "1"]


@pytest.mark.slow
def test_start_up_is_what_comes_on_top_of_django() -> None:
    environments = {name: environment(peer=name) for name in ("nobody", "ours")}
    found = startup.beyond_django(environments, rounds=1)
    assert list(found) == ["ours"]
    assert found["ours"]["modules"] > 50
    assert found["ours"]["traced"] > 1


def test_a_table_is_one_of_markdown() -> None:
    text = report.table(["PostgreSQL", "ours", "theirs"], [["refresh", "2.00 ×", "–"]])
    assert text.splitlines() == [
        "| PostgreSQL | ours | theirs |",
        "| --- | ---: | ---: |",
        "| refresh | 2.00 × | – |",
    ]


def test_the_page_has_a_place_for_the_figures(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(report.PAGE.read_text())
    report.write("figures", "first", page)
    report.write("figures", "second", page)
    text = page.read_text()
    assert "\n<!-- figures -->\n\nsecond\n\n<!-- end of figures -->\n" in text
    assert "first\n" not in text


def test_the_chart_has_the_shortest_bar_first() -> None:
    bars = [Bar("slow <1>", 40.0, is_ours=False), Bar("fast", 1.2, is_ours=True)]
    text = chart.svg("Times the bare view", "less is better", [Panel("Refresh", bars)])
    assert text.index(">fast<") < text.index(">slow &lt;1&gt;<")
    widths = [float(width) for width in re.findall(r'<rect x="[\d.]+" .*?width="([\d.]+)" height="16"', text)]
    assert len(widths) == 2
    assert widths[0] < widths[1]
