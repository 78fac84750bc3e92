"""An environment of the benchmarks' own, with the projects that are compared; the app's has none of them."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv-benchmarks"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
NEEDED = ("rest_framework_simplejwt", "allauth", "knox", "supertokens_python", "psycopg")


def is_complete() -> bool:
    """Tell whether this Python has everything that is compared."""
    return all(find_spec(module) is not None for module in NEEDED)


def run_again_inside() -> None:
    """Make the environment where it is missing, and run the same command with its Python; does not return."""
    python = FOLDER / "bin" / "python"
    stamp = FOLDER / ".stamp-requirements"
    if not stamp.exists() or stamp.stat().st_mtime < REQUIREMENTS.stat().st_mtime:
        print(f"installing what is compared into {FOLDER}", file=sys.stderr)
        _make(python)
        stamp.touch()
    os.execv(python, [str(python), "-m", "benchmarks", *sys.argv[1:]])


def _make(python: Path) -> None:
    # Debian ships Python without ensurepip: there the environment is made without pip, and pip fetched into it.
    has_pip = find_spec("ensurepip") is not None
    if not python.exists():
        venv.create(FOLDER, with_pip=has_pip)
        if not has_pip:
            subprocess.run([str(python), str(ROOT / ".ci" / "fetch_pip.py")], check=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "-e", str(ROOT), "-r", str(REQUIREMENTS)], check=True)
