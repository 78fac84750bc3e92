"""URLs of the passwordless recipe."""

from __future__ import annotations

from supertokens_django.http.endpoint import route
from supertokens_django.recipes.passwordless import views

urlpatterns = [
    *route("signinup/code", views.code),
    *route("signinup/code/resend", views.resend),
    *route("signinup/code/consume", views.consume),
    *route("passwordless/email/exists", views.email_exists),
    *route("passwordless/phonenumber/exists", views.phone_number_exists),
    *route("passwordless/phoneNumber/exists", views.phone_number_exists),  # as FDI's document spells it
    *route("signup/email/exists", views.email_exists, is_shared=True),  # their names before FDI 2.0
    *route("signup/phonenumber/exists", views.phone_number_exists),
    *route("signup/phoneNumber/exists", views.phone_number_exists),
]
