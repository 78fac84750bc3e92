"""Django's own sessions, in the database, and ``contrib.auth``."""

from __future__ import annotations

import json
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from benchmarks import cases, wsgi
from benchmarks.cases import Case, InAdvance, Request
from benchmarks.peers import Peer
from benchmarks.people import LOGIN, LOGIN_OF_COMER, make_people


class DjangoSessions(Peer):
    title = "Django's sessions"
    packages = ("Django",)
    apps = ("django.contrib.sessions",)
    middleware = (
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    )

    def urls(self) -> list[Any]:
        return [path("user", cases.with_user), path("signin", _sign_in)]

    def prepare(self) -> None:
        make_people()

    def cases(self, own: WSGIHandler) -> dict[str, Case]:
        def cookie() -> str:
            answer = wsgi.expect(own, wsgi.post("/signin", LOGIN))[0]
            return f"sessionid={answer.json()['sessionid']}"

        known, fresh = cookie(), InAdvance(cookie)
        # Whether somebody is signed in is known by loading them.
        return {
            cases.BARE_INSTALLED: Request(own, lambda: wsgi.get("/bare")),
            cases.VERIFY: Request(own, lambda: wsgi.get("/user", HTTP_COOKIE=known)),
            cases.VERIFY_FIRST: Request(own, lambda: wsgi.get("/user", HTTP_COOKIE=fresh.next())),
            cases.VERIFY_USER: Request(own, lambda: wsgi.get("/user", HTTP_COOKIE=known)),
            cases.SIGN_IN: Request(own, lambda: wsgi.post("/signin", LOGIN_OF_COMER)),
        }


def _sign_in(request: HttpRequest) -> HttpResponse:
    from django.contrib.auth import authenticate, login

    user = authenticate(request, **json.loads(request.body))
    if user is None:
        return HttpResponse(status=401)
    login(request, user)
    return JsonResponse({"sessionid": request.session.session_key})


peer = DjangoSessions()
