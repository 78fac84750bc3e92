"""A project whose API is at /api/auth and whose pages are at /account."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("supertokens_django.pages.urls")),
    path("api/auth/", include("supertokens_django.urls")),
]
