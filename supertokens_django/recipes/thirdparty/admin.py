"""Providers of tenants in the admin."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from supertokens_django import conf
from supertokens_django.modeladmin import COUNT_LIMIT, BoundedPaginator, EditableAdmin
from supertokens_django.recipes.multitenancy.service import normalise_tenant_id
from supertokens_django.recipes.thirdparty.adminforms import (
    ClientForm,
    ClientFormSet,
    ProviderForm,
    stored_clients,
)
from supertokens_django.recipes.thirdparty.configuration import ENDPOINTS, STORED_PARAMS
from supertokens_django.recipes.thirdparty.models import ThirdPartyProvider, ThirdPartyProviderClient
from supertokens_django.recipes.thirdparty.service import thirdparty

EDITED = (
    "client_type",
    "client_id",
    "new_secret",
    "clear_secret",
    "scope",
    "force_pkce",
    "new_additional_config",
    "clear_additional_config",
)
LOOKED_AT = ("client_type", "client_id", "has_secret", "shown_scope", "force_pkce", "additional_names")


class ProviderPaginator(BoundedPaginator):
    """Counts along the index by which the list is sorted; each tenant's providers stand together in it."""

    @cached_property
    def _counted(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        if rows.model is not ThirdPartyProvider:
            return super()._counted  # the history of a row has pages, too
        return rows.order_by("tenant_id", "third_party_id").values("tenant_id")[: COUNT_LIMIT + 1].count()


class ClientInline(admin.StackedInline):  # type: ignore[type-arg]
    """The clients; who may change the provider may change them, who may look at it may look at them."""

    model = ThirdPartyProviderClient
    form = ClientForm
    formset = ClientFormSet
    readonly_fields = ()

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 1 if obj is None else 0

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return EDITED if self._may_write(request, obj) else LOOKED_AT

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if self._may_write(request, obj) else LOOKED_AT

    def _may_write(self, request: HttpRequest, provider: Any) -> bool:
        user: Any = request.user
        verb = "add" if provider is None else "change"
        return bool(user.has_perm(f"supertokens_django.{verb}_thirdpartyprovider"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return self._may_write(request, obj) or user.has_perm("supertokens_django.view_thirdpartyprovider")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_write(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_write(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_write(request, obj)

    # For those who may look and not change

    @admin.display(description=_("client secret"), boolean=True)
    def has_secret(self, client: ThirdPartyProviderClient) -> bool:
        return bool(client.client_secret)

    @admin.display(description=_("scope"))
    def shown_scope(self, client: ThirdPartyProviderClient) -> str:
        return " ".join(client.scope or ())

    @admin.display(description=_("further configuration"))
    def additional_names(self, client: ThirdPartyProviderClient) -> str:
        """The names; what they hold may be secret."""
        found = stored_clients(client.provider).get(client.client_type)
        return ", ".join(found.additional_config) if found else ""


@admin.register(ThirdPartyProvider)
class ThirdPartyProviderAdmin(EditableAdmin):
    form = ProviderForm
    paginator = ProviderPaginator
    inlines = (ClientInline,)
    list_display = ("third_party_id", "tenant_id", "name", "client_count")
    sortable_by = ()
    ordering = ("tenant_id", "third_party_id")
    search_fields = ("tenant_id",)
    search_help_text = _("A tenant ID")
    autocomplete_fields = ("tenant",)
    fieldsets = (
        (
            None,
            {
                "fields": ("tenant", "third_party_id", "name"),
                "description": _(
                    "A tenant with providers here has these and no others; those of the settings that have the same "
                    "ID complete them. What is left empty comes from there, or from what is known of the provider."
                ),
            },
        ),
        (
            _("Endpoints and users"),
            {
                "classes": ("collapse",),
                "fields": (*ENDPOINTS, *STORED_PARAMS, "user_info_map", "require_email"),
            },
        ),
    )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return conf.app().is_enabled("thirdparty") and super().has_module_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        clients = ThirdPartyProviderClient.objects.filter(provider=OuterRef("pk")).values("provider")
        count = clients.annotate(count=Count("pk")).values("count")
        found: QuerySet[Any] = super().get_queryset(request).annotate(clients_total=Subquery(count))
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(tenant_id=normalise_tenant_id(term)) if term else queryset), False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("tenant", "third_party_id")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"tenant": "public", **super().get_changeform_initial_data(request)}

    @admin.display(description=_("clients"))
    def client_count(self, provider: Any) -> int:
        return provider.clients_total or 0

    @method_decorator(sensitive_post_parameters())
    @method_decorator(sensitive_variables())
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Together with its clients, by :meth:`save_related`."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        obj = form.instance
        clients = [client for formset in formsets for client in formset.configs()]
        config = {**form.config(), "third_party_id": obj.third_party_id, "clients": clients}
        thirdparty.create_or_update_third_party_config(obj.tenant_id, config)
        stored = ThirdPartyProvider.objects.get(tenant_id=obj.tenant_id, third_party_id=obj.third_party_id)
        obj.pk = stored.pk

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Which fields were changed, of the clients as well; never to what."""
        found: Any = super().construct_change_message(request, form, [], add)
        for client in (client for formset in formsets for client in formset.forms if client.has_changed()):
            name = {"name": str(client.instance._meta.verbose_name), "object": str(client.instance)}
            labels = [str(client.fields[field].label) for field in client.changed_data if field != "DELETE"]
            if "DELETE" in client.changed_data:
                found.append({"deleted": name})
            elif client.initial.get("client_id"):
                found.append({"changed": {**name, "fields": labels}})
            else:
                found.append({"added": name})
        return found

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        thirdparty.delete_third_party_config(obj.tenant_id, obj.third_party_id)
