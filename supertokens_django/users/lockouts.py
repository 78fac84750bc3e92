"""Lifting the rate limits of a user, in the admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from supertokens_django.admintools import Done, Text, Tool
from supertokens_django.exceptions import GeneralError
from supertokens_django.limits.service import ratelimits
from supertokens_django.registry import Account
from supertokens_django.users.models import User

CACHE_IS_AWAY = _("The cache that counts the tries cannot be asked.")


class LiftTool(Tool):
    name = "lift-rate-limits"
    title = _("Lift rate limits")
    action = _("Lift rate limits of selected users")
    permission = "supertokens_django.change_user"

    def fits(self, request: HttpRequest, row: User) -> bool:
        return bool(accounts_of(row))

    def explained(self, row: User) -> Sequence[Text]:
        what = _("All tries on this account are forgotten, at every endpoint.")
        try:
            return [*(_lines(row) or [_("At the moment nothing is locked out.")]), what]
        except Exception:  # whatever the backend of the cache raises
            return [CACHE_IS_AWAY]

    def run(self, request: HttpRequest, row: User, form: forms.Form) -> Done:
        try:
            for account in accounts_of(row):
                ratelimits.lift(*account)
        except Exception as error:
            raise GeneralError(str(CACHE_IS_AWAY)) from error
        return Done(gettext("The rate limits were lifted."), gettext("Lifted the rate limits."))

    def done_to_many(self, done: int, passed_by: int) -> str:
        text = ngettext(
            "The rate limits of %(count)d user were lifted.",
            "The rate limits of %(count)d users were lifted.",
            done,
        )
        return text % {"count": done}


def accounts_of(user: User) -> list[Account]:
    """What somebody signs in by, in every tenant."""
    found = [
        Account(identity.tenant_id, text)
        for method in user.login_methods.all()
        for identity in method.identities.all()
        for text in (method.email, method.phone_number)
        if text
    ]
    return list(dict.fromkeys(found))


def _lines(user: User) -> list[Any]:
    text = gettext(
        "%(account)s is locked out at %(endpoint)s for %(minutes)d minutes more, except from known addresses."
    )
    return [
        text
        % {
            "account": account.identifier,
            "endpoint": lockout.endpoint,
            "minutes": -(-lockout.retry_after // 60),
        }
        for account in accounts_of(user)
        for lockout in ratelimits.get_lockouts(*account)
    ]
