"""Signing in as a user, in the admin: a button on the user's page, a question, a POST."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from supertokens_django import clock, conf, registry
from supertokens_django.admintools import ToolsAdmin
from supertokens_django.exceptions import SuperTokensError
from supertokens_django.modeladmin import reason_of
from supertokens_django.users import django_user
from supertokens_django.users.models import User

PERMISSION = "supertokens_django.impersonate_user"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=255,
        required=False,
        help_text=_("A ticket, for instance. It is kept with the session and in the log."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True, "autocomplete": "off"}),
    )


class ActingAdmin(ToolsAdmin):
    """Adds the page ``<user>/impersonate/``; what is asked and refused is the session's business."""

    def name_of(self, row: User) -> str:
        names = (method.email or method.phone_number for method in row.login_methods.all())
        found = django_user.of(row)
        return next(filter(None, names), None) or (found.get_username() if found else row.pk)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<path:object_id>/impersonate/",
            self.admin_site.admin_view(self.impersonate_view),
            name="supertokens_django_user_impersonate",
        )
        return [own, *super().get_urls()]

    def has_impersonate_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.has_perm(PERMISSION))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {**(extra_context or {}), "may_impersonate": self.has_impersonate_permission(request)}
        return super().change_view(request, object_id, form_url, context)

    def impersonate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not (self.has_impersonate_permission(request) and self.has_view_permission(request)):
            raise PermissionDenied
        user = self.get_queryset(request).filter(pk=object_id).first()
        if user is None:
            raise Http404
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            return self._impersonate(request, user, form.cleaned_data["reason"])
        return TemplateResponse(
            request,
            "admin/supertokens_django/user/impersonate.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "media": self.media,
                "title": gettext("Sign in as this user"),
                "original": user,
                "name": self.name_of(user),
                "form": form,
                "lifetime": _lifetime(),
                "is_signed_in_by_django": SESSION_KEY in request.session,
            },
        )

    def _impersonate(self, request: HttpRequest, user: User, reason: str) -> HttpResponse:
        try:
            registry.service("SESSION").impersonate(request, user.pk, reason)
        except SuperTokensError as error:
            self.message_user(request, reason_of(error), messages.ERROR)
            page = f"{self.admin_site.name}:supertokens_django_user_change"
            return HttpResponseRedirect(reverse(page, args=[user.pk]))
        return HttpResponseRedirect(_website(request))


def _lifetime() -> str:
    """How long it lasts, in words."""
    lasts: Any = conf.section(conf.SECTIONS["SESSION"])
    now = clock.now()
    return timesince(now - lasts.impersonation_lifetime, now)


def _website(request: HttpRequest) -> str:
    """Where users are: the page after a sign-in, where this project serves the website too, else the website."""
    origin = conf.app().website_origin(request)
    return resolve_url(conf.redirect_after_sign_in()) if origin == conf.app().api_domain else origin
