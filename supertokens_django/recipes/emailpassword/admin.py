"""What staff do in the admin with users who sign in by e-mail and password."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from supertokens_django.admintools import Done, Text, Tool
from supertokens_django.exceptions import FieldError, SuperTokensError, UnknownTenantError
from supertokens_django.recipes.emailpassword import inputs
from supertokens_django.recipes.emailpassword.exceptions import EmailAlreadyExists, PasswordPolicyViolated
from supertokens_django.recipes.emailpassword.rows import RECIPE_ID
from supertokens_django.recipes.emailpassword.service import emailpassword
from supertokens_django.recipes.multitenancy.service import PUBLIC_TENANT, require_tenant
from supertokens_django.recipes.session.service import session
from supertokens_django.users.models import LoginMethod, User
from supertokens_django.users.standing import may_do_more

CHANGE_USER = "supertokens_django.change_user"


class PasswordField(forms.CharField):
    """A new password, which browsers offer to make and nothing shows again."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput({"class": "vTextField", "autocomplete": "new-password"})
        super().__init__(strip=False, widget=widget, **kwargs)


class EmailField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.EmailInput({"class": "vTextField", "autocomplete": "off", "spellcheck": "false"})
        super().__init__(label=_("E-mail address"), max_length=255, widget=widget, **kwargs)


class NewPasswordForm(forms.Form):
    password = PasswordField(label=_("New password"))
    password_again = PasswordField(label=_("New password, again"))

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if "password" in found and found["password"] != found.get("password_again", found["password"]):
            raise ValidationError({"password_again": _("The two passwords are not the same.")})
        return found


class _LoginTool(Tool):
    """Something with the login methods of a user that have a password; where there are several, one is chosen."""

    permission = CHANGE_USER

    def fits(self, request: HttpRequest, row: User) -> bool:
        return bool(logins_of(row))

    def form(self, row: User, data: Any = None) -> forms.Form:
        form, logins = self.form_class(data), logins_of(row)
        if len(logins) > 1:
            choices = [(login.pk, login.email) for login in logins]
            form.fields = {"login": forms.ChoiceField(label=_("Login"), choices=choices), **form.fields}
        return form

    def login_of(self, row: User, form: forms.Form) -> LoginMethod:
        chosen = form.cleaned_data.get("login") if form.is_bound else None
        logins = logins_of(row)
        return next((login for login in logins if login.pk == chosen), logins[0])


class _TakeOverTool(_LoginTool):
    """Who may do it could sign in as the user afterwards."""

    def fits(self, request: HttpRequest, row: User) -> bool:
        return super().fits(request, row) and not may_do_more(row, request.user)


class PasswordTool(_TakeOverTool):
    name = "password"
    title = _("Set a password")
    form_class = NewPasswordForm

    def explained(self, row: User) -> Sequence[Text]:
        return [
            _("The old password and reset links that are out end at once."),
            _("The user is signed out everywhere."),
            _(
                "Nobody is told: tell the user yourself. A reset mail lets users choose a password on their own."
            ),
        ]

    def run(self, request: HttpRequest, row: User, form: forms.Form) -> Done:
        login = self.login_of(row, form)
        emailpassword.update_email_or_password(
            login.pk,
            password=form.cleaned_data["password"],
            tenant_id_for_password_policy=tenant_of(login),
        )
        ended = len(session.revoke_all_sessions_for_user(row.pk))
        text = ngettext(
            "The password was set, and %(count)d session revoked.",
            "The password was set, and %(count)d sessions revoked.",
            ended,
        )
        return Done(text % {"count": ended}, gettext("Set a password. Signed out everywhere."))

    def refused(self, error: SuperTokensError) -> tuple[str | None, Text]:
        return _refused(error) or super().refused(error)


class EmailTool(_TakeOverTool):
    name = "email"
    title = _("Change the e-mail address")

    def explained(self, row: User) -> Sequence[Text]:
        return [
            _("From now on the user signs in by the new one, and reset mails go there."),
            _(
                "Whether it is the user's is not asked: make sure of it. Reset links that are out end at once."
            ),
        ]

    def form(self, row: User, data: Any = None) -> forms.Form:
        form = super().form(row, data)
        logins = logins_of(row)
        form.fields["email"] = EmailField(initial=logins[0].email if len(logins) == 1 else None)
        return form

    def run(self, request: HttpRequest, row: User, form: forms.Form) -> Done:
        login = self.login_of(row, form)
        old, new = login.email, require_email(form.cleaned_data["email"], tenant_of(login))
        found = emailpassword.update_email_or_password(login.pk, email=new)
        change = {"old": old, "new": found.email}
        return Done(
            gettext("The e-mail address is %(new)s now.") % change,
            gettext("Changed the e-mail address from %(old)s to %(new)s.") % change,
        )

    def refused(self, error: SuperTokensError) -> tuple[str | None, Text]:
        return _refused(error) or super().refused(error)


class ResetMailTool(_LoginTool):
    name = "reset-mail"
    title = _("Send a reset mail")
    action = _("Send a reset mail to selected users")

    def explained(self, row: User) -> Sequence[Text]:
        addresses = ", ".join(login.email or "" for login in logins_of(row))
        return [
            _("A link to choose a new password goes to %(address)s.") % {"address": addresses},
            _("The old password stays good until then."),
        ]

    def form(self, row: User, data: Any = None) -> forms.Form:
        return forms.Form(data)

    def run(self, request: HttpRequest, row: User, form: forms.Form) -> Done:
        for login in logins_of(row):
            emailpassword.send_reset_password_email(tenant_of(login), login.pk, login.email or "", request)
        return Done(gettext("The mail is on its way."), gettext("Sent a reset mail."))

    def done_to_many(self, done: int, passed_by: int) -> str:
        text = ngettext(
            "%(count)d user was sent a reset mail.", "%(count)d users were sent a reset mail.", done
        )
        if not passed_by:
            return text % {"count": done}
        more = ngettext("%(count)d has no password.", "%(count)d have no password.", passed_by)
        return f"{text % {'count': done}} {more % {'count': passed_by}}"


class NewUserForm(NewPasswordForm):
    field_order = ("tenant", "email", "password", "password_again")

    email = EmailField()
    tenant = forms.CharField(
        label=_("Tenant ID"), initial=PUBLIC_TENANT, widget=forms.TextInput({"class": "vTextField"})
    )


class NewUserTool(Tool):
    name = "new-emailpassword"
    title = _("Add a user with a password")
    permission = "supertokens_django.add_user"
    on_list = True
    form_class = NewUserForm

    def explained(self, row: Any) -> Sequence[Text]:
        return [_("The user can sign in at once. Nobody is told: tell the user yourself.")]

    def run(self, request: HttpRequest, row: Any, form: forms.Form) -> Done:
        found = form.cleaned_data
        tenant_id = require_tenant(found["tenant"])
        email = require_email(found["email"], tenant_id)
        if (error := inputs.password_error(found["password"], tenant_id, email)) is not None:
            raise PasswordPolicyViolated(error)
        method = emailpassword.sign_up(tenant_id, email, found["password"])
        text = gettext("The user %(email)s was added.") % {"email": method.email}
        return Done(text, gettext("Added."), method.user, is_new=True)

    def refused(self, error: SuperTokensError) -> tuple[str | None, Text]:
        return _refused(error) or super().refused(error)


USER_TOOLS = (PasswordTool(), ResetMailTool(), EmailTool(), NewUserTool())


def logins_of(user: User) -> list[LoginMethod]:
    """The login methods of a user that have a password."""
    return [method for method in user.login_methods.all() if method.recipe_id == RECIPE_ID]


def tenant_of(login: LoginMethod) -> str:
    """The tenant whose rules and links are for a login method: ``public``, or the first one that it is in."""
    tenants = {identity.tenant_id for identity in login.identities.all()}
    return PUBLIC_TENANT if PUBLIC_TENANT in tenants else min(tenants, default=PUBLIC_TENANT)


def require_email(email: str, tenant_id: str) -> str:
    """Give an address that the sign-up form would take.

    Raises:
        FieldError: it would not.
    """
    email = email.strip()
    if (error := inputs.email_error(email, tenant_id)) is not None:
        raise FieldError([(inputs.EMAIL, error)])
    return email


def _refused(error: SuperTokensError) -> tuple[str, Text] | None:
    if isinstance(error, FieldError):
        name, text = error.errors[0]
        return name, gettext(text)
    if isinstance(error, PasswordPolicyViolated):
        return inputs.PASSWORD, gettext(error.failure_reason)
    if isinstance(error, EmailAlreadyExists):
        return inputs.EMAIL, _("Somebody signs in by this e-mail address already.")
    if isinstance(error, UnknownTenantError):
        return "tenant", _("There is no such tenant.")
    return None
