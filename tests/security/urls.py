"""Views that a careless project might have, beside those of the other tests."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import cache_page

from supertokens_django.decorators import verify_session
from supertokens_django.services import session
from tests import urls


def sign_in_by_link(request: HttpRequest) -> HttpResponse:
    """What follows a link out of a mail: a GET that starts a session."""
    session.create_new_session(request, "public", request.GET["user"])
    return HttpResponse("Welcome")


@verify_session()
def sign_out_by_link(request: Any) -> HttpResponse:
    request.supertokens.revoke_session()
    return HttpResponse("Good-bye")


@verify_session()
def account(request: Any) -> HttpResponse:
    return HttpResponse(f"The account of {request.supertokens.get_user_id()}")


@verify_session()
async def account_async(request: Any) -> HttpResponse:
    return HttpResponse(f"The account of {request.supertokens.get_user_id()}")


urlpatterns = [
    path("sign-in-by-link", sign_in_by_link),
    path("sign-out-by-link", sign_out_by_link),
    path("account", account),
    path("account/cached", cache_page(60)(account)),
    path("account/cached-async", cache_page(60)(account_async)),
    *urls.urlpatterns,
]
