"""A project with a page of its own behind ours, and one before the API."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def own_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page of the project")


urlpatterns = [
    path("auth/", include("supertokens_django.urls")),
    path("auth/", own_page),
    path("auth/sign-out", own_page),
    path("auth/reset-password", own_page),
]
