"""URLs of the JWT recipe."""

from __future__ import annotations

from supertokens_django.http.endpoint import route
from supertokens_django.recipes.jwt import views

urlpatterns = [*route("jwt/jwks.json", views.jwks)]
