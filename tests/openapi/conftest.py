"""The stage for the tests of the OpenAPI document."""

from collections.abc import Iterator

import pytest

from tests.accounts import make_tenant, tenant_acme
from tests.base import supertokens_settings

__all__ = ["make_tenant", "tenant_acme"]


@pytest.fixture(autouse=True)
def _stage(acme: None) -> Iterator[None]:
    """With every recipe that has endpoints."""
    with supertokens_settings(
        RECIPES=["emailpassword", "emailverification"], EMAILVERIFICATION={"MODE": "OPTIONAL"}
    ):
        yield
