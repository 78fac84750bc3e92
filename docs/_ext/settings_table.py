"""The directive ``{settings} KEY``: one section of ``SUPERTOKENS``, described by the code that parses it.

Run as a script it prints every section, which needs neither Sphinx nor a Django project.
"""

from __future__ import annotations

import sys
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[2] / "supertokens_django"

TYPES = {
    "Callable[..., dict[str, Any]] | None": "callable or its dotted path",
    "Callable[..., Any] | None": "callable or its dotted path",
    "Callable[..., str] | None": "callable or its dotted path",
    "GetEmail | None": "callable or its dotted path",
    "Callable[[str], str] | None": "callable or its dotted path",
    "Validate | None": "callable or its dotted path",
    "Mapping[str, Any] | None": "dict or `None`",
    "NestedJwtConf": "dict",
    "Overrides": "dict",
    "bool": "`True` or `False`",
    "bool | None": "`True`, `False` or `None`",
    "float": "number",
    "int": "integer",
    "str": "text",
    "str | None": "text or `None`",
    "timedelta": "`timedelta` or number of seconds",
    "tuple[FormField, ...]": "list of dicts",
    "tuple[ProviderConfig, ...]": "list of dicts",
    "tuple[str, ...]": "list of texts",
    "tuple[type, ...]": "list of classes or their dotted paths",
    "type | None": "class or its dotted path",
}
"""How each annotation is written; an option with another one cannot be documented until it is added here."""

UNTYPED = {
    "ALLOW_PRIVATE_ADDRESSES": "`True`, `False`, `None` or list of networks",
    "CA_BUNDLE": "path or `None`",
    "FROM_EMAIL": "address, dict of them by tenant, callable or its dotted path",
    "SMS_SENDER": "text, dict of them by tenant, callable or its dotted path",
    "ERROR_HANDLERS": "object, class or its dotted path",
    "ORIGIN": "domain, callable or its dotted path",
}
"""The same for options that no annotation describes."""

PROBES = (timedelta(seconds=-1), 10**12, "?")
"""Values that parsers with bounds refuse; what they say is the documentation of the bounds."""


def sections() -> dict[str, type[Any]]:
    """Every section by its key; "" is the top level of ``SUPERTOKENS``."""
    from supertokens_django import conf

    for path in sorted(PACKAGE.rglob("conf.py")):
        import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))
    return {"": conf.AppConf, **dict(sorted(conf.SECTIONS.items()))}


def markdown(key: str) -> str:
    """The options of one section as a Markdown definition list."""
    return "\n\n".join(_option(item) for item in fields(sections()[key]))


def _option(item: Field[Any]) -> str:
    """Name, what is accepted, default, meaning."""
    name = item.name.upper()
    kind = UNTYPED.get(name) or TYPES[str(item.type)]
    facts = ", ".join(filter(None, [kind, _bounds(item)]))
    text = f"`{name}`\n: {facts}. {_default(item.default)}\n\n  {item.metadata['help']}"
    return text + "".join(f"\n  - {_key(inner)}" for inner in nested(item))


def nested(item: Field[Any]) -> tuple[Field[Any], ...]:
    """The options of the dict that an option is, where it is one."""
    return fields(item.default) if is_dataclass(item.default) else ()


def _key(item: Field[Any]) -> str:
    """An option of a nested dict, on one line."""
    return f"`{item.name.upper()}`: {TYPES[str(item.type)]}. {_default(item.default)} {item.metadata['help']}"


def _bounds(item: Field[Any]) -> str:
    for probe in PROBES:
        if str(item.type).partition(" ")[0] not in _fitting(probe):
            continue
        try:
            item.metadata["parse"](probe)
        except ValueError as error:
            return _as_phrase(str(error))
    return ""


def _fitting(probe: object) -> tuple[str, ...]:
    """The annotations for whose parsers this probe says something."""
    if isinstance(probe, timedelta):
        return ("timedelta",)
    return ("int", "float") if isinstance(probe, int) else ("str",)


def _as_phrase(sentence: str) -> str:
    for opening in ("must be an integer ", "must be a number ", "must be ", "Input should be "):
        sentence = sentence.removeprefix(opening)
    words = sentence.removesuffix(".").replace(" 1 seconds", " 1 second").split("'")
    return "".join(f"`{word}`" if position % 2 else word for position, word in enumerate(words))


def _default(value: object) -> str:
    if value is MISSING:
        return "**Required.**"
    if isinstance(value, timedelta):
        return f"Default: `timedelta({_timedelta(value)})`."
    if is_dataclass(value):
        value = {}
    if isinstance(value, tuple):
        value = list(value)
    return f"Default: `{value!r}`."


def _timedelta(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds and seconds % size == 0:
            return f"{unit}={seconds // size}"
    return f"seconds={seconds}"


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    from sphinx.util.docutils import SphinxDirective

    class SettingsDirective(SphinxDirective):
        optional_arguments = 1

        def run(self) -> list[Any]:
            key = self.arguments[0] if self.arguments else ""
            self.env.note_dependency(__file__)
            return self.parse_text_to_nodes(markdown(key))

    app.add_directive("settings", SettingsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    sys.path.insert(0, str(PACKAGE.parent))
    for name in sections():
        print(f"## {name or 'SUPERTOKENS'}\n\n{markdown(name)}\n")
