"""Signing keys in the admin: their public halves, and what each of them does now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from supertokens_django.admintools import Done, Text, Tool, ToolsAdmin
from supertokens_django.recipes.jwt.key_verbs import ENDED, NEXT, RETIRED, SIGNING, VERIFYING, information_of
from supertokens_django.recipes.jwt.models import SigningKey
from supertokens_django.recipes.jwt.service import jwt_service

STATES: dict[str, str | Promise] = {
    SIGNING: _("signs"),
    NEXT: _("signs next"),
    VERIFYING: _("verifies"),
    RETIRED: _("retired, verifies"),
    ENDED: _("ended"),
}


class RotateForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Which key"),
        initial=SigningKey.Kind.DYNAMIC,
        choices=[
            (SigningKey.Kind.DYNAMIC, _("The dynamic one, which signs sessions")),
            (SigningKey.Kind.STATIC, _("The static one, which signs JWTs for other services")),
        ],
    )


class RotateTool(Tool):
    name = "rotate"
    title = _("Rotate now")
    permission = "supertokens_django.change_signingkey"
    on_list = True
    form_class = RotateForm

    def explained(self, row: Any) -> Sequence[Text]:
        return [
            _("A new key is published at once, and signs in 60 seconds."),
            _("The old key goes on verifying what it has signed: nobody is signed out."),
            _("A key that has leaked is ended on the command line, by supertokens_keys retire with --now."),
        ]

    def run(self, request: HttpRequest, row: Any, form: forms.Form) -> Done:
        made = jwt_service.rotate_signing_key(static=form.cleaned_data["kind"] == SigningKey.Kind.STATIC)
        return Done(
            gettext("The key %(kid)s is published.") % {"kid": made.kid},
            gettext("Rotated."),
            SigningKey.objects.get(pk=made.kid),
            is_new=True,
        )


@admin.register(SigningKey)
class SigningKeyAdmin(ToolsAdmin):
    list_display = ("kid", "kind", "state", "created_at", "retired_at", "verifies_until")
    sortable_by = ()
    ordering = ("-created_at", "kid")
    fields = ("kid", "kind", "state", "created_at", "retired_at", "verifies_until", "public_pem")

    def tools(self) -> Iterable[Tool]:
        return (RotateTool(),)

    @admin.display(description=_("state"))
    def state(self, key: SigningKey) -> str | Promise:
        return STATES[information_of(key).state]

    @admin.display(description=_("accepted until"))
    def verifies_until(self, key: SigningKey) -> datetime | None:
        return information_of(key).accepted_until

    @admin.display(description=_("public key"))
    def public_pem(self, key: SigningKey) -> str:
        return format_html("<pre>{}</pre>", key.public_key)
