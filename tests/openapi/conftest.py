"""The stage for the tests of the OpenAPI document."""

import pytest

from tests.accounts import make_tenant, tenant_acme

__all__ = ["make_tenant", "tenant_acme"]


@pytest.fixture(autouse=True)
def _stage(acme: None) -> None:
    pass
