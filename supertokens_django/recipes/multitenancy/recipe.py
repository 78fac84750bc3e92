"""Manifest of the multitenancy recipe."""

from __future__ import annotations

from supertokens_django.registry import Recipe


class MultitenancyRecipe(Recipe):
    name = "multitenancy"


recipe = MultitenancyRecipe()
