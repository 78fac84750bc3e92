"""Manifest of the third-party recipe."""

from __future__ import annotations

from collections.abc import Sequence

from supertokens_django.recipes.thirdparty.conf import ThirdPartyConf
from supertokens_django.registry import Encrypted, Expired, Limit, Recipe


class ThirdPartyRecipe(Recipe):
    name = "thirdparty"
    section = ThirdPartyConf
    urls = "supertokens_django.recipes.thirdparty.urls"
    openapi = "supertokens_django.recipes.thirdparty.openapi"
    factor_ids = ("thirdparty",)

    def limits(self) -> Sequence[Limit]:
        # Nothing can be guessed here; each call has us ask the provider.
        return (
            Limit("thirdparty:authorisationurl", "60/m, 1000/h"),
            Limit("thirdparty:signinup", "100/h", counts_failures=True),
        )

    def expired(self) -> Sequence[Expired]:
        from supertokens_django.recipes.thirdparty.models import ProviderTokens

        rows = ProviderTokens.objects.filter(refresh_token="")  # the others can be refreshed
        return (Expired("tokens of providers", lambda moment: rows.filter(expires_at__lt=moment)),)

    def encrypted(self) -> Sequence[Encrypted]:
        from supertokens_django.recipes.thirdparty.models import ProviderTokens, ThirdPartyProviderClient

        clients, tokens = ThirdPartyProviderClient.objects.all, ProviderTokens.objects.all
        return (
            Encrypted("secrets of providers' clients", clients, "client_secret"),
            Encrypted("further configurations of providers' clients", clients, "additional_config"),
            Encrypted("access tokens of providers", tokens, "access_token"),
            Encrypted("refresh tokens of providers", tokens, "refresh_token"),
        )


recipe = ThirdPartyRecipe()
