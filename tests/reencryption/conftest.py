"""The stage for every test of the re-encryption."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _stage(acme: None, db: None) -> None:
    pass
