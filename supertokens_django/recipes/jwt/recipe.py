"""Manifest of the JWT recipe."""

from __future__ import annotations

from collections.abc import Sequence

from supertokens_django.recipes.jwt.conf import JwtConf
from supertokens_django.registry import Encrypted, Expired, Recipe


class JwtRecipe(Recipe):
    name = "jwt"
    section = JwtConf
    urls = "supertokens_django.recipes.jwt.urls"
    openapi = "supertokens_django.recipes.jwt.openapi"

    def expired(self) -> Sequence[Expired]:
        from supertokens_django.recipes.jwt.keys import keys_that_ended_before

        return (Expired("signing keys", keys_that_ended_before, "created_at"),)

    def encrypted(self) -> Sequence[Encrypted]:
        from supertokens_django.recipes.jwt.models import SigningKey

        return (Encrypted("signing keys", SigningKey.objects.all, "private_key"),)


recipe = JwtRecipe()
