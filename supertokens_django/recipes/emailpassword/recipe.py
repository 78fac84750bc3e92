"""Manifest of the e-mail and password recipe."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from supertokens_django.recipes.emailpassword.conf import EmailPasswordConf
from supertokens_django.registry import Expired, Limit, Recipe


class EmailPasswordRecipe(Recipe):
    name = "emailpassword"
    section = EmailPasswordConf
    urls = "supertokens_django.recipes.emailpassword.urls"
    openapi = "supertokens_django.recipes.emailpassword.openapi"
    user_tools = "supertokens_django.recipes.emailpassword.admin"
    factor_ids = ("emailpassword",)

    def channels(self) -> Collection[str]:
        return ("email",)

    def limits(self) -> Sequence[Limit]:
        from supertokens_django.recipes.emailpassword.flows import account_of

        about = {"account_of": account_of}
        failures = {**about, "counts_failures": True}
        return (
            Limit("emailpassword:signin", "100/h", "10/15m", "5/m, 20/h", **failures),
            Limit("emailpassword:change_password", "100/h", "10/15m", **failures),
            Limit("emailpassword:signup", "50/h", "5/h", **about),
            Limit("emailpassword:reset_token", "50/h", "5/h", **about),
            Limit("emailpassword:reset", "50/h"),
            Limit("emailpassword:email_exists", "30/m, 300/h"),
        )

    def expired(self) -> Sequence[Expired]:
        from supertokens_django.recipes.emailpassword.models import PasswordResetToken

        rows = PasswordResetToken.objects
        return (Expired("password reset tokens", lambda moment: rows.filter(expires_at__lt=moment)),)


recipe = EmailPasswordRecipe()
