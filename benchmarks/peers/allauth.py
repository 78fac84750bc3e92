"""django-allauth, headless, with its JWT strategy (RS256, refresh tokens rotated)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.urls import include, path

from benchmarks import cases, keys, rest, wsgi
from benchmarks.cases import BARE_MIDDLEWARE, COMER, PERSON, Case, InAdvance, Request, bearer
from benchmarks.peers import Peer
from benchmarks.people import make_people


class Allauth(Peer):
    title = "django-allauth headless (JWT)"
    packages = ("django-allauth", "djangorestframework")
    apps = (
        "django.contrib.sessions",
        "django.contrib.messages",
        "rest_framework",
        "allauth",
        "allauth.account",
        "allauth.headless",
    )
    middleware = (
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    )

    def settings(self) -> Mapping[str, Any]:
        return {
            "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
            "ACCOUNT_LOGIN_METHODS": {"email"},
            "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
            "ACCOUNT_EMAIL_VERIFICATION": "none",
            "ACCOUNT_RATE_LIMITS": False,  # the others have none either
            "HEADLESS_ONLY": True,
            "HEADLESS_TOKEN_STRATEGY": "allauth.headless.tokens.strategies.jwt.JWTTokenStrategy",
            "HEADLESS_JWT_PRIVATE_KEY": keys.private_pem(),
            "HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN": 3600,
            "HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN": 100 * 24 * 3600,
            "TEMPLATES": [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        }

    def urls(self) -> list[Any]:
        from allauth.headless.contrib.rest_framework.authentication import JWTTokenAuthentication
        from rest_framework.permissions import IsAuthenticated

        signed_in = [IsAuthenticated]
        return [
            path("drf/bare", rest.view()),
            path("verified", rest.view(JWTTokenAuthentication)),
            path("user", rest.view(JWTTokenAuthentication, permissions=signed_in, answer=cases.with_user)),
            path("_allauth/", include("allauth.headless.urls")),
        ]

    def prepare(self) -> None:
        import jwt  # noqa: F401 - with it come the modules of cryptography that allauth takes for imported
        from allauth.account.models import EmailAddress
        from django.contrib.auth.models import User

        make_people()
        for user in User.objects.all():
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

    def cases(self, own: WSGIHandler) -> dict[str, Case]:
        bare_middleware = wsgi.handler(*BARE_MIDDLEWARE)

        def sign_in(person: dict[str, str] = COMER) -> wsgi.Environ:
            return wsgi.post("/_allauth/app/v1/auth/login", person)

        def tokens() -> dict[str, str]:
            found: dict[str, str] = wsgi.expect(own, sign_in(PERSON))[0].json()["meta"]
            return found

        known = tokens()
        fresh = InAdvance(lambda: tokens()["access_token"])

        def refresh() -> wsgi.Environ:
            return wsgi.post("/_allauth/app/v1/tokens/refresh", {"refresh_token": known["refresh_token"]})

        def remember(answer: wsgi.Answer) -> None:
            known["refresh_token"] = answer.json()["data"]["refresh_token"]

        def verified(path: str, application: WSGIHandler = own) -> Request:
            return Request(application, lambda: wsgi.get(path, **bearer(known["access_token"])))

        return {
            cases.BARE_INSTALLED: Request(own, lambda: wsgi.get("/bare")),
            cases.BARE_DRF: Request(own, lambda: wsgi.get("/drf/bare")),
            cases.VERIFY: verified("/verified"),
            cases.VERIFY_WITHOUT_MIDDLEWARE: verified("/verified", bare_middleware),
            cases.VERIFY_FIRST: Request(own, lambda: wsgi.get("/verified", **bearer(fresh.next()))),
            cases.VERIFY_USER: verified("/user"),
            cases.REFRESH: Request(own, refresh, remember),
            cases.SIGN_IN: Request(own, sign_in),
        }


peer = Allauth()
