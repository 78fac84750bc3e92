"""The fenced blocks of the README and of the documentation.

A block of Python, JavaScript or HTML says in its first line which file it belongs to (``# acme/views.py``); a block of
Python that is typed into a shell begins with ``# manage.py shell``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", *DOCS.rglob("*.md")]
    if "_build" not in path.parts
)

SHELL = "manage.py shell"
SETTINGS = "acme/settings.py"

_FENCE = re.compile(r"^```(?P<language>[^\s`]*)[^\n]*\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"(?:#|//|<!--) (?P<file>\S+\.(?:py|jsx?|html|txt)(?: shell)?)(?: -->)?")


@dataclass(frozen=True)
class Snippet:
    """One block; ``line`` is that of its first line of code."""

    page: str
    line: int
    language: str
    code: str

    @property
    def file(self) -> str | None:
        """The file that the block says it belongs to."""
        match = _FILE.fullmatch(self.code.partition("\n")[0])
        return match["file"] if match else None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def text_of(page: str) -> str:
    return (ROOT / page).read_text()


def prose_of(page: str) -> str:
    """What is left of a page without its blocks."""
    return _FENCE.sub("", text_of(page))


def snippets_of(page: str) -> list[Snippet]:
    """Every block of a page, in order."""
    text = text_of(page)
    return [
        Snippet(page, text.count("\n", 0, match.start("code")) + 1, match["language"], match["code"])
        for match in _FENCE.finditer(text)
    ]


def each(language: str, file: str | None = None) -> pytest.MarkDecorator:
    """Run the test for every block of the language, or only for those of one file; the argument is ``snippet``."""
    found = [
        snippet
        for page in PAGES
        for snippet in snippets_of(page)
        if snippet.language == language and file in (None, snippet.file)
    ]
    return pytest.mark.parametrize("snippet", found, ids=str)
