"""Manifest of the OpenID recipe."""

from __future__ import annotations

from supertokens_django.recipes.openid.conf import OpenIdConf
from supertokens_django.registry import Recipe


class OpenIdRecipe(Recipe):
    name = "openid"
    section = OpenIdConf
    urls = "supertokens_django.recipes.openid.urls"
    openapi = "supertokens_django.recipes.openid.openapi"


recipe = OpenIdRecipe()
