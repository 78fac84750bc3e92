"""A project's own API, as drf-spectacular reads it; imported once its ``AutoSchema`` is the default."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny, IsAdminUser, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from supertokens_django.contrib.rest_framework import SuperTokensAuthentication
from supertokens_django.decorators import verify_session
from tests.views import AlwaysInvalid


class ProfileSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField()


class OwnAuthentication(SuperTokensAuthentication):
    """A subclass, as projects have them."""


class Profile(APIView):
    authentication_classes: Any = (SuperTokensAuthentication,)
    permission_classes: Any = (IsAuthenticated,)

    @extend_schema(responses=ProfileSerializer)
    def get(self, request: Request) -> Response:
        return Response({"email": str(request.user)})

    @extend_schema(
        request=ProfileSerializer, responses={200: ProfileSerializer, 401: OpenApiResponse(description="No.")}
    )
    def put(self, request: Request) -> Response:
        return Response({"email": str(request.user)})


class Staff(Profile):
    permission_classes = (IsAdminUser,)


class Picky(Profile):
    @extend_schema(responses=ProfileSerializer)
    @verify_session(override_global_claim_validators=lambda validators, session: [AlwaysInvalid("age")])
    def get(self, request: Request) -> Response:
        return super().get(request)


class Own(Profile):
    authentication_classes = (OwnAuthentication,)


class Open(Profile):
    permission_classes = (AllowAny,)


class Stranger(Profile):
    authentication_classes = ()
    permission_classes = (AllowAny,)


urlpatterns = [
    path("profile", Profile.as_view()),
    path("staff", Staff.as_view()),
    path("picky", Picky.as_view()),
    path("own", Own.as_view()),
    path("open", Open.as_view()),
    path("stranger", Stranger.as_view()),
]
