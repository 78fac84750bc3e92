"""Roles, their permissions and who has them, in the admin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from supertokens_django import conf
from supertokens_django.exceptions import BadInputError
from supertokens_django.modeladmin import CodeTextarea, EditableAdmin, shown
from supertokens_django.recipes.userroles import inputs
from supertokens_django.recipes.userroles.models import Role, RolePermission, UserRole
from supertokens_django.recipes.userroles.service import userroles
from supertokens_django.users import ids, search
from supertokens_django.users.admin import NamesUsers


class PermissionsField(forms.CharField):
    """Permissions, one in each line."""

    widget = CodeTextarea

    def to_python(self, value: Any) -> Any:
        lines = (super().to_python(value) or "").splitlines()
        try:
            return inputs.permission_names(line for line in lines if line.strip())
        except BadInputError as error:
            raise ValidationError(error.message) from error

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, str) else "\n".join(value or ())

    def has_changed(self, initial: Iterable[str] | None, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != list(initial or ()))
        except ValidationError:
            return True


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]
    permission_names = PermissionsField(
        label=_("Permissions"),
        required=False,
        show_hidden_initial=True,
        help_text=_(
            "One in each line. Django counts those that are written like its own: app_label.codename"
        ),
    )

    class Meta:
        model = Role
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["permission_names"] = userroles.get_permissions_for_role(self.instance.name)

    def clean_name(self) -> str:
        try:
            return inputs.role_name(self.cleaned_data["name"])
        except BadInputError as error:
            raise ValidationError(error.message) from error


class RolesAdmin(EditableAdmin):
    """Is in the menu while the recipe is on."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return conf.app().is_enabled("userroles") and super().has_module_permission(request)


@admin.register(Role)
class RoleAdmin(RolesAdmin):
    form = RoleForm
    list_display = ("name", "permission_count", "users")
    sortable_by = ("name",)
    ordering = ("name",)
    search_fields = ("name__startswith",)
    search_help_text = _("The start of a name")
    fields = ("name", "permission_names")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        permissions = RolePermission.objects.filter(role=OuterRef("pk")).values("role")
        count = permissions.annotate(count=Count("pk")).values("count")
        rows = super().get_queryset(request).annotate(permission_total=Subquery(count))
        return cast("QuerySet[Any]", rows)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("name",)

    @admin.display(description=_("permissions"))
    def permission_count(self, role: Any) -> int:
        return role.permission_total or 0

    @admin.display(description=_("users"))
    def users(self, role: Role) -> SafeString:
        name = f"{self.admin_site.name}:supertokens_django_userrole_changelist"
        url = reverse(name, query={"role__id__exact": role.pk})
        return format_html('<a href="{}">{}</a>', url, _("Who has it"))

    @admin.display(description=_("Permissions"))
    def permission_names(self, role: Role) -> SafeString:
        """For those who may look and not change."""
        return format_html("<pre>{}</pre>", "\n".join(userroles.get_permissions_for_role(role.name)))

    def save_model(self, request: HttpRequest, obj: Role, form: RoleForm, change: bool) -> None:
        wanted = form.cleaned_data["permission_names"]
        if unwanted := [name for name in shown(form, "permission_names") or () if name not in wanted]:
            userroles.remove_permissions_from_role(obj.name, unwanted)
        userroles.create_new_role_or_add_permissions(obj.name, wanted)
        obj.pk = Role.objects.get(name=obj.name).pk

    def delete_model(self, request: HttpRequest, obj: Role) -> None:
        userroles.delete_role(obj.name)


@admin.register(UserRole)
class UserRoleAdmin(NamesUsers, RolesAdmin):
    """Who has which role where; the last given stand first."""

    list_display = ("user", "role", "tenant", "shown_user_id")
    sortable_by = ()
    ordering = ("-id",)
    search_fields = ("user_id",)
    search_help_text = _("A role, a user ID, or the start of an e-mail address or a phone number")
    autocomplete_fields = ("tenant", "role")
    lookups = ("role__id__exact",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("role", "tenant")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user_id", "tenant", "role") if obj is None else ("person", "user_id", "tenant", "role")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"tenant": "public", **super().get_changeform_initial_data(request)}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not (term := search_term.strip()):
            return queryset, False
        of_role = Role.objects.filter(name=term).values_list("pk", flat=True)
        people = [term, *search.user_ids_found_by(term)]
        return queryset.filter(Q(user_id__in=people) | Q(role__in=list(of_role))), False

    def save_model(self, request: HttpRequest, obj: UserRole, form: Any, change: bool) -> None:
        userroles.add_role_to_user(obj.tenant_id, obj.user_id, obj.role.name)
        own_id = ids.own_user_id_of(obj.user_id)
        obj.pk = UserRole.objects.get(tenant=obj.tenant_id, user_id=own_id, role=obj.role).pk

    def delete_model(self, request: HttpRequest, obj: UserRole) -> None:
        userroles.remove_user_role(obj.tenant_id, obj.user_id, obj.role.name)
