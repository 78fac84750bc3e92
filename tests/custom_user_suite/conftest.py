"""Makes the fixtures about accounts known to pytest."""

from tests.accounts import make_tenant, tenant_acme, visitor
from tests.recipes.thirdparty.conftest import _keys, _nothing_is_remembered, oidc

__all__ = ["_keys", "_nothing_is_remembered", "make_tenant", "oidc", "tenant_acme", "visitor"]
