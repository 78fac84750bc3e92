"""Tenants: existence for now; their rules come with the recipe's own endpoints."""

from __future__ import annotations

from typing import Any

from django.db import router

from supertokens_django.exceptions import UnknownTenantError
from supertokens_django.recipes.multitenancy.models import Tenant

PUBLIC_TENANT = "public"


def ensure_public_tenant(using: str, **kwargs: Any) -> None:
    """Create the tenant ``public`` where it is missing: after migrating, and after a test has emptied the database.

    Not in a database that a router keeps this app's tables out of.
    """
    if router.allow_migrate_model(using, Tenant):
        Tenant.objects.using(using).get_or_create(id=PUBLIC_TENANT)


def normalise_tenant_id(tenant_id: str) -> str:
    """The stored form of a tenant's id: no surrounding blanks, lower case (as the core does)."""
    return tenant_id.strip().lower()


def require_tenant(tenant_id: str) -> str:
    """Give the tenant's id in its normal form.

    Raises:
        UnknownTenantError: there is no such tenant.
    """
    tenant_id = normalise_tenant_id(tenant_id)
    if tenant_id != PUBLIC_TENANT and not Tenant.objects.filter(id=tenant_id).exists():
        raise UnknownTenantError(tenant_id)
    return tenant_id
