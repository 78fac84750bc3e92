"""The forms with which staff edit a tenant's providers.  Secrets go in, and are never shown again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from supertokens_django.conf import NestedProblems
from supertokens_django.exceptions import BadInputError
from supertokens_django.modeladmin import CodeTextarea
from supertokens_django.parsers import Parser
from supertokens_django.recipes.thirdparty import stored_validation
from supertokens_django.recipes.thirdparty.configuration import (
    ENDPOINTS,
    STORED_PARAMS,
    STORED_TEXTS,
    ClientConfig,
)
from supertokens_django.recipes.thirdparty.models import ThirdPartyProvider, ThirdPartyProviderClient
from supertokens_django.recipes.thirdparty.parsing import CLIENT, PROVIDER
from supertokens_django.recipes.thirdparty.service import thirdparty

KEPT = _("Stored. Leave it empty to keep it.")
LOST = _("It was encrypted under another SECRET_KEY. Enter it anew, or have it forgotten.")
FIELD_OF = {"client_secret": "new_secret", "additional_config": "new_additional_config"}
"""What the form calls the keys of a client where it has another name for them."""


class ObjectField(forms.JSONField):
    """A JSON object over several lines; empty where nothing is said."""

    widget = CodeTextarea

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False) if value else ""


class ScopeField(forms.CharField):
    """A list of scopes, blanks between them."""

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else " ".join(value)

    def to_python(self, value: Any) -> Any:
        return (super().to_python(value) or "").split() or None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or None))


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ThirdPartyProvider
        fields = ("tenant", "third_party_id", *STORED_TEXTS, *STORED_PARAMS, "user_info_map", "require_email")
        field_classes = dict.fromkeys((*STORED_PARAMS, "user_info_map"), ObjectField)
        widgets = dict.fromkeys((*STORED_PARAMS, "user_info_map"), CodeTextarea) | {
            name: forms.URLInput({"class": "vLargeTextField", "spellcheck": "false"}) for name in ENDPOINTS
        }
        help_texts = {
            "third_party_id": _(
                "Decides what is known of the provider: google, github, apple, google-2 … "
                "It cannot be changed later: accounts are found by it."
            ),
            "name": _("What users read on the button."),
            "user_info_map": _(
                "A JSON object: from_id_token_payload and from_user_info_api, "
                "each with user_id, email and email_verified."
            ),
        }

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        _judge(self, found, PROVIDER)
        return found

    def config(self) -> dict[str, Any]:
        """What the service is given, without the clients."""
        names = (*STORED_TEXTS, *STORED_PARAMS, "user_info_map", "require_email")
        return {name: value for name in names if (value := self.cleaned_data.get(name)) not in (None, "", {})}


class ClientForm(forms.ModelForm):  # type: ignore[type-arg]
    scope = ScopeField(
        label=_("Scope"),
        required=False,
        help_text=_("Blanks between them."),
        widget=forms.TextInput({"class": "vLargeTextField", "spellcheck": "false"}),
    )
    new_secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        widget=forms.PasswordInput({"class": "vTextField", "autocomplete": "off"}),
    )
    clear_secret = forms.BooleanField(label=_("Forget the client secret"), required=False)
    new_additional_config = ObjectField(
        label=_("Further configuration"),
        required=False,
        help_text=_(
            "A JSON object with what this provider alone needs, such as Apple's keyId, teamId and privateKey."
        ),
    )
    clear_additional_config = forms.BooleanField(label=_("Forget the further configuration"), required=False)

    class Meta:
        model = ThirdPartyProviderClient
        fields = ("client_type", "client_id", "force_pkce")
        widgets = {"client_id": forms.TextInput({"class": "vTextField", "spellcheck": "false"})}

    stored: ClientConfig | None = None
    """What there is of this client already; the form set says so."""
    is_lost = False
    """Whether its secret cannot be read any more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("scope", self.instance.scope)

    def remember(self, stored: ClientConfig | None) -> None:
        """Say what is stored, without saying it."""
        self.stored = stored
        if stored is not None and stored.client_secret:
            self.is_lost = not _is_readable(stored)
            self.fields["new_secret"].help_text = LOST if self.is_lost else KEPT
        if stored is not None and stored.additional_config:
            names = ", ".join(stored.additional_config)
            text = _("Stored: %(names)s. Leave it empty to keep it; what is written here takes its place.")
            self.fields["new_additional_config"].help_text = text % {"names": names}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        _judge(self, found, CLIENT)
        for name in ("secret", "additional_config"):
            if found.get(f"new_{name}") and found.get(f"clear_{name}"):
                self.add_error(f"new_{name}", _("Either write a new one, or have it forgotten."))
        if self.is_lost and not found.get("new_secret") and not found.get("clear_secret"):
            self.add_error("new_secret", LOST)
        return found

    def config(self) -> dict[str, Any]:
        """The client with what is stored of it and stays."""
        found = {
            "client_id": self.cleaned_data.get("client_id"),
            "client_type": self.cleaned_data.get("client_type") or None,
            "scope": self.cleaned_data.get("scope"),
            "force_pkce": self.cleaned_data.get("force_pkce"),
            "client_secret": self._kept("secret", self.stored.client_secret if self.stored else None),
            "additional_config": self._kept(
                "additional_config", self.stored.additional_config if self.stored else None
            ),
        }
        return {name: value for name, value in found.items() if value not in (None, "", {})}

    def _kept(self, name: str, stored: Any) -> Any:
        if self.cleaned_data.get(f"clear_{name}"):
            return None
        return self.cleaned_data.get(f"new_{name}") or stored


class ClientFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The clients of a provider; the service stores all of them at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = stored_clients(self.instance) if self.instance.pk else {}
        initial_forms: Any = self.initial_forms
        for form in initial_forms:
            form.remember(stored.get(form.initial.get("client_type") or ""))

    def clean(self) -> None:
        super().clean()
        found = list(self._kept_forms())
        if any(form.errors for form in found):
            return
        try:
            stored_validation.checked(
                {"third_party_id": self.instance.third_party_id, "clients": [form.config() for form in found]}
            )
        except BadInputError as error:
            self._place(error.message, found)

    def configs(self) -> list[dict[str, Any]]:
        return [form.config() for form in self._kept_forms()]

    def _kept_forms(self) -> Iterator[ClientForm]:
        forms: Any = self.forms
        deleted = self.deleted_forms
        for form in forms:
            if form not in deleted and (form.instance.pk is not None or form.has_changed()):
                yield form

    def _place(self, text: str, found: list[ClientForm]) -> None:
        """Put each mistake where it was made; those of the provider itself are told there."""
        for part in re.split(r" (?=config\[)", text):
            place = re.match(r"config\['clients'\]\[(\d+)\]\['(\w+)'\](.*)", part)
            if place is not None:
                name = FIELD_OF.get(place[2], place[2])
                found[int(place[1])].add_error(name, f"{_rest(place[3])}")


def _rest(text: str) -> str:
    """What was wrong, beginning with the inner key where there is one."""
    return re.sub(r"\['(\w+)'\]", r"\1", text).strip()


def stored_clients(provider: ThirdPartyProvider) -> Mapping[str, ClientConfig]:
    """The clients that are stored for a provider, by type."""
    configs = thirdparty.list_third_party_configs(provider.tenant_id)
    found = next((one for one in configs if one.third_party_id == provider.third_party_id), None)
    return {client.client_type or "": client for client in (found.clients if found else ())}


def _is_readable(client: ClientConfig) -> bool:
    try:
        return client.resolved_secret is not None
    except ImproperlyConfigured:
        return False


def _judge(form: forms.ModelForm[Any], found: Mapping[str, Any], parsers: Mapping[str, Parser]) -> None:
    """Have each value judged as one of the settings is."""
    for name, parse in parsers.items():
        field = FIELD_OF.get(name, name)
        value = found.get(field)
        if field not in form.fields or value in (None, "", {}, []):
            continue
        try:
            parse(value)
        except NestedProblems as error:
            form.add_error(field, ValidationError([_rest(f"{problem}") for problem in error.under("")]))
        except ValueError as error:
            form.add_error(field, gettext("This %(reason)s") % {"reason": error})
