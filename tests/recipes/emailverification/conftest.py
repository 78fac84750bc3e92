"""The stage for the tests of e-mail verification: the recipe is on and required, Alice has an account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.accounts import make_tenant, tenant_acme, visitor
from tests.base import supertokens_settings

__all__ = ["make_tenant", "tenant_acme", "visitor"]


@pytest.fixture(autouse=True)
def _stage(acme: None, db: None) -> Iterator[None]:
    with supertokens_settings(
        RECIPES=["emailpassword", "emailverification"], EMAILVERIFICATION={"MODE": "REQUIRED"}
    ):
        yield
