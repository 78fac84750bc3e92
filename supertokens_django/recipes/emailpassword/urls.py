"""URLs of the e-mail and password recipe."""

from __future__ import annotations

from supertokens_django.http.endpoint import route
from supertokens_django.recipes.emailpassword import views

urlpatterns = [
    *route("signup", views.signup),
    *route("signin", views.signin),
    *route("emailpassword/email/exists", views.email_exists),
    *route("signup/email/exists", views.email_exists, is_shared=True),  # its name before FDI 2.0
    *route("user/password/reset/token", views.reset_token),
    *route("user/password/reset", views.reset),
]
