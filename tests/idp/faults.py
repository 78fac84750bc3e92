"""Ways in which one of the provider's endpoints fails: for ``idp.fail(endpoint, fault)``."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

from flask import Response, jsonify, request

Fault = Callable[[], Response]


def down() -> Response:
    """The connection ends without an answer."""
    with suppress(OSError):
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response()


def slow() -> Response:
    """An answer that begins at once and comes byte by byte, for ever; set ``OUTGOING["DEADLINE"]`` low."""

    def drip() -> Iterator[bytes]:
        while True:
            yield b" "
            threading.Event().wait(0.02)

    return Response(drip(), content_type="application/json")


def silent() -> Response:
    """No answer, until the other side gives up; set ``OUTGOING["TIMEOUT"]`` low."""
    near: socket.socket = request.environ["werkzeug.socket"]
    with suppress(OSError):
        near.settimeout(30)
        near.recv(1)
    return down()


def server_error() -> Response:
    return Response("Internal Server Error", 500, content_type="text/plain")


def unavailable() -> Response:
    return Response("Service Unavailable", 503, content_type="text/plain")


def html() -> Response:
    """A page where JSON belongs: a captive portal, a page that says sorry."""
    return Response("<!doctype html><title>Sorry</title>", content_type="text/html")


def huge() -> Response:
    """Three megabytes of JSON, which nobody should read to the end."""
    return Response(b'{"padding": "' + b"x" * 3_000_000 + b'"}', content_type="application/json")


def deep() -> Response:
    """JSON that is nested deeper than a parser goes."""
    return Response(b"[" * 200_000, content_type="application/json")


def a_list() -> Response:
    """Valid JSON of the wrong kind."""
    return jsonify([1, 2, 3])


def empty() -> Response:
    """An object without anything in it."""
    return jsonify({})


def forbidden() -> Response:
    return Response('{"error": "forbidden"}', 403, content_type="application/json")


def redirect_elsewhere() -> Response:
    return Response(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"})


def answers(status: int, body: str | bytes, content_type: str = "application/json") -> Fault:
    """An answer as a test wants it."""
    return lambda: Response(body, status, content_type=content_type)


def oauth_error(error: str, description: str = "", status: int = 400) -> Fault:
    """An error of a token endpoint (RFC 6749, 5.2)."""

    def fault() -> Response:
        made = jsonify({"error": error, "error_description": description})
        made.status_code = status
        return made

    return fault
