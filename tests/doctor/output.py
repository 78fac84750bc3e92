"""What the doctor prints, without what differs between machines, databases and versions."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

from django.core.management import call_command


def consult(*arguments: str) -> tuple[str, int]:
    """What the command prints, and its exit code."""
    out = StringIO()
    try:
        call_command("supertokens_doctor", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0


def settled(text: str) -> str:
    """Versions by placeholders, of packages the needed ones, of settings those of the project."""
    text = re.sub(r"(?ms)^VERSIONS\n.*?\n\n", _versions, text)
    text = re.sub(r"(?ms)^SETTINGS\n.*?\n\n", _settings, text)
    text = re.sub(r"django\.db\.backends\.\w+ [\d.]+", "django.db.backends.sqlite3 3.40.1", text)
    static = r"s-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    return re.sub(static, "s-6b1e0f7c-3f0e-4c52-9d4a-2a7c1d6e9b10", text)


NEEDED = (
    *("Python", "Django", "supertokens-django", "PyJWT", "cryptography", "argon2-cffi"),
    *("django-cors-headers", "publicsuffixlist"),
)
PLACEHOLDERS = dict(
    zip(NEEDED, ("3.13.1", "5.2.8", "0.1.0", "2.10.1", "46.0.3", "25.1.0", "4.9.0", "1.0.2"), strict=True)
)


def _versions(block: re.Match[str]) -> str:
    rows: Any = [line.split() for line in block[0].splitlines()[1:] if line]
    lines = [f"  {name:<22}{PLACEHOLDERS[name]}" for name, _ in rows if name in PLACEHOLDERS]
    return "\n".join(["VERSIONS", *lines, "", ""])


def _settings(block: re.Match[str]) -> str:
    """Without defaults, and without sections that have nothing else."""
    kept: list[str] = []
    is_default = False
    for line in block[0].splitlines():
        if line.startswith("    ") and not line.startswith("        "):
            is_default = "WRONG" not in line
        elif not line.startswith("        "):
            is_default = False
        if is_default:
            continue
        is_heading = re.fullmatch(r"  [A-Z_]+", line) is not None
        if is_heading and kept and re.fullmatch(r"  [A-Z_]+", kept[-1]):
            kept.pop()
        kept.append(line)
    while re.fullmatch(r"  [A-Z_]+|", kept[-1]):
        kept.pop()
    return "\n".join([*kept, "", ""])
