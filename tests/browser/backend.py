"""The API that the browser talks to: the app's endpoints and a few protected views."""

from __future__ import annotations

import json

from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from supertokens_django.decorators import verify_session
from supertokens_django.exceptions import GeneralError
from supertokens_django.recipes.session.container import SessionContainer


class SessionRequest(HttpRequest):
    """What ``verify_session`` hands to a view."""

    supertokens: SessionContainer


class InvitationOnly:
    """A guard that lets nobody sign up."""

    def check(self, endpoint: str, request: HttpRequest, data: object) -> None:
        if endpoint == "emailpassword:signup":
            raise GeneralError("Please ask for an invitation.")


@verify_session()
def me(request: SessionRequest) -> JsonResponse:
    session = request.supertokens
    return JsonResponse(
        {"userId": session.get_user_id(), "djangoUser": request.user.get_username(), "method": request.method}
    )


@verify_session()
async def me_async(request: SessionRequest) -> JsonResponse:
    return JsonResponse({"userId": request.supertokens.get_user_id()})


@verify_session(check_database=True)
def me_checked(request: SessionRequest) -> JsonResponse:
    return JsonResponse({"userId": request.supertokens.get_user_id()})


@verify_session()
def nickname(request: SessionRequest) -> JsonResponse:
    request.supertokens.merge_into_access_token_payload({"nickname": json.loads(request.body)["nickname"]})
    return JsonResponse({"status": "OK"})


def public(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "OK"})


urlpatterns = [
    path("auth/", include("supertokens_django.urls")),
    path("api/me", me),
    path("api/me-async", me_async),
    path("api/me-checked", me_checked),
    path("api/nickname", nickname),
    path("api/public", public),
]
