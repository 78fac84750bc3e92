"""Users in the admin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from supertokens_django import conf, registry
from supertokens_django.admintools import Tool
from supertokens_django.modeladmin import ReadOnlyAdmin, ReadOnlyInline, as_id, link_to
from supertokens_django.users import accounts, details, django_user, search
from supertokens_django.users.acting import ActingAdmin
from supertokens_django.users.conf import DjangoUserConf
from supertokens_django.users.filters import RecipeFilter, TenantFilter, UserChangeList
from supertokens_django.users.lockouts import LiftTool
from supertokens_django.users.models import LoginMethod, User
from supertokens_django.users.service import users


class LoginMethodInline(ReadOnlyInline):
    model = LoginMethod
    fields = ("recipe_id", "identifier", "is_verified", "tenants", "time_joined", "recipe_user_id")
    readonly_fields = fields
    ordering = ("time_joined", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).prefetch_related("identities")
        rows = rows.annotate(has_verified_email=details.is_verified())
        return rows

    @admin.display(description=_("signs in by"))
    def identifier(self, method: LoginMethod) -> str:
        return _joined(method.identifiers())

    @admin.display(description=_("verified"), boolean=True)
    def is_verified(self, method: LoginMethod) -> bool | None:
        """Whether the e-mail is; there is nothing to tell of a login method without one."""
        return accounts.has_verified_email(method) if method.email else None

    @admin.display(description=_("recipe user ID"))
    def recipe_user_id(self, method: LoginMethod) -> str:
        return as_id(method.id)

    @admin.display(description=_("tenants"))
    def tenants(self, method: LoginMethod) -> str:
        return _joined(tenant_ids(method))


@admin.register(User)
class UserAdmin(ActingAdmin):
    list_display = (
        "identifiers",
        "recipes",
        "tenants",
        "linked_django_user",
        "time_joined",
        "last_active_at",
        "user_id",
    )
    sortable_by = ("time_joined",)
    ordering = ("-time_joined", "-id")
    search_fields = ("id",)
    search_help_text = _("An ID, the start of an e-mail address or a phone number, or a provider")
    list_filter = (TenantFilter, RecipeFilter)
    actions = ("sign_out_everywhere",)
    inlines = (LoginMethodInline,)
    fields = (
        "id",
        "person",
        "is_primary",
        "linked_django_user",
        "time_joined",
        "last_active_at",
        "sessions",
        "roles",
        "metadata",
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return UserChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("django_link__django_user")
        return rows.prefetch_related("login_methods__identities")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not (term := search_term.strip()):
            return queryset, False
        return queryset.filter(pk__in=search.user_ids_found_by(term)), False

    def tools(self) -> Iterable[Tool]:
        return [*registry.user_tools(), LiftTool()]

    # Columns

    @admin.display(description=_("signs in by"))
    def identifiers(self, user: User) -> str:
        return _joined(text for method in user.login_methods.all() for text in method.identifiers())

    @admin.display(description=_("user ID"))
    def user_id(self, user: User) -> str:
        return as_id(user.id)

    @admin.display(description=_("recipes"))
    def recipes(self, user: User) -> str:
        return _joined(method.recipe_id for method in user.login_methods.all())

    @admin.display(description=_("tenants"))
    def tenants(self, user: User) -> str:
        return _joined(tenant for method in user.login_methods.all() for tenant in tenant_ids(method))

    @admin.display(description=_("Django user"))
    def linked_django_user(self, user: User) -> str:
        found = django_user.of(user)
        if found is None:
            return ""
        name = found.get_username()
        # The default mapping makes our id its username, which stands here already.
        text = f"#{found.pk}" if name == user.id else name
        return link_to(self.admin_site, get_user_model(), found.pk, text)

    @admin.display(description=_("name"))
    def person(self, user: User) -> str:
        """First and last name, as SuperTokens' dashboard keeps them."""
        stored = registry.service("USERMETADATA").get_user_metadata(user.id)
        names = (stored.get(name) for name in ("first_name", "last_name"))
        return " ".join(name for name in names if name and isinstance(name, str))

    @admin.display(description=_("sessions"))
    def sessions(self, user: User) -> str:
        return self._list("session", user, _("Where this user is signed in"))

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return self._list("userrole", user, _("Which roles this user has")) if _has_roles() else ""

    @admin.display(description=_("metadata"))
    def metadata(self, user: User) -> str:
        return self._list("usermetadata", user, _("What is kept of this user"))

    def _list(self, model: str, user: User, text: Any) -> str:
        """A link to the rows of another list that belong to a user."""
        name = f"{self.admin_site.name}:supertokens_django_{model}_changelist"
        return format_html('<a href="{}">{}</a>', reverse(name, query={"q": user.id}), text)

    # Work

    @admin.action(description=_("Sign out everywhere"), permissions=["revoke"])
    def sign_out_everywhere(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        ended = 0
        for user in queryset:
            count = len(registry.service("SESSION").revoke_all_sessions_for_user(user.id))
            self.log_change(request, user, gettext("Signed out everywhere."))
            ended += count
        text = ngettext("%(count)d session was revoked.", "%(count)d sessions were revoked.", ended)
        self.message_user(request, text % {"count": ended}, messages.SUCCESS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[Any], list[Any]]:
        """The users and their login methods; what else goes with them is not counted, it may be much."""
        shown = [[str(user), [str(method) for method in user.login_methods.all()]] for user in objs]
        flat = [item for pair in shown for item in (pair if pair[1] else pair[:1])]
        missing = set() if self.has_delete_permission(request) else {User._meta.verbose_name}
        return flat, {User._meta.verbose_name_plural: len(shown)}, missing, []

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return super().delete_view(request, object_id, {**(extra_context or {}), "lines": _of_deletion()})

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        users.delete_user(obj.id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            users.delete_user(user.id)


class NamesUsers(ReadOnlyAdmin):
    """A list whose rows belong to user ids: says what each user signs in by, in one query for the page."""

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        found = super().get_changelist_instance(request)
        names = search.names_of(row.user_id for row in found.result_list)
        for row in found.result_list:
            row.user_name = names.get(row.user_id)
        return found

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Somebody who looked for a user and found nothing adds something for that user."""
        initial = super().get_changeform_initial_data(request)
        looked_for = QueryDict(request.GET.get("_changelist_filters", "")).get("q", "")
        if not User.objects.filter(pk=looked_for).exists():
            return initial
        return {"user_id": looked_for, **initial}

    @admin.display(description=_("user"))
    def user(self, row: Any) -> str:
        return row.user_name or row.user_id  # type: ignore[no-any-return]

    @admin.display(description=_("user"))
    def person(self, row: Any) -> str:
        """On the page of one row: who it is, where that is known."""
        name = search.names_of([row.user_id]).get(row.user_id)
        return "" if name is None else link_to(self.admin_site, User, row.user_id, name)

    @admin.display(description=_("user ID"))
    def shown_user_id(self, row: Any) -> str:
        text = as_id(row.user_id)
        return text if row.user_name is None else link_to(self.admin_site, User, row.user_id, text)


def _of_deletion() -> list[str | Promise]:
    """What goes with a user."""
    django_users = {
        "deactivate": _("The Django user is switched off."),
        "delete": _("The Django user is deleted as well."),
        "keep": _("The Django user stays as it is."),
    }
    everything = _(
        "The user and all of its login methods go, in every tenant, with sessions, roles and metadata."
    )
    return [everything, django_users[conf.section(DjangoUserConf).on_delete]]


def _has_roles() -> bool:
    return conf.app().is_enabled("userroles")


def tenant_ids(method: LoginMethod) -> list[str]:
    return sorted(identity.tenant_id for identity in method.identities.all())


def _joined(texts: Iterable[str | None]) -> str:
    return ", ".join(dict.fromkeys(text for text in texts if text))
