"""Manifest of the user metadata recipe."""

from __future__ import annotations

from collections.abc import Collection

from supertokens_django import registry
from supertokens_django.recipes.usermetadata.conf import UserMetadataConf
from supertokens_django.registry import Recipe


class UserMetadataRecipe(Recipe):
    name = "usermetadata"
    section = UserMetadataConf
    user_tools = "supertokens_django.recipes.usermetadata.admin"

    def forget_users(self, user_ids: Collection[str]) -> None:
        registry.service(UserMetadataConf.KEY).forget_users(user_ids)


recipe = UserMetadataRecipe()
