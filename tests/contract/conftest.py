"""The stage for every contract test: https://api.acme.com and https://acme.com, an empty database, the tests' views."""

import pytest

from tests.accounts import make_tenant, tenant_acme

__all__ = ["make_tenant", "tenant_acme"]


@pytest.fixture(autouse=True)
def _stage(acme: None, db: None) -> None:
    pass
