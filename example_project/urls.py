from django.contrib import admin
from django.urls import include, path

from example_project import views

urlpatterns = [
    path("", views.home, name="home"),
    path("protected/", views.protected, name="protected"),
    path("verified/", views.verified, name="verified"),
    path("api/sync", views.api_sync, name="api-sync"),
    path("api/async", views.api_async, name="api-async"),
    path("api/drf", views.ApiView.as_view(), name="api-drf"),
    path("auth/", include("supertokens_django.urls")),
    path("admin/", admin.site.urls),
]
