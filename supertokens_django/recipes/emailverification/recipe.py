"""Manifest of the e-mail verification recipe."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from supertokens_django.recipes.emailverification.claims import EmailVerificationClaim
from supertokens_django.recipes.emailverification.conf import (
    RECIPE,
    REQUIRED,
    EmailVerificationConf,
    emailverification_conf,
)
from supertokens_django.registry import Expired, Limit, Recipe


class EmailVerificationRecipe(Recipe):
    name = RECIPE
    section = EmailVerificationConf
    urls = "supertokens_django.recipes.emailverification.urls"
    openapi = "supertokens_django.recipes.emailverification.openapi"
    user_tools = "supertokens_django.recipes.emailverification.admin"

    def claims(self) -> Sequence[Any]:
        return (EmailVerificationClaim,)

    def claim_validators(self) -> Sequence[Any]:
        is_required = emailverification_conf().mode == REQUIRED
        return (EmailVerificationClaim.validators.is_verified(),) if is_required else ()

    def channels(self) -> Collection[str]:
        return ("email",)

    def limits(self) -> Sequence[Limit]:
        from supertokens_django.recipes.emailverification.flows import account_of

        return (
            Limit("emailverification:token", "50/h", "5/h", account_of=account_of),
            Limit("emailverification:verify", "50/h"),
            Limit("emailverification:change_email", "50/h", "10/h", account_of=account_of),
        )

    def expired(self) -> Sequence[Expired]:
        from supertokens_django.recipes.emailverification.models import EmailVerificationToken

        rows = EmailVerificationToken.objects
        return (Expired("e-mail verification tokens", lambda moment: rows.filter(expires_at__lt=moment)),)

    def forget_users(self, user_ids: Collection[str]) -> None:
        from supertokens_django.recipes.emailverification.models import EmailVerificationToken

        EmailVerificationToken.objects.filter(user_id__in=user_ids).delete()


recipe = EmailVerificationRecipe()
