"""Sessions in the admin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from supertokens_django.admintools import Done, Text, Tool, ToolsAdmin
from supertokens_django.modeladmin import link_to
from supertokens_django.recipes.session import devices
from supertokens_django.recipes.session.models import Session
from supertokens_django.recipes.session.service import session
from supertokens_django.users import search
from supertokens_django.users.models import User


class RevokeTool(Tool):
    name = "revoke"
    title = _("Revoke this session")
    permission = "supertokens_django.delete_session"
    is_grave = True

    def explained(self, row: Session) -> Sequence[Text]:
        return [
            _("Whoever uses it is signed out on that device."),
            _(
                "An access token that is out already may be accepted until it expires, an hour at most by default."
            ),
        ]

    def run(self, request: HttpRequest, row: Session, form: Any) -> Done:
        session.revoke_session(row.handle)
        return Done(gettext("The session was revoked."), "", is_gone=True)


class ActedFilter(admin.SimpleListFilter):
    """The sessions in which staff act as the user; there are few, and they have an index."""

    title = _("who uses it")
    parameter_name = "acted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("staff", _("Staff, as the user"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(actor__isnull=False) if self.value() == "staff" else queryset


@admin.register(Session)
class SessionAdmin(ToolsAdmin):
    """Who is signed in where; ordered by the end of the session, which every use moves on."""

    list_display = ("device", "user", "ip_address", "created_at", "refreshed_at", "expires_at")
    list_select_related = ("login_method", "actor")
    sortable_by = ("expires_at",)
    ordering = ("-expires_at", "-handle")
    search_fields = ("handle",)
    search_help_text = _("A handle, a user ID, or the start of an e-mail address or a phone number")
    lookups = ("actor__isnull",)
    list_filter = (ActedFilter,)
    actions = ("revoke",)
    fields = (
        "handle",
        "user",
        "recipe_user_id",
        "is_anonymous",
        "actor",
        "reason",
        "tenant",
        "device",
        "user_agent",
        "ip_address",
        "created_at",
        "refreshed_at",
        "expires_at",
        "generation",
        "use_static_key",
        "access_token_payload",
        "session_data",
    )

    def name_of(self, row: Session) -> str:
        return devices.describe(row.user_agent)

    def tools(self) -> Iterable[Tool]:
        return (RevokeTool(),)

    @admin.display(description=_("device"))
    def device(self, row: Session) -> str:
        return devices.describe(row.user_agent)

    @admin.display(description=_("user"))
    def user(self, row: Session) -> str:
        method = row.login_method
        if row.is_anonymous:
            return gettext("Anonymous visitor")
        if method is None:
            return row.recipe_user_id
        name = method.email or method.phone_number or method.user_id
        shown = link_to(self.admin_site, User, method.user_id, name)
        if row.actor is None:
            return shown
        return format_html("{}<br>{}", shown, gettext("used by %(actor)s") % {"actor": row.actor})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not (term := search_term.strip()):
            return queryset, False
        # The methods first: within one condition databases would walk through all sessions.
        methods = [method_id for method_id, _ in search.login_methods_found_by(term)]
        return queryset.filter(Q(pk=term) | Q(recipe_user_id=term) | Q(login_method__in=methods)), False

    @admin.action(description=_("Revoke selected sessions"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        self.log_deletions(request, queryset)
        revoked = session.revoke_multiple_sessions([row.handle for row in queryset])
        text = ngettext("%(count)d session was revoked.", "%(count)d sessions were revoked.", len(revoked))
        self.message_user(request, text % {"count": len(revoked)}, messages.SUCCESS)
