"""Requests as a WSGI server hands them on, without a client in between that would cost more than what is measured."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

Environ = dict[str, Any]


class Answer:
    """A response that the server has sent."""

    def __init__(self, response: Any, body: bytes) -> None:
        self.status: int = response.status_code
        self.headers = response.headers
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)


def handler(*middleware: str) -> WSGIHandler:
    """The project's handler, as if its ``MIDDLEWARE`` were this; without any, the project's own."""
    own = settings.MIDDLEWARE
    settings.MIDDLEWARE = list(middleware) or own
    try:
        return WSGIHandler()
    finally:
        settings.MIDDLEWARE = own


def get(path: str, **headers: str) -> Environ:
    return _environ("GET", path, b"", headers)


def post(path: str, body: Any = None, **headers: str) -> Environ:
    return _environ("POST", path, b"" if body is None else json.dumps(body).encode(), headers)


def _environ(method: str, path: str, body: bytes, headers: dict[str, str]) -> Environ:
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "testserver",
        "HTTP_ACCEPT": "*/*",
        "HTTP_USER_AGENT": "benchmarks/1",
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **headers,
    }


def _start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[..., Any]:
    return lambda data: None


def send(application: WSGIHandler, environ: Environ) -> tuple[Answer, float]:
    """Have a request answered: the answer, and how long that took in microseconds."""
    start = time.perf_counter_ns()
    response: Any = application(environ, _start_response)
    body = b"".join(response)
    response.close()
    took = time.perf_counter_ns() - start
    return Answer(response, body), took / 1000


def expect(application: WSGIHandler, environ: Environ, status: int = 200) -> tuple[Answer, float]:
    """As :func:`send`, for an answer that has to have this status: a benchmark of error pages would be a fast one."""
    answer, took = send(application, environ)
    if answer.status != status:
        raise RuntimeError(f"{environ['PATH_INFO']} answered {answer.status}: {answer.body[:300]!r}")
    return answer, took
