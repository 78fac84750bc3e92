"""The URLs of a project that has nothing of its own."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("auth/", include("supertokens_django.urls")), path("admin/", admin.site.urls)]
