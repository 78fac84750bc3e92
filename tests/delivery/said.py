"""Every text that the package has for translators, as it is read from the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.utils.translation.template import templatize

import supertokens_django

PACKAGE = Path(supertokens_django.__file__).parent
CALLS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "pgettext",
    "pgettext_lazy",
    "ngettext",
    "ngettext_lazy",
}
STAFF = re.compile(r"(^|/)(\w*admin\w*|models|filters|acting|lockouts|apps|impersonation\w*)(\.py$|/)")
"""Where the texts are that operators see in the admin."""


def of_python(text: str) -> Iterator[str]:
    """As compiled catalogues have them: one with a context begins with it and \\x04."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name not in CALLS:
            continue
        words = [item.value for item in node.args if isinstance(item, ast.Constant)]
        texts = [word for word in words if isinstance(word, str)]
        yield from ["\x04".join(texts[:2])] if name.startswith("pgettext") else texts[:1]


def of_template(text: str) -> Iterator[str]:
    """Django makes a template into calls of gettext first, and so do we."""
    written = re.sub(r"(?<![\w])u(?=['\"])", "", templatize(text))
    for call in re.finditer(
        r"\b(?:_|n?p?gettext)\((?:\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])*'|[\s,\w])+\)", written
    ):
        yield from of_python(call[0])


@cache
def texts(*, of_staff: bool) -> frozenset[str]:
    """What visitors and recipients read; with ``of_staff`` also what operators do."""
    found: set[str] = set()
    for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("templates/**/*.*")]:
        if STAFF.search(str(path.relative_to(PACKAGE))) and not of_staff:
            continue
        read = of_python if path.suffix == ".py" else of_template
        found.update(read(path.read_text()))
    return frozenset(found)
