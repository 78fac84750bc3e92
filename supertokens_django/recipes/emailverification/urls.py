"""URLs of the e-mail verification recipe."""

from __future__ import annotations

from supertokens_django.http.endpoint import route
from supertokens_django.recipes.emailverification import views

urlpatterns = [
    *route("user/email/verify/token", views.token),
    *route("user/email/verify", views.verify, views.is_verified),
]
