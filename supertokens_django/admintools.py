"""What staff do in the admin beside looking: each on a page of its own, with a question and a POST.

A recipe offers tools by its manifest (``user_tools``); the admin of a room has its own.  A tool asks a service, names
the permission that it takes, and is written into the admin's log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db import models, router, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.views.decorators.debug import sensitive_post_parameters

from supertokens_django.exceptions import SuperTokensError
from supertokens_django.modeladmin import ReadOnlyAdmin, reason_of

Text = str | Promise


@dataclass(frozen=True)
class Done:
    """What a tool has done.

    ``shown`` is told to the operator, ``logged`` stands in the history of ``row``, by default the row of the page.
    """

    shown: str
    logged: str
    row: models.Model | None = None
    is_new: bool = False
    is_gone: bool = False


class Tool:
    """Something that staff can do with a row of a list, or with the list as a whole (``on_list``)."""

    name: ClassVar[str]
    """Its part of the address."""
    title: ClassVar[Text]
    permission: ClassVar[str]
    on_list: ClassVar[bool] = False
    is_grave: ClassVar[bool] = False
    """Whether the button warns."""
    action: ClassVar[Text] = ""
    """What it is called in the list, where it can be done to several rows at once; it takes no answers then."""
    form_class: ClassVar[type[forms.Form]] = forms.Form

    def fits(self, request: HttpRequest, row: Any) -> bool:
        """Tell whether it can be done to this row, and whether this operator may; without it there is no button."""
        return True

    def explained(self, row: Any) -> Sequence[Text]:
        """What will happen, sentence by sentence."""
        return ()

    def form(self, row: Any, data: Any = None) -> forms.Form:
        return self.form_class(data)

    def run(self, request: HttpRequest, row: Any, form: forms.Form) -> Done:
        """Do it, by a service.

        Raises:
            SuperTokensError: the service refuses.
        """
        raise NotImplementedError

    def refused(self, error: SuperTokensError) -> tuple[str | None, Text]:
        """The field of the form that a refusal belongs to, None for all of it, and how it is told."""
        return None, reason_of(error)

    def done_to_many(self, done: int, passed_by: int) -> str:
        """What is told after an action."""
        raise NotImplementedError


class ToolsAdmin(ReadOnlyAdmin):
    """Adds ``<row>/tool/<name>/`` and ``tool/<name>/``, and the buttons that lead there."""

    def tools(self) -> Iterable[Tool]:
        return ()

    def name_of(self, row: Any) -> str:
        """What a row is called above a question about it."""
        return str(row)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.tool_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path("tool/<slug:tool_name>/", view, name=f"{name}_list_tool"),
            path("<path:object_id>/tool/<slug:tool_name>/", view, name=f"{name}_tool"),
        ]
        return [*own, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if (row := context.get("original")) is not None:
            context.update(tools=self._buttons(request, row), subtitle=self.name_of(row))
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(
            request, {**(extra_context or {}), "tools": self._buttons(request, None)}
        )

    def get_actions(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_actions(request, *args, **kwargs)
        if IS_POPUP_VAR not in request.GET:  # where somebody chooses a row for another form
            for tool in self.tools():
                if tool.action and _has(request, tool.permission):
                    found[f"tool_{tool.name}"] = (_action_of(tool), f"tool_{tool.name}", tool.action)
        return found

    @method_decorator(sensitive_post_parameters())
    def tool_view(self, request: HttpRequest, tool_name: str, object_id: str | None = None) -> HttpResponse:
        tool, row = self._tool(request, tool_name, object_id)
        is_post = request.method == "POST"
        form = tool.form(row, request.POST if is_post else None)
        if is_post and form.is_valid() and (done := self._run(request, tool, row, form)) is not None:
            self.message_user(request, done.shown, messages.SUCCESS)
            return HttpResponseRedirect(self._page_of(None if done.is_gone else done.row or row))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": tool.title,
            "subtitle": None if row is None else self.name_of(row),
            "tool": tool,
            "lines": tool.explained(row),
            "form": form,
            "original": row,
            "back": self._page_of(row),
            "list": self._page_of(None),
        }
        return TemplateResponse(request, "admin/supertokens_django/tool.html", context)

    def _tool(self, request: HttpRequest, tool_name: str, object_id: str | None) -> tuple[Tool, Any]:
        tool = next((tool for tool in self.tools() if tool.name == tool_name), None)
        if tool is None or tool.on_list is not (object_id is None):
            raise Http404
        if not (self.has_view_permission(request) and _has(request, tool.permission)):
            raise PermissionDenied
        row = None if object_id is None else self.get_object(request, unquote(object_id))
        if row is None and not tool.on_list:
            raise Http404
        if not tool.fits(request, row):
            raise PermissionDenied
        return tool, row

    def _run(self, request: HttpRequest, tool: Tool, row: Any, form: forms.Form) -> Done | None:
        """The work and its entry in the admin's log, together or not at all; None where the service refuses."""
        try:
            with transaction.atomic(using=router.db_for_write(self.model)):
                done = tool.run(request, row, form)
                self._log(request, done, done.row or row)
                return done
        except SuperTokensError as error:
            field, text = tool.refused(error)
            form.add_error(field if field in form.fields else None, str(text))
            return None

    def _log(self, request: HttpRequest, done: Done, row: Any) -> None:
        if done.is_gone:
            self.log_deletions(request, [row])  # type: ignore[arg-type]
        elif done.is_new:
            self.log_addition(request, row, done.logged)
        else:
            self.log_change(request, row, done.logged)

    def _buttons(self, request: HttpRequest, row: Any) -> list[tuple[Text, str]]:
        """Title and address of the tools that this operator may use here."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"
        return [
            (
                tool.title,
                reverse(f"{name}_list_tool", args=[tool.name])
                if row is None
                else reverse(f"{name}_tool", args=[quote(row.pk), tool.name]),
            )
            for tool in self.tools()
            if tool.on_list is (row is None) and _has(request, tool.permission) and tool.fits(request, row)
        ]

    def _page_of(self, row: Any) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"
        return (
            reverse(f"{name}_changelist") if row is None else reverse(f"{name}_change", args=[quote(row.pk)])
        )


def _has(request: HttpRequest, permission: str) -> bool:
    user: Any = request.user
    return bool(user.has_perm(permission))


def _action_of(tool: Tool) -> Any:
    def act(admin: ToolsAdmin, request: HttpRequest, rows: Iterable[Any]) -> None:
        done = passed_by = 0
        for row in rows:
            if tool.fits(request, row):
                result = tool.run(request, row, tool.form(row))
                admin.log_change(request, row, result.logged)
                done += 1
            else:
                passed_by += 1
        admin.message_user(request, tool.done_to_many(done, passed_by), messages.SUCCESS)

    return act
