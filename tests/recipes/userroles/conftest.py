"""The stage for the tests of roles: the recipe is on, the database empty, the tests' views are there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.accounts import make_tenant, tenant_acme
from tests.base import supertokens_settings

__all__ = ["make_tenant", "tenant_acme"]


@pytest.fixture(autouse=True)
def _stage(acme: None, db: None) -> Iterator[None]:
    with supertokens_settings(RECIPES=["emailpassword", "userroles"]):
        yield
