"""A service in Node, with the packages that ``package.json`` beside this file pins."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.services import missing_service, require_service

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"


def require_node() -> str:
    """The path of node; skip, or fail, without it or without the packages."""
    require_service("node")
    if not (PACKAGES / "jwks-rsa").is_dir():
        missing_service("the npm packages of tests/verifiers (`npm ci` there)")
    path = shutil.which("node")
    assert path is not None
    return path


def run_module(source: str, folder: Path, **environment: str) -> Any:
    """Run an ES module that prints one line of JSON; gives what it says."""
    node = require_node()
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(PACKAGES)
    file = folder / "service.mjs"
    file.write_text(source)
    done = subprocess.run(
        [node, str(file)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
