"""Manifest of the passwordless recipe."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from supertokens_django import conf
from supertokens_django.recipes.passwordless import factors
from supertokens_django.recipes.passwordless.conf import PasswordlessConf
from supertokens_django.registry import Encrypted, Expired, Limit, Recipe


class PasswordlessRecipe(Recipe):
    name = "passwordless"
    section = PasswordlessConf
    urls = "supertokens_django.recipes.passwordless.urls"
    openapi = "supertokens_django.recipes.passwordless.openapi"
    user_tools = "supertokens_django.recipes.passwordless.admin"
    factor_ids = factors.ALL

    def channels(self) -> Collection[str]:
        settings = conf.section(PasswordlessConf)
        wanted = {"email": settings.takes_emails, "sms": settings.takes_phone_numbers}
        return [channel for channel, is_wanted in wanted.items() if is_wanted]

    def limits(self) -> Sequence[Limit]:
        from supertokens_django.recipes.passwordless.flows import account_of, account_of_device

        # With five guesses on each device, a hundred a day at an address, some of them while six codes are good: two in
        # ten thousand that one is right.  Who signs in from home is not kept out by what others ask for.
        rates = ("50/h", "5/15m, 20/d", "5/15m, 20/d")
        return (
            Limit("passwordless:code", *rates, account_of),
            Limit("passwordless:resend", *rates, account_of_device),
            Limit("passwordless:consume", "100/h", counts_failures=True),
            Limit("passwordless:email_exists", "30/m, 300/h"),
            Limit("passwordless:phone_number_exists", "30/m, 300/h"),
        )

    def expired(self) -> Sequence[Expired]:
        from django.db.models import Exists, OuterRef

        from supertokens_django.recipes.passwordless.models import PasswordlessCode, PasswordlessDevice

        devices, codes = PasswordlessDevice.objects, PasswordlessCode.objects
        # An expired code stays as long as its device, on which a wrong code can be told from one that came too late.
        left_behind = codes.filter(~Exists(devices.filter(pk=OuterRef("device"))))
        return (
            Expired("passwordless devices", lambda moment: devices.filter(expires_at__lt=moment)),
            Expired("passwordless codes", lambda moment: left_behind.filter(expires_at__lt=moment)),
        )

    def encrypted(self) -> Sequence[Encrypted]:
        from supertokens_django.recipes.passwordless.models import PasswordlessDevice

        return (Encrypted("passwordless devices", PasswordlessDevice.objects.all, "link_code_salt"),)

    def forget_users(self, user_ids: Collection[str]) -> None:
        from supertokens_django.recipes.passwordless.rows import forget_contacts_of

        forget_contacts_of(user_ids)


recipe = PasswordlessRecipe()
