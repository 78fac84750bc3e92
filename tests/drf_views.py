"""Django REST framework views of the imaginary project."""

from __future__ import annotations

from typing import Any

from rest_framework.decorators import action, api_view
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from supertokens_django.contrib.rest_framework import IsEmailVerified, SuperTokensAuthentication
from supertokens_django.decorators import verify_session
from tests.views import act, seen, who


class VerifiedAPIView(APIView):
    @verify_session()
    def get(self, request: Request) -> Response:
        return Response(act(request))

    post = get


class BareAPIView(VerifiedAPIView):
    """No authentication class of DRF, so nobody asks for ``request.user``."""

    authentication_classes = ()


@api_view(["GET", "POST"])
@verify_session()
def verified_api_function(request: Request) -> Response:
    return Response(act(request))


class LikeViewSet(ViewSet):
    @action(detail=False, methods=["get", "post"])
    @verify_session()
    def like(self, request: Request) -> Response:
        return Response(act(request))

    @verify_session()
    def list(self, request: Request) -> Response:
        return Response(act(request))

    create = list


class ObjectAPIView(APIView):
    """The decorated method takes no request, as DRF's own ``get_object``."""

    def get(self, request: Request) -> Response:
        return Response(self.get_object())

    post = get

    @verify_session()
    def get_object(self) -> dict[str, Any]:
        return act(self.request)


class AuthenticatedAPIView(APIView):
    authentication_classes = (SuperTokensAuthentication,)
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        return Response({**who(request.user), **seen(request)})

    post = get


class EmailVerifiedAPIView(APIView):
    authentication_classes = (SuperTokensAuthentication,)
    permission_classes = (IsEmailVerified,)

    def get(self, request: Request) -> Response:
        return Response(seen(request))


class OpenAPIView(APIView):
    """Authenticates whoever is there and lets everybody in."""

    authentication_classes = (SuperTokensAuthentication,)
    permission_classes = ()

    def get(self, request: Request) -> Response:
        return Response(who(request.user))

    post = get
