"""URLs of the session recipe."""

from __future__ import annotations

from supertokens_django.http.endpoint import route
from supertokens_django.recipes.session import views

urlpatterns = [*route("session/refresh", views.refresh), *route("signout", views.signout)]
