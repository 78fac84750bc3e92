"""Pages for people, and one JSON API protected in each of the three ways."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from supertokens_django.claims import EmailVerificationClaim, also
from supertokens_django.contrib.rest_framework import SuperTokensAuthentication
from supertokens_django.decorators import verify_session
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.services import session


class SessionRequest(HttpRequest):
    """What a view behind ``verify_session`` gets; only type checkers need to be told."""

    supertokens: SessionContainer


def home(request: HttpRequest) -> HttpResponse:
    found = session.peek_session(request)
    is_verified = found.get_claim_value(EmailVerificationClaim) if found else None
    return render(request, "home.html", {"session": found, "is_verified": is_verified})


# Django's own decorator: request.user is the linked user of AUTH_USER_MODEL.
@login_required
def protected(request: HttpRequest) -> HttpResponse:
    return render(request, "protected.html", {"session": session.peek_session(request)})


# Ours, with one more thing to ask of the session: who has not verified the address is led to the page that asks for it.
@verify_session(override_global_claim_validators=also(EmailVerificationClaim.validators.is_verified()))
def verified(request: SessionRequest) -> HttpResponse:
    return render(request, "verified.html", {"session": request.supertokens})


# Our decorator: request.supertokens is the session; without a valid one the frontend gets a 401.
@verify_session()
def api_sync(request: SessionRequest) -> JsonResponse:
    return JsonResponse(who(request.supertokens))


@verify_session()
async def api_async(request: SessionRequest) -> JsonResponse:
    return JsonResponse(who(request.supertokens))


# Django REST framework: request.auth is the session, and the framework's own permission classes decide.
class ApiView(APIView):
    authentication_classes = [SuperTokensAuthentication]
    permission_classes = [IsAuthenticated]

    def get(self, request: Request) -> Response:
        return Response(who(request.auth))


def who(session: SessionContainer | Any) -> dict[str, str]:
    return {"userId": session.get_user_id(), "sessionHandle": session.get_handle()}
