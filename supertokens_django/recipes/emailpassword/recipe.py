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
    can_change_email = True
    factor_ids = ("emailpassword",)

    def channels(self) -> Collection[str]:
        return ("email",)

    def limits(self) -> Sequence[Limit]:
        from supertokens_django.recipes.emailpassword.flows import account_of

        def about(endpoint: str, ip: str, account: str, both: str = "", *, fails: bool = False) -> Limit:
            return Limit(endpoint, ip, account, both, account_of, fails)

        return (
            about("emailpassword:signin", "100/h", "10/15m", "5/m, 20/h", fails=True),
            about("emailpassword:change_password", "100/h", "10/15m", fails=True),
            about("emailpassword:signup", "50/h", "5/h"),
            about("emailpassword:reset_token", "50/h", "5/h"),
            Limit("emailpassword:reset", "50/h"),
            Limit("emailpassword:email_exists", "30/m, 300/h"),
        )

    def change_email(self, recipe_user_id: str, email: str) -> None:
        from supertokens_django.recipes.emailpassword.service import emailpassword

        emailpassword.update_email_or_password(recipe_user_id, email=email)

    def expired(self) -> Sequence[Expired]:
        from supertokens_django.recipes.emailpassword.models import PasswordResetToken

        rows = PasswordResetToken.objects
        return (Expired("password reset tokens", lambda moment: rows.filter(expires_at__lt=moment)),)


recipe = EmailPasswordRecipe()
