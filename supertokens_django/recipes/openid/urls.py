"""URLs of the OpenID recipe."""

from __future__ import annotations

from supertokens_django.http.endpoint import route
from supertokens_django.recipes.openid import views

urlpatterns = [*route(".well-known/openid-configuration", views.configuration)]
