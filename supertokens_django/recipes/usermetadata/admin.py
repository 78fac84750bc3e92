"""User metadata in the admin."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from supertokens_django.admintools import Done, Text, Tool
from supertokens_django.exceptions import BadInputError
from supertokens_django.modeladmin import CodeTextarea, EditableAdmin, shown
from supertokens_django.recipes.usermetadata import inputs
from supertokens_django.recipes.usermetadata.models import UserMetadata
from supertokens_django.recipes.usermetadata.service import usermetadata
from supertokens_django.users import ids, search
from supertokens_django.users.admin import NamesUsers

SHOWN_KEYS = 8


class MetadataField(forms.JSONField):
    """A JSON object, written over several lines."""

    widget = CodeTextarea

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value or {}, indent=2, ensure_ascii=False)

    def clean(self, value: Any) -> dict[str, Any]:
        found = super().clean(value)
        try:
            return inputs.metadata({} if found is None else found)
        except BadInputError as error:
            raise ValidationError(error.message) from error


class MetadataForm(forms.ModelForm):  # type: ignore[type-arg]
    metadata = MetadataField(
        label=_("Metadata"),
        required=False,
        show_hidden_initial=True,
        help_text=_("A JSON object. What is null here is removed."),
    )

    class Meta:
        model = UserMetadata
        fields = ("user_id", "metadata")


class NameForm(forms.Form):
    first_name = forms.CharField(
        label=_("First name"), required=False, max_length=150, widget=forms.TextInput({"class": "vTextField"})
    )
    last_name = forms.CharField(
        label=_("Last name"), required=False, max_length=150, widget=forms.TextInput({"class": "vTextField"})
    )


class NameTool(Tool):
    """The two keys of the metadata that SuperTokens' dashboard knows."""

    name = "name"
    title = _("Change the name")
    permission = "supertokens_django.change_usermetadata"

    def explained(self, row: Any) -> Sequence[Text]:
        return [_("It is kept in the metadata, as first_name and last_name. An empty one is removed.")]

    def form(self, row: Any, data: Any = None) -> forms.Form:
        stored = usermetadata.get_user_metadata(row.pk)
        initial = {name: stored.get(name) for name in NameForm.base_fields}
        return NameForm(data, initial={key: text for key, text in initial.items() if isinstance(text, str)})

    def run(self, request: HttpRequest, row: Any, form: forms.Form) -> Done:
        changed = {name: form.cleaned_data[name] or None for name in form.changed_data}
        usermetadata.update_user_metadata(row.pk, changed)
        return Done(gettext("The name was changed."), gettext("Changed the name."))


USER_TOOLS = (NameTool(),)


@admin.register(UserMetadata)
class UserMetadataAdmin(NamesUsers, EditableAdmin):
    form = MetadataForm
    list_display = ("user", "keys", "shown_user_id")
    sortable_by = ()
    ordering = ("pk",)
    search_fields = ("user_id",)
    search_help_text = _("An ID, or the start of an e-mail address or a phone number")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user_id", "metadata") if obj is None else ("person", "user_id", "metadata")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("person", "user_id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not (term := search_term.strip()):
            return queryset, False
        return queryset.filter(pk__in=[term, *search.user_ids_found_by(term)]), False

    @admin.display(description=_("keys"))
    def keys(self, row: UserMetadata) -> str:
        names = sorted(row.metadata)
        return ", ".join(names[:SHOWN_KEYS]) + (", …" if len(names) > SHOWN_KEYS else "")

    def save_model(self, request: HttpRequest, obj: UserMetadata, form: MetadataForm, change: bool) -> None:
        wanted = form.cleaned_data["metadata"]
        removed = dict.fromkeys(key for key in shown(form, "metadata") or {} if key not in wanted)
        usermetadata.update_user_metadata(obj.user_id, {**removed, **wanted})
        obj.user_id = ids.own_user_id_of(obj.user_id)

    def delete_model(self, request: HttpRequest, obj: UserMetadata) -> None:
        usermetadata.clear_user_metadata(obj.user_id)
