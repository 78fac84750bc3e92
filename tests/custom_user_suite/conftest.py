"""Makes the fixtures about accounts known to pytest."""

from tests.accounts import make_tenant, tenant_acme, visitor

__all__ = ["make_tenant", "tenant_acme", "visitor"]
