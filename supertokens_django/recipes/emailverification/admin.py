"""What staff do in the admin with the e-mail addresses of users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from supertokens_django.admintools import Done, Text, Tool
from supertokens_django.exceptions import SuperTokensError
from supertokens_django.recipes.emailverification.exceptions import EmailAlreadyVerified
from supertokens_django.recipes.emailverification.service import emailverification
from supertokens_django.recipes.multitenancy.service import PUBLIC_TENANT
from supertokens_django.users import details
from supertokens_django.users.details import MethodDetails
from supertokens_django.users.models import User

CHANGE_USER = "supertokens_django.change_user"


class _AddressTool(Tool):
    """Something with the addresses of a user that are verified, or are not; where there are several, one is chosen."""

    permission = CHANGE_USER
    of_verified = False

    def fits(self, request: HttpRequest, row: User) -> bool:
        return bool(self.logins_of(row))

    def logins_of(self, row: User) -> list[MethodDetails]:
        found = details.of(row).methods
        return [item for item in found if item.method.email and item.is_verified is self.of_verified]

    def form(self, row: User, data: Any = None) -> forms.Form:
        form, logins = self.form_class(data), self.logins_of(row)
        if len(logins) > 1:
            choices = [(item.wire_id, item.method.email) for item in logins]
            form.fields["login"] = forms.ChoiceField(label=_("E-mail address"), choices=choices)
        return form

    def login_of(self, row: User, form: forms.Form) -> MethodDetails:
        chosen, logins = form.cleaned_data.get("login"), self.logins_of(row)
        return next((item for item in logins if item.wire_id == chosen), logins[0])

    def addresses(self, row: User) -> dict[str, str]:
        return {"address": ", ".join(item.method.email or "" for item in self.logins_of(row))}

    def refused(self, error: SuperTokensError) -> tuple[str | None, Text]:
        if isinstance(error, EmailAlreadyVerified):
            return None, _("The address is verified already.")
        return super().refused(error)


class VerifyTool(_AddressTool):
    name = "verify-email"
    title = _("Mark the e-mail as verified")

    def explained(self, row: User) -> Sequence[Text]:
        return [
            _("%(address)s counts as the user's from now on.") % self.addresses(row),
            _("Whether it is the user's is not asked: make sure of it."),
        ]

    def run(self, request: HttpRequest, row: User, form: forms.Form) -> Done:
        login = self.login_of(row, form)
        emailverification.mark_email_verified(login.wire_id, login.method.email)
        address = {"address": login.method.email}
        return Done(
            gettext("%(address)s is verified now.") % address,
            gettext("Marked %(address)s as verified.") % address,
        )


class UnverifyTool(_AddressTool):
    name = "unverify-email"
    title = _("Mark the e-mail as not verified")
    of_verified = True

    def explained(self, row: User) -> Sequence[Text]:
        return [
            _("The user will be asked to confirm %(address)s again.") % self.addresses(row),
            _("Sessions that say it is verified keep saying so until they are made anew."),
        ]

    def run(self, request: HttpRequest, row: User, form: forms.Form) -> Done:
        login = self.login_of(row, form)
        emailverification.unverify_email(login.wire_id, login.method.email)
        address = {"address": login.method.email}
        return Done(
            gettext("%(address)s is not verified any more.") % address,
            gettext("Marked %(address)s as not verified.") % address,
        )


class VerificationMailTool(_AddressTool):
    name = "verification-mail"
    title = _("Send a verification mail")
    action = _("Send a verification mail to selected users")

    def explained(self, row: User) -> Sequence[Text]:
        return [_("A link to confirm it goes to %(address)s.") % self.addresses(row)]

    def form(self, row: User, data: Any = None) -> forms.Form:
        return forms.Form(data)

    def run(self, request: HttpRequest, row: User, form: forms.Form) -> Done:
        for login in self.logins_of(row):
            tenant_id = PUBLIC_TENANT if PUBLIC_TENANT in login.tenant_ids else min(login.tenant_ids)
            emailverification.send_email_verification_email(
                tenant_id, details.of(row).wire_id, login.wire_id, login.method.email, request
            )
        return Done(gettext("The mail is on its way."), gettext("Sent a verification mail."))

    def done_to_many(self, done: int, passed_by: int) -> str:
        text = ngettext(
            "%(count)d user was sent a verification mail.",
            "%(count)d users were sent a verification mail.",
            done,
        )
        if not passed_by:
            return text % {"count": done}
        more = ngettext("%(count)d has nothing to verify.", "%(count)d have nothing to verify.", passed_by)
        return f"{text % {'count': done}} {more % {'count': passed_by}}"


USER_TOOLS = (VerifyTool(), UnverifyTool(), VerificationMailTool())
