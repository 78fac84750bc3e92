"""An async view with its session verified: what that adds, and whether it is done without another thread.

Run as ``python -m benchmarks.async_views``, with the environment of :mod:`benchmarks.settings`.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import threading
import time
from statistics import median
from typing import Any

import django
from django.http import HttpRequest, HttpResponse

REPEAT, ROUNDS = 10, 100


async def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"ok")


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.handlers.asgi import ASGIHandler
    from django.core.management import call_command

    from benchmarks import cases, peers, wsgi
    from benchmarks.peers.ours import form

    call_command("migrate", verbosity=0)
    body = form(cases.PERSON)
    headers = {"HTTP_RID": "anti-csrf", "HTTP_ST_AUTH_MODE": "header"}
    answer = wsgi.expect(wsgi.handler(), wsgi.post("/auth/signup", body, **headers))[0]
    settings.ROOT_URLCONF = "benchmarks.async_urls"
    # Without CommonMiddleware: that is a thread hop of Django's own.
    settings.MIDDLEWARE = []
    plain = ASGIHandler()
    settings.MIDDLEWARE = list(peers.current().middleware)
    ours = ASGIHandler()
    print(json.dumps(asyncio.run(_measure(plain, ours, answer.headers["st-access-token"]))))


async def _measure(plain: Any, ours: Any, token: str) -> dict[str, Any]:
    handlers = {"/bare": plain, "/verified": ours}
    ratios = []
    for _ in range(ROUNDS):
        found = {}
        for path in random.sample(list(handlers), 2):
            await _microseconds(handlers[path], path, token)
            found[path] = median([await _microseconds(handlers[path], path, token) for _ in range(REPEAT)])
        ratios.append(found["/verified"] / found["/bare"])
    threads = threading.active_count() - 1
    await _microseconds(
        ours, "/checked", token
    )  # the counter-check: one that asks the database needs a thread
    return {
        "ratio": median(ratios),
        "requests": ROUNDS * (REPEAT + 1),
        "threads": threads,
        "threads with a query": threading.active_count() - 1,
    }


async def _microseconds(handler: Any, path: str, token: str) -> float:
    from django.core.handlers.asgi import ASGIRequest

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"testserver"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    start = time.perf_counter_ns()
    response = await handler.get_response_async(ASGIRequest(scope, io.BytesIO()))
    took = (time.perf_counter_ns() - start) / 1000
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}")
    return took


if __name__ == "__main__":
    main()
