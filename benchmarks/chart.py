"""The figures as a picture: bars in an SVG, written by hand so that nothing has to be installed for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from benchmarks.conductor import ROOT

FILE = ROOT / "docs" / "_static" / "benchmarks.svg"

WIDTH, LEFT, RIGHT = 860, 250, 110
ROW, BAR, GAP, TOP = 26, 16, 34, 64
OURS, OTHERS, INK, PALE, LINE = "#0f766e", "#94a3b8", "#0f172a", "#64748b", "#e2e8f0"
FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class Bar:
    name: str
    value: float
    is_ours: bool


@dataclass(frozen=True)
class Panel:
    title: str
    bars: Sequence[Bar]


def draw(title: str, subtitle: str, panels: Sequence[Panel], file: Path = FILE) -> None:
    """Write the picture: one panel below the other, bars on one logarithmic scale from 1 ×."""
    file.write_text(svg(title, subtitle, panels))


def svg(title: str, subtitle: str, panels: Sequence[Panel]) -> str:
    top = max(bar.value for panel in panels for bar in panel.bars)
    height = TOP + sum(GAP + ROW * len(panel.bars) for panel in panels) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="{FONT}" font-size="13" fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="10" fill="#ffffff"/>',
        f'<text x="24" y="32" font-size="17" font-weight="600">{escape(title)}</text>',
        f'<text x="24" y="52" fill="{PALE}">{escape(subtitle)}</text>',
        *_grid(top, height),
    ]
    y = TOP
    for panel in panels:
        parts.append(f'<text x="24" y="{y + 22}" font-weight="600">{escape(panel.title)}</text>')
        y += GAP
        for bar in sorted(panel.bars, key=lambda bar: bar.value):
            parts += _bar(bar, y, top)
            y += ROW
    return "\n".join([*parts, "</svg>", ""])


def _grid(top: float, height: int) -> list[str]:
    marks = [mark for mark in (1, 2, 5, 10, 20, 50, 100, 200, 500) if mark <= top]
    return [
        part
        for mark in marks
        for part in (
            f'<line x1="{_x(mark, top):.1f}" x2="{_x(mark, top):.1f}" y1="{TOP}" y2="{height - 28}" '
            f'stroke="{LINE}"/>',
            f'<text x="{_x(mark, top):.1f}" y="{height - 12}" text-anchor="middle" fill="{PALE}" '
            f'font-size="11">{mark} ×</text>',
        )
    ]


def _bar(bar: Bar, y: int, top: float) -> list[str]:
    colour, weight = (OURS, 600) if bar.is_ours else (OTHERS, 400)
    start, end = _x(1, top), max(_x(bar.value, top), _x(1, top) + 2)
    middle = y + ROW / 2 + 4.5
    value = f"{bar.value:.2f} ×" if bar.value < 10 else f"{bar.value:.0f} ×"
    return [
        f'<text x="{LEFT - 10}" y="{middle}" text-anchor="end" font-weight="{weight}">{escape(bar.name)}</text>',
        f'<rect x="{start:.1f}" y="{y + (ROW - BAR) / 2}" width="{end - start:.1f}" height="{BAR}" rx="3" '
        f'fill="{colour}"/>',
        f'<text x="{end + 8:.1f}" y="{middle}" font-weight="{weight}">{value}</text>',
    ]


def _x(value: float, top: float) -> float:
    scale = math.log(max(value, 1)) / math.log(max(top, 1.01))
    return LEFT + scale * (WIDTH - LEFT - RIGHT)
