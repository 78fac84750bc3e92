"""Narrowing the admin's list of users to a tenant, a recipe or both, however many users there are.

A condition on another table would let the database walk through all users, newest first, until it has enough that fit.
So the first thousand are read from an index of :class:`LoginIdentity` that has them in the order of the list.  What a
search has found is so little that it is looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from supertokens_django.modeladmin import COUNT_LIMIT, BoundedChangeList
from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.recipes.multitenancy.service import normalise_tenant_id
from supertokens_django.users import listing
from supertokens_django.users.models import LoginIdentity
from supertokens_django.users.service import RECIPE_IDS

TENANTS_SHOWN = 30


class _UserFilter(admin.SimpleListFilter):
    """Says what was chosen; :class:`UserChangeList` does the work, for all filters at once."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


class TenantFilter(_UserFilter):
    """The tenants as links; where there are too many of them, a box to write one into."""

    title = _("tenant")
    parameter_name = "tenant"
    template = "admin/supertokens_django/user/tenant_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = list(Tenant.objects.order_by("id").values_list("id", flat=True)[: TENANTS_SHOWN + 1])
        self.is_cut = len(found) > TENANTS_SHOWN
        return [(tenant_id, tenant_id) for tenant_id in found[:TENANTS_SHOWN]]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def value(self) -> str | None:
        return None if (chosen := super().value()) is None else normalise_tenant_id(chosen)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        self.others = [
            (name, value)
            for name, value in changelist.params.items()
            if name not in (self.parameter_name, PAGE_VAR)
        ]
        return super().choices(changelist)


class RecipeFilter(_UserFilter):
    title = _("recipe")
    parameter_name = "recipe"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(recipe_id, recipe_id) for recipe_id in RECIPE_IDS]


class UserChangeList(BoundedChangeList):
    """A list of users that is narrowed by an index."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        users = super().get_queryset(request, exclude_parameters)
        identities = self._chosen()
        if identities is None:
            return users
        if self.query:
            return users.filter(Exists(identities.filter(login_method__user=OuterRef("pk"))))
        newest_first = users.query.order_by[0] != "time_joined"
        found = listing.owner_ids(identities, COUNT_LIMIT + 1, newest_first=newest_first)
        return users.filter(pk__in=found)

    def _chosen(self) -> QuerySet[LoginIdentity] | None:
        """What the filters that are set leave over; None where none is."""
        values: dict[str, str] = {}
        for spec in self.filter_specs:
            if isinstance(spec, _UserFilter) and (value := spec.value()) is not None:
                values[f"{spec.parameter_name}_id"] = value
        if not values:
            return None
        if not all(value.isprintable() for value in values.values()):  # PostgreSQL refuses NUL in a text
            return LoginIdentity.objects.none()
        return LoginIdentity.objects.filter(**values)
