"""What staff do in the admin with users who sign in by codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from supertokens_django.admintools import Done, Text, Tool
from supertokens_django.exceptions import FieldError, GeneralError, SuperTokensError
from supertokens_django.recipes.multitenancy.service import PUBLIC_TENANT
from supertokens_django.recipes.passwordless import inputs
from supertokens_django.recipes.passwordless.exceptions import EmailAlreadyExists, PhoneNumberAlreadyExists
from supertokens_django.recipes.passwordless.rows import RECIPE_ID
from supertokens_django.recipes.passwordless.service import passwordless
from supertokens_django.users import contacts
from supertokens_django.users.models import LoginMethod, User
from supertokens_django.users.standing import may_do_more

CHANGE_USER = "supertokens_django.change_user"
EMAIL, PHONE_NUMBER = "email", "phone_number"


class ContactForm(forms.Form):
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=255,
        required=False,
        widget=forms.EmailInput({"class": "vTextField", "autocomplete": "off", "spellcheck": "false"}),
    )
    phone_number = forms.CharField(
        label=_("Phone number"),
        max_length=64,
        required=False,
        help_text=_("With the country code, for instance +49 for Germany."),
        widget=forms.TextInput({"class": "vTextField", "type": "tel", "autocomplete": "off"}),
    )


class _LoginTool(Tool):
    """Something with the passwordless login methods of a user; where there are several, one is chosen."""

    permission = CHANGE_USER

    def fits(self, request: HttpRequest, row: User) -> bool:
        return bool(logins_of(row))

    def form(self, row: User, data: Any = None) -> forms.Form:
        form, logins = self.form_class(data), logins_of(row)
        if len(logins) > 1:
            choices = [(login.pk, " · ".join(login.identifiers())) for login in logins]
            form.fields = {"code_login": forms.ChoiceField(label=_("Login"), choices=choices), **form.fields}
        return form

    def login_of(self, row: User, form: forms.Form) -> LoginMethod:
        chosen = form.cleaned_data.get("code_login") if form.is_bound else None
        logins = logins_of(row)
        return next((login for login in logins if login.pk == chosen), logins[0])


class ContactTool(_LoginTool):
    """Who may do it could sign in as the user afterwards."""

    name = "passwordless-contact"
    title = _("Change where codes are sent")
    form_class = ContactForm

    def fits(self, request: HttpRequest, row: User) -> bool:
        return super().fits(request, row) and not may_do_more(row, request.user)

    def explained(self, row: User) -> Sequence[Text]:
        return [
            _(
                "From now on the user signs in by codes that are sent there. An empty field takes that way in away."
            ),
            _("Whether it is the user's is not asked: make sure of it. Codes that are out end at once."),
        ]

    def form(self, row: User, data: Any = None) -> forms.Form:
        form, logins = super().form(row, data), logins_of(row)
        if len(logins) == 1:
            form.fields[EMAIL].initial = logins[0].email
            form.fields[PHONE_NUMBER].initial = logins[0].phone_number
        return form

    def run(self, request: HttpRequest, row: User, form: forms.Form) -> Done:
        login = self.login_of(row, form)
        old = ", ".join(login.identifiers())
        email, number = (form.cleaned_data[name].strip() for name in (EMAIL, PHONE_NUMBER))
        self._check(login, email, number)
        changed = passwordless.update_user(login.pk, email or None, number or None)
        if not email and changed.email:
            changed = passwordless.delete_email_for_user(login.pk)
        if not number and changed.phone_number:
            changed = passwordless.delete_phone_number_for_user(login.pk)
        change = {"old": old, "new": ", ".join(changed.identifiers())}
        return Done(
            gettext("Codes are sent to %(new)s now.") % change,
            gettext("Changed where codes are sent from %(old)s to %(new)s.") % change,
        )

    @staticmethod
    def _check(login: LoginMethod, email: str, number: str) -> None:
        """Ask the rules about what is new; what was there before may stay."""
        tenant_id = tenant_of(login)
        if email and email != login.email and (error := inputs.email_error(email, tenant_id)):
            raise FieldError([(EMAIL, error)])
        if (
            number
            and number != login.phone_number
            and (error := inputs.phone_number_error(number, tenant_id))
        ):
            raise FieldError([(PHONE_NUMBER, error)])

    def refused(self, error: SuperTokensError) -> tuple[str | None, Text]:
        if isinstance(error, FieldError):
            name, text = error.errors[0]
            return name, gettext(text)
        if isinstance(error, EmailAlreadyExists):
            return EMAIL, _("Somebody signs in by this e-mail address already.")
        if isinstance(error, PhoneNumberAlreadyExists):
            return PHONE_NUMBER, _("Somebody signs in by this phone number already.")
        if isinstance(error, GeneralError):
            return None, error.message
        return None, _("There must be an e-mail address or a phone number.")


class RevokeCodesTool(_LoginTool):
    name = "passwordless-codes"
    title = _("End sign-in codes")
    action = _("End the sign-in codes of selected users")

    def explained(self, row: User) -> Sequence[Text]:
        places = ", ".join(text for login in logins_of(row) for text in login.identifiers())
        return [
            _("Codes and links that were sent to %(places)s end at once.") % {"places": places},
            _("The user can ask for a new one, and stays signed in."),
        ]

    def form(self, row: User, data: Any = None) -> forms.Form:
        return forms.Form(data)

    def run(self, request: HttpRequest, row: User, form: forms.Form) -> Done:
        for login in logins_of(row):
            for tenant_id in contacts.tenants_of(login):
                if login.email:
                    passwordless.revoke_all_codes(tenant_id, email=login.email)
                if login.phone_number:
                    passwordless.revoke_all_codes(tenant_id, phone_number=login.phone_number)
        return Done(gettext("The codes have ended."), gettext("Ended sign-in codes."))

    def done_to_many(self, done: int, passed_by: int) -> str:
        text = ngettext(
            "The sign-in codes of %(count)d user have ended.",
            "The sign-in codes of %(count)d users have ended.",
            done,
        )
        if not passed_by:
            return text % {"count": done}
        more = ngettext("%(count)d does not use any.", "%(count)d do not use any.", passed_by)
        return f"{text % {'count': done}} {more % {'count': passed_by}}"


USER_TOOLS = (ContactTool(), RevokeCodesTool())


def logins_of(user: User) -> list[LoginMethod]:
    """The login methods of a user for which codes are sent."""
    return [method for method in user.login_methods.all() if method.recipe_id == RECIPE_ID]


def tenant_of(login: LoginMethod) -> str:
    """The tenant whose rules are for a login method: ``public``, or the first one that it is in."""
    tenants = contacts.tenants_of(login)
    return PUBLIC_TENANT if PUBLIC_TENANT in tenants else min(tenants, default=PUBLIC_TENANT)
