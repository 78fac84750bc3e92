"""The pages, then the auth API: every recipe's endpoints, without a tenant first, then below a tenant's segment (FDI).

All built-in recipes are mounted; the endpoints of one that is not enabled do not match.  That way ``RECIPES`` may be
replaced at run time.
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from supertokens_django import registry
from supertokens_django.http.endpoint import TENANT
from supertokens_django.openapi.urls import urlpatterns as openapi_patterns
from supertokens_django.pages.urls import below_api, refresh_page


def _mounted() -> list[URLResolver]:
    recipes = [(recipe.name, registry.patterns(recipe)) for recipe in registry.mountable()]
    return [path("", include((patterns, name))) for name, patterns in recipes if patterns]


urlpatterns: list[URLPattern | URLResolver] = [
    below_api(),  # the path of one of them is that of Apple's form post, too, which it hands on
    *_mounted(),
    path("", include((openapi_patterns, "openapi"))),
    path("", include(([refresh_page()], "supertokens_refresh"))),
    re_path(rf"^{TENANT}/", include((_mounted(), "tenant"))),
]
