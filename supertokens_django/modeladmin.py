"""What the admin of every room shares: read-only by default, work done by services, nothing counted to its end."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models, router, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from supertokens_django.exceptions import SuperTokensError

COUNT_LIMIT = 1000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts ``COUNT_LIMIT`` rows at most, and shows no more: further down, people search."""

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNT_LIMIT)

    @property
    def is_cut(self) -> bool:
        """Tell whether there are more rows than those that are shown."""
        return self._counted > COUNT_LIMIT

    @cached_property
    def _counted(self) -> int:
        rows: models.QuerySet[models.Model] = self.object_list  # type: ignore[assignment]
        return rows.order_by("pk")[: COUNT_LIMIT + 1].count()  # so that an index is enough to count them


class BoundedChangeList(ChangeList):
    """A list that sorts by indexes alone, and says how many rows it found where somebody searched."""

    def get_ordering_field(self, field_name: Any) -> Any:
        """None for a column that may not be sorted by; Django takes any from the address."""
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows to those who may view them; whatever changes something is an action that asks a service."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would be a count of all rows
    list_per_page = 50
    lookups: tuple[str, ...] = ()
    """What the address of the list may narrow it by, beside the filters; each has an index."""

    class Media:
        css = {"all": ["supertokens_django/admin.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BoundedChangeList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Django lets an address ask for any column, and walk through the table for it."""
        filters: Any = self.list_filter
        return lookup in self.lookups or lookup in {each.parameter_name for each in filters}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Who may delete sessions may end them."""
        user: Any = request.user
        return bool(user.has_perm("supertokens_django.delete_session"))

    def response_action(
        self, request: HttpRequest, queryset: models.QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """All selected means all that the list has shown, not the million that come after them."""
        if request.POST.get("select_across", "0") != "0":
            queryset = queryset.filter(pk__in=list(queryset.values_list("pk", flat=True)[:COUNT_LIMIT]))
        return super().response_action(request, queryset, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._or_refusal(
            request, lambda: super(ReadOnlyAdmin, self).changelist_view(request, extra_context)
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._or_refusal(
            request, lambda: super(ReadOnlyAdmin, self).delete_view(request, object_id, extra_context)
        )

    def _or_refusal(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        """Show why a service refused; the work and its entry in the admin's log are undone together."""
        if request.method != "POST":
            return view()
        try:
            with transaction.atomic(using=router.db_for_write(self.model)):
                return view()
        except SuperTokensError as error:
            text = _("Nothing was changed: %(reason)s") % {"reason": reason_of(error)}
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class EditableAdmin(ReadOnlyAdmin):
    """Lets those who may add, change and delete rows do so; ``save_model`` and ``delete_model`` ask a service."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return self._or_refusal(
            request,
            lambda: super(ReadOnlyAdmin, self).changeform_view(request, object_id, form_url, extra_context),
        )

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[Any], list[Any]]:
        """The rows themselves; what goes with them is not counted, it may be much."""
        shown = [str(obj) for obj in objs]
        missing = set() if self.has_delete_permission(request) else {self.opts.verbose_name}
        return shown, {self.opts.verbose_name_plural: len(shown)}, missing, []

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]
    """Rows of another table below the one that they belong to."""

    extra = max_num = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def reason_of(error: SuperTokensError) -> str:
    """Why a service refused, in a text for the operator."""
    return getattr(error, "message", None) or error.status or type(error).__name__


def shown(form: forms.ModelForm[Any], name: str) -> Any:
    """What a field showed when the operator opened the form, who then knew of nothing else that is stored.

    The field has ``show_hidden_initial``.  Without an answer in the form it is what is stored now.
    """
    field, stored = form.fields[name], form.initial.get(name)
    hidden = field.hidden_widget()
    raw = hidden.value_from_datadict(form.data, form.files, form.add_initial_prefix(name))
    try:
        return stored if raw is None else field.clean(raw)
    except ValidationError:
        return stored


class CodeTextarea(forms.Textarea):
    """A large box for text of many lines, each letter as wide as the other."""

    def __init__(self) -> None:
        super().__init__({"class": "vLargeTextField st-code", "spellcheck": "false"})


def as_id(text: str) -> SafeString:
    """An id, kept on one line."""
    return format_html('<span class="st-id">{}</span>', text)


def link_to(site: admin.AdminSite, model: type[models.Model], pk: object, text: str) -> SafeString | str:
    """The text as a link to a row's page in the admin, bare where the model is not registered."""
    if not site.is_registered(model):
        return text
    options = model._meta
    url = reverse(f"{site.name}:{options.app_label}_{options.model_name}_change", args=[pk])
    return format_html('<a href="{}">{}</a>', url, text)
