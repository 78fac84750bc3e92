"""djangorestframework-simplejwt with RS256; its refresh tokens are rotated and blacklisted, to notice a stolen one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.urls import path

from benchmarks import cases, keys, rest, wsgi
from benchmarks.cases import Case, InAdvance, Request, bearer
from benchmarks.peers import Peer
from benchmarks.people import LOGIN, LOGIN_OF_COMER, make_people


class SimpleJwt(Peer):
    title = "djangorestframework-simplejwt"
    packages = ("djangorestframework-simplejwt", "djangorestframework")
    apps = ("rest_framework", "rest_framework_simplejwt", "rest_framework_simplejwt.token_blacklist")

    def settings(self) -> Mapping[str, Any]:
        return {
            "SIMPLE_JWT": {
                "ALGORITHM": "RS256",
                "SIGNING_KEY": keys.private_pem(),
                "VERIFYING_KEY": keys.public_pem(),
                "ACCESS_TOKEN_LIFETIME": timedelta(hours=1),
                "REFRESH_TOKEN_LIFETIME": timedelta(days=100),
                "ROTATE_REFRESH_TOKENS": True,
                "BLACKLIST_AFTER_ROTATION": True,
            }
        }

    def urls(self) -> list[Any]:
        from rest_framework.permissions import IsAuthenticated
        from rest_framework_simplejwt.authentication import JWTAuthentication, JWTStatelessUserAuthentication
        from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

        signed_in = [IsAuthenticated]
        return [
            path("drf/bare", rest.view()),
            path("verified", rest.view(JWTStatelessUserAuthentication, permissions=signed_in)),
            path("user", rest.view(JWTAuthentication, permissions=signed_in, answer=cases.with_user)),
            path("signin", TokenObtainPairView.as_view()),
            path("refresh", TokenRefreshView.as_view()),
        ]

    def prepare(self) -> None:
        make_people()

    def cases(self, own: WSGIHandler) -> dict[str, Case]:
        def pair() -> dict[str, str]:
            found: dict[str, str] = wsgi.expect(own, wsgi.post("/signin", LOGIN))[0].json()
            return found

        tokens = pair()
        fresh = InAdvance(lambda: pair()["access"])

        def remember(answer: wsgi.Answer) -> None:
            tokens["refresh"] = answer.json()["refresh"]

        return {
            cases.BARE_DRF: Request(own, lambda: wsgi.get("/drf/bare")),
            cases.VERIFY: Request(own, lambda: wsgi.get("/verified", **bearer(tokens["access"]))),
            cases.VERIFY_FIRST: Request(own, lambda: wsgi.get("/verified", **bearer(fresh.next()))),
            cases.VERIFY_USER: Request(own, lambda: wsgi.get("/user", **bearer(tokens["access"]))),
            cases.REFRESH: Request(
                own, lambda: wsgi.post("/refresh", {"refresh": tokens["refresh"]}), remember
            ),
            cases.SIGN_IN: Request(own, lambda: wsgi.post("/signin", LOGIN_OF_COMER)),
        }


peer = SimpleJwt()
