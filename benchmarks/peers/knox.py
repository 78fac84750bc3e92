"""django-rest-knox: tokens in the database, none of them refreshed."""

from __future__ import annotations

import base64
import itertools
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.urls import path

from benchmarks import cases, rest, wsgi
from benchmarks.cases import COMER, Case, InAdvance, Request
from benchmarks.peers import Peer
from benchmarks.people import make_people


class Knox(Peer):
    title = "django-rest-knox"
    packages = ("django-rest-knox", "djangorestframework")
    apps = ("rest_framework", "knox")

    def urls(self) -> list[Any]:
        from knox.auth import TokenAuthentication
        from knox.views import LoginView
        from rest_framework.authentication import BasicAuthentication
        from rest_framework.permissions import IsAuthenticated

        signed_in = [IsAuthenticated]
        return [
            path("drf/bare", rest.view()),
            path("verified", rest.view(TokenAuthentication, permissions=signed_in)),
            path("user", rest.view(TokenAuthentication, permissions=signed_in, answer=cases.with_user)),
            path("signin", LoginView.as_view(authentication_classes=[BasicAuthentication])),
        ]

    def prepare(self) -> None:
        make_people()

    def cases(self, own: WSGIHandler) -> dict[str, Case]:
        credentials = base64.b64encode(":".join(COMER.values()).encode()).decode()
        people = itertools.count()

        def sign_in() -> wsgi.Environ:
            return wsgi.post("/signin", HTTP_AUTHORIZATION=f"Basic {credentials}")

        def token() -> str:
            """Of a user of its own: knox reads all tokens of the user with each of them."""
            from django.contrib.auth.models import User
            from knox.models import AuthToken

            user = User.objects.create_user(f"user {next(people)}")
            return f"Token {AuthToken.objects.create(user)[1]}"

        known, fresh = token(), InAdvance(token)
        return {
            cases.BARE_DRF: Request(own, lambda: wsgi.get("/drf/bare")),
            cases.VERIFY: Request(own, lambda: wsgi.get("/verified", HTTP_AUTHORIZATION=known)),
            cases.VERIFY_FIRST: Request(own, lambda: wsgi.get("/verified", HTTP_AUTHORIZATION=fresh.next())),
            cases.VERIFY_USER: Request(own, lambda: wsgi.get("/user", HTTP_AUTHORIZATION=known)),
            cases.SIGN_IN: Request(own, sign_in),
        }


peer = Knox()
