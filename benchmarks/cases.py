"""What is measured: every case says what it is by name, and knows how to be measured once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse

from benchmarks import wsgi

BARE_MIDDLEWARE = ("django.middleware.common.CommonMiddleware",)
PERSON = {"email": "alice@example.com", "password": "wonderland 1865"}
COMER = {"email": "bob@example.com", "password": "builder 4 all"}
"""Who signs in again and again: the other's few sessions stay few."""
IN_ADVANCE = 50

BARE = "bare"
BARE_INSTALLED = "bare, middleware installed"
BARE_DRF = "bare, REST framework"
VERIFY = "verify"
VERIFY_FIRST = "verify, first sight"
VERIFY_USER = "verify, user loaded"
VERIFY_DRF = "verify, REST framework"
VERIFY_DATABASE = "verify, database checked"
VERIFY_WITHOUT_MIDDLEWARE = "verify, without middleware"
REFRESH = "refresh"
SIGN_IN = "sign-in"
SIGN_UP = "sign-up"
SIGN_OUT = "sign-out"
HASHER = "hasher alone"


class Case(Protocol):
    def __call__(self) -> float:
        """Do it once; microseconds."""


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"ok")


def with_user(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        raise RuntimeError("nobody is signed in")
    return HttpResponse(request.user.get_username().encode())


class Request:
    """A request made anew each time, outside of what is measured; ``then`` is given the answer, outside of it too."""

    def __init__(
        self,
        application: WSGIHandler,
        make: Callable[[], wsgi.Environ],
        then: Callable[[wsgi.Answer], None] | None = None,
        status: int = 200,
    ) -> None:
        self.application = application
        self.make = make
        self.then = then
        self.status = status

    def __call__(self) -> float:
        answer, took = wsgi.expect(self.application, self.make(), self.status)
        if self.then is not None:
            self.then(answer)
        return took


class Call:
    """A function call."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call

    def __call__(self) -> float:
        start = time.perf_counter_ns()
        self.call()
        return (time.perf_counter_ns() - start) / 1000


class InAdvance:
    """Hands out things of which a number is made at a time, so that making them is not measured."""

    def __init__(self, make: Callable[[], str], number: int = IN_ADVANCE) -> None:
        self._make = make
        self._number = number
        self._ready: list[str] = []

    def next(self) -> str:
        if not self._ready:
            self._ready = [self._make() for _ in range(self._number)]
        return self._ready.pop()


def bearer(token: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}
