"""The stage for the tests of the session recipe: API and website on one site, an empty database, the tests' views."""

import pytest

from tests.accounts import make_tenant, tenant_acme

__all__ = ["make_tenant", "tenant_acme"]


@pytest.fixture(autouse=True)
def _stage(acme: None, db: None) -> None:
    pass
