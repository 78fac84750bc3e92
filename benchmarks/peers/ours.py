"""supertokens_django, its middleware installed."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.core.handlers.wsgi import WSGIHandler
from django.urls import include, path

from benchmarks import cases, rest, wsgi
from benchmarks.cases import COMER, PERSON, Case, InAdvance, Request, bearer
from benchmarks.peers import Peer


class Ours(Peer):
    title = "supertokens_django"
    packages = ("supertokens-django", "PyJWT", "cryptography")
    apps: ClassVar[Sequence[str]] = ("supertokens_django",)
    middleware: ClassVar[Sequence[str]] = ("supertokens_django.middleware.SuperTokensMiddleware",)

    def settings(self) -> Mapping[str, Any]:
        return {
            "SUPERTOKENS": {
                "APP_NAME": "Benchmarks",
                "API_DOMAIN": "https://testserver",
                "WEBSITE_DOMAIN": "https://testserver",
                "RECIPES": ["emailpassword"],
                "RATE_LIMITS": {"ENABLED": False},  # all are at one address, and the peers' are off as well
            }
        }

    def urls(self) -> list[Any]:
        from supertokens_django.decorators import verify_session

        return [
            path("verified", verify_session()(cases.bare)),
            path("checked", verify_session(check_database=True)(cases.bare)),
            path("user", verify_session()(cases.with_user)),
            path("auth/", include("supertokens_django.urls")),
            *(drf_urls() if with_rest_framework() else ()),
        ]

    def cases(self, own: WSGIHandler) -> dict[str, Case]:
        """The requests of a session's life, each ready to be repeated."""
        people = itertools.count()
        access = bearer(_signed_in(own, "/auth/signup").headers["st-access-token"])
        wsgi.expect(own, _post("/auth/signup", form(COMER)))
        fresh = InAdvance(_AccessTokens(own).next)
        session = _Rotating(own)
        devices = InAdvance(lambda: _signed_in(own).headers["st-access-token"])

        def verified(path: str) -> Request:
            return Request(own, lambda: wsgi.get(path, **access))

        def newcomer() -> wsgi.Environ:
            return _post("/auth/signup", form({**PERSON, "email": f"u{next(people)}@example.com"}))

        found: dict[str, Case] = {
            cases.BARE_INSTALLED: Request(own, lambda: wsgi.get("/bare")),
            cases.VERIFY: verified("/verified"),
            cases.VERIFY_FIRST: Request(own, lambda: wsgi.get("/verified", **bearer(fresh.next()))),
            cases.VERIFY_USER: verified("/user"),
            cases.VERIFY_DATABASE: verified("/checked"),
            cases.REFRESH: Request(own, session.request, session.remember),
            cases.SIGN_IN: Request(own, lambda: _post("/auth/signin", form(COMER))),
            cases.SIGN_UP: Request(own, newcomer),
            cases.SIGN_OUT: Request(own, lambda: _post("/auth/signout", **bearer(devices.next()))),
        }
        if with_rest_framework():
            found[cases.BARE_DRF] = Request(own, lambda: wsgi.get("/drf/bare"))
            found[cases.VERIFY_DRF] = verified("/drf/verified")
        return found


def with_rest_framework() -> bool:
    """Tell whether the view is measured as one of REST framework too; start-up is measured without it."""
    return os.environ.get("BENCHMARKS_REST_FRAMEWORK") == "1"


def drf_urls() -> list[Any]:
    """The view as one of REST framework, bare and with its session verified."""
    from supertokens_django.decorators import verify_session

    verified = rest.view(answer=verify_session()(cases.bare))
    return [path("drf/bare", rest.view()), path("drf/verified", verified)]


def form(person: dict[str, str]) -> dict[str, Any]:
    return {"formFields": [{"id": name, "value": value} for name, value in person.items()]}


def _post(path: str, body: Any = None, **headers: str) -> wsgi.Environ:
    return wsgi.post(path, body, HTTP_RID="anti-csrf", HTTP_ST_AUTH_MODE="header", **headers)


def _signed_in(own: WSGIHandler, path: str = "/auth/signin") -> wsgi.Answer:
    answer = wsgi.expect(own, _post(path, form(PERSON)))[0]
    if answer.json()["status"] != "OK":
        raise RuntimeError(f"{path} answered {answer.body!r}")
    return answer


class _Rotating:
    """One session, refreshed again and again."""

    def __init__(self, own: WSGIHandler) -> None:
        self.remember(_signed_in(own))

    def request(self) -> wsgi.Environ:
        return _post("/auth/session/refresh", **bearer(self.token))

    def remember(self, answer: wsgi.Answer) -> None:
        self.token = answer.headers["st-refresh-token"]


class _AccessTokens:
    """Access tokens that no request has shown yet: those of one session, refreshed each time."""

    def __init__(self, own: WSGIHandler) -> None:
        self.own = own
        self.session = _Rotating(own)

    def next(self) -> str:
        answer = wsgi.expect(self.own, self.session.request())[0]
        self.session.remember(answer)
        return str(answer.headers["st-access-token"])


peer = Ours()
