"""The forms of the pages: the fields of the API's forms for people.  The recipe judges them, not the form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.forms.widgets import Input
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from supertokens_django import conf
from supertokens_django.exceptions import FieldError, SuperTokensError
from supertokens_django.http.endpoint import JsonObject
from supertokens_django.pages import texts
from supertokens_django.recipes.emailpassword import inputs
from supertokens_django.recipes.emailpassword.conf import EmailPasswordConf, FormField
from supertokens_django.recipes.emailpassword.inputs import EMAIL, PASSWORD
from supertokens_django.recipes.emailpassword.validators import validate_email, validate_password_policy

CURRENT_PASSWORD, NEW_PASSWORD = "current_password", "new_password"
ERROR_ID = "form-error"
AUTOCOMPLETE = {
    "name": "name",
    "first_name": "given-name",
    "last_name": "family-name",
    "phone": "tel",
    "phone_number": "tel",
    "organization": "organization",
    "company": "organization",
    "country": "country-name",
}
"""What browsers may fill into fields of the project's own (WCAG 2.2, 1.3.5), by id."""


class RecipeField(forms.CharField):
    """One field; the template of its id is taken before the one of all fields."""

    def __init__(self, field: FormField, label: str, widget: Input, help_text: str = "") -> None:
        # Whether a value is missing, and what to say then, is the recipe's business.
        super().__init__(required=False, strip=False, label=label, widget=widget, help_text=help_text)
        self.is_optional = field.optional
        self.templates = (
            f"supertokens_django/pages/fields/{field.id}.html",
            "supertokens_django/pages/field.html",
        )


class RecipeForm(forms.Form):
    """A form of the API, shown to people and posted by their browsers."""

    use_required_attribute = False

    def __init__(
        self,
        wire_fields: Sequence[FormField],
        request: HttpRequest,
        *,
        is_new: bool = False,
        is_posted: bool | None = None,
    ) -> None:
        is_bound = request.method == "POST" if is_posted is None else is_posted
        super().__init__(request.POST if is_bound else None, label_suffix="")
        self.wire_fields = wire_fields
        for field in wire_fields:
            self.fields[field.id] = _form_field(field, is_new=is_new)
        if "notice" not in request.GET and is_posted is None:
            self._focus(next(iter(self.fields), None))

    def wire_data(self) -> JsonObject:
        """What a frontend would have sent; names that are no fields stand beside them, as for a guard's captcha."""
        posted = {name: value for name, value in self.data.items() if name != "csrfmiddlewaretoken"}
        given = [{"id": name, "value": posted.pop(name)} for name in self.fields if name in posted]
        return {**posted, "formFields": given}

    def refuse(self, error: SuperTokensError) -> None:
        """Show why the form was refused, and lead to the place."""
        if not isinstance(error, FieldError):
            self.add_error(None, texts.of_error(error))
            self._focus(
                PASSWORD if PASSWORD in self.fields else next(iter(self.fields), None), as_reason=True
            )
            return
        for name, text in error.errors:
            self.add_error(name if name in self.fields else None, texts.of_field_error(text))
        self._focus(next((name for name in self.fields if name in self.errors), None))

    def _focus(self, name: str | None, *, as_reason: bool = False) -> None:
        """Put the cursor into a field; ``as_reason`` ties the error of the whole form to it."""
        for field in self.fields.values():
            field.widget.attrs.pop("autofocus", None)
        if name is None:
            return
        attrs = self.fields[name].widget.attrs
        attrs["autofocus"] = True
        if as_reason:
            attrs["aria-describedby"] = " ".join(filter(None, [ERROR_ID, self[name].aria_describedby]))


def sign_in_form(request: HttpRequest, *, is_posted: bool | None = None) -> RecipeForm:
    return RecipeForm(_email_first(inputs.sign_in_fields()), request, is_posted=is_posted)


def sign_up_form(request: HttpRequest, *, is_posted: bool | None = None) -> RecipeForm:
    return RecipeForm(_email_first(inputs.sign_up_fields()), request, is_new=True, is_posted=is_posted)


def reset_link_form(request: HttpRequest) -> RecipeForm:
    return RecipeForm(inputs.reset_token_fields(), request, is_new=True)


def new_password_form(request: HttpRequest) -> RecipeForm:
    form = RecipeForm(inputs.reset_fields(), request, is_new=True)
    form.fields[PASSWORD].label = _("New password")
    return form


def sign_out_form(request: HttpRequest) -> RecipeForm:
    return RecipeForm((), request)


def change_password_form(request: HttpRequest, *, is_new: bool = False) -> RecipeForm:
    """One of several forms on its page: ``is_new`` gives it as it is before anybody has filled it in."""
    fields = (FormField(CURRENT_PASSWORD), FormField(NEW_PASSWORD))
    form = RecipeForm(fields, request, is_posted=not is_new)
    (policy,) = inputs.reset_fields()
    form.fields[CURRENT_PASSWORD] = _password_field(fields[0], gettext("Current password"), is_new=False)
    form.fields[NEW_PASSWORD] = _password_field(
        fields[1], gettext("New password"), is_new=True, help_text=_password_rules(policy)
    )
    return form


def change_email_form(request: HttpRequest, *, is_new: bool = False) -> RecipeForm:
    """One of several forms on its page, as that of the password."""
    (email,) = inputs.reset_token_fields()
    form = RecipeForm((email, FormField(PASSWORD)), request, is_new=True, is_posted=not is_new)
    form.fields[EMAIL].label = gettext("New e-mail address")
    form.fields[PASSWORD] = _password_field(FormField(PASSWORD), gettext("Current password"), is_new=False)
    return form


def _email_first(fields: Sequence[FormField]) -> list[FormField]:
    """E-mail and password before the project's own fields, but in the project's order where it names them."""
    named = [field.id for field in conf.section(EmailPasswordConf).form_fields]
    front = [name for name in (EMAIL, PASSWORD) if name not in named]
    return sorted(fields, key=lambda field: [*front, *named].index(field.id))


def _form_field(field: FormField, *, is_new: bool) -> RecipeField:
    attrs: dict[str, Any] = {} if field.optional else {"required": True}
    if field.id == PASSWORD:
        help_text = _password_rules(field) if is_new else ""
        return _password_field(field, gettext("Password"), is_new=is_new, help_text=help_text)
    if field.id == EMAIL:
        return _email_field(field, attrs, is_new=is_new)
    if (autocomplete := AUTOCOMPLETE.get(_snake_case(field.id))) is not None:
        attrs["autocomplete"] = autocomplete
    return RecipeField(field, label_of(field.id), forms.TextInput(attrs))


def _password_field(field: FormField, label: str, *, is_new: bool, help_text: str = "") -> RecipeField:
    attrs = {"required": True, "autocomplete": "new-password" if is_new else "current-password"}
    return RecipeField(field, label, forms.PasswordInput(attrs), help_text)


def _email_field(field: FormField, attrs: dict[str, Any], *, is_new: bool) -> RecipeField:
    attrs |= {"autocapitalize": "none", "spellcheck": "false"}
    if field.validate is not validate_email:
        # The project's own validator may take names that are no addresses.
        return RecipeField(field, gettext("E-mail"), forms.TextInput({**attrs, "autocomplete": "username"}))
    attrs["autocomplete"] = "email" if is_new else "username"
    return RecipeField(field, gettext("E-mail"), forms.EmailInput(attrs))


def _password_rules(field: FormField) -> str:
    rules = [str(texts.PASSWORD_POLICY)] if field.validate is validate_password_policy else []
    return " ".join([*rules, *password_validators_help_texts()])


def label_of(field_id: str) -> str:
    """The id as words ("firstName" is "First name"); a project's own catalogue may translate them."""
    return gettext(_snake_case(field_id).replace("_", " ").strip().capitalize() or field_id)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").replace(" ", "_").lower()
