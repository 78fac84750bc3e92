"""Signing keys in the admin: their public halves, and what each of them does now."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from supertokens_django.modeladmin import ReadOnlyAdmin
from supertokens_django.recipes.jwt.key_verbs import ENDED, NEXT, RETIRED, SIGNING, VERIFYING, information_of
from supertokens_django.recipes.jwt.models import SigningKey

STATES: dict[str, str | Promise] = {
    SIGNING: _("signs"),
    NEXT: _("signs next"),
    VERIFYING: _("verifies"),
    RETIRED: _("retired, verifies"),
    ENDED: _("ended"),
}


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    list_display = ("kid", "kind", "state", "created_at", "retired_at", "verifies_until")
    sortable_by = ()
    ordering = ("-created_at", "kid")
    fields = ("kid", "kind", "state", "created_at", "retired_at", "verifies_until", "public_pem")

    @admin.display(description=_("state"))
    def state(self, key: SigningKey) -> str | Promise:
        return STATES[information_of(key).state]

    @admin.display(description=_("accepted until"))
    def verifies_until(self, key: SigningKey) -> datetime | None:
        return information_of(key).accepted_until

    @admin.display(description=_("public key"))
    def public_pem(self, key: SigningKey) -> str:
        return format_html("<pre>{}</pre>", key.public_key)
