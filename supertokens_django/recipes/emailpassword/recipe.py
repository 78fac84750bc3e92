"""Manifest of the e-mail and password recipe."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from supertokens_django.recipes.emailpassword.conf import EmailPasswordConf
from supertokens_django.registry import Expired, Recipe


class EmailPasswordRecipe(Recipe):
    name = "emailpassword"
    section = EmailPasswordConf
    urls = "supertokens_django.recipes.emailpassword.urls"
    openapi = "supertokens_django.recipes.emailpassword.openapi"
    user_tools = "supertokens_django.recipes.emailpassword.admin"
    factor_ids = ("emailpassword",)

    def channels(self) -> Collection[str]:
        return ("email",)

    def expired(self) -> Sequence[Expired]:
        from supertokens_django.recipes.emailpassword.models import PasswordResetToken

        rows = PasswordResetToken.objects
        return (Expired("password reset tokens", lambda moment: rows.filter(expires_at__lt=moment)),)


recipe = EmailPasswordRecipe()
