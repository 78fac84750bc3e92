"""The stage for every test of the clean-up."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _stage(acme: None, db: None) -> None:
    pass
