"""Tenants in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from supertokens_django.modeladmin import ReadOnlyAdmin
from supertokens_django.recipes.multitenancy.models import Tenant


@admin.register(Tenant)
class TenantAdmin(ReadOnlyAdmin):
    list_display = ("id", "created_at")
    sortable_by = ("id",)
    ordering = ("id",)
    search_fields = ("id__startswith",)
    search_help_text = _("The start of a tenant ID")
    fields = ("id", "created_at")
