"""When the frontend SDKs of the browser tests are installed anew."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.browser.website import is_installed

SDK = {"version": "0.16.0", "integrity": "sha512-x"}
PINNED = {"": {"name": "tests"}, "node_modules/sdk": SDK, "node_modules/of-macs": {"optional": True}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": PINNED}))
    return tmp_path


def has(folder: Path, **packages: object) -> bool:
    found = {f"node_modules/{name}": one for name, one in packages.items()}
    (folder / "node_modules/.package-lock.json").write_text(json.dumps({"packages": found}))
    os.utime(folder / "node_modules/.package-lock.json", (0, 0))  # older than any checkout
    return is_installed(folder)


def test_only_where_something_is_missing_or_another(folder: Path) -> None:
    assert not is_installed(folder)
    assert has(folder, sdk=SDK)
    assert not has(folder)
    assert not has(folder, sdk={**SDK, "version": "0.15.0"})
