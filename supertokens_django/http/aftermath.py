"""What a request leaves to be done when its client has the answer.

How long that takes, and whether it is done at all, cannot be read from the time that the answer takes.  The server that
runs Django says when: it closes the response (PEP 3333) once it has sent it.  No thread is needed, nothing is lost that
a process in good order has begun, and a test client closes its responses before it gives them.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from supertokens_django import db

logger = logging.getLogger("supertokens_django")

Work = Callable[[], object]

ATTRIBUTE = "_supertokens_aftermath"
"""Of a request that is on its way: what waits until it is answered."""


def after_answer(request: HttpRequest | None, work: Work) -> None:
    """Do ``work`` when the request is answered; at once where it is already, or nobody (the middleware) sees to it.

    Within a transaction of the caller's it is a part of that, and done at once as well.  That is so in every test that
    is rolled back, whose database no other thread can use: Django's ``AsyncClient`` closes responses in one.

    What it raises is logged, when it had to wait: the client has its answer.
    """
    waiting = getattr(request, ATTRIBUTE, None)
    if waiting is None or db.is_in_transaction():
        work()
    else:
        waiting.append((threading.get_ident(), translation.get_language(), work))


def begin(request: HttpRequest) -> None:
    """From here on, work can wait."""
    setattr(request, ATTRIBUTE, deque())


def attach(request: HttpRequest, response: HttpResponseBase) -> None:
    """Have what waits done when the response is closed; from here on nothing waits any more."""
    if waiting := request.__dict__.pop(ATTRIBUTE, None):
        response._resource_closers.append(lambda: _run(waiting))  # type: ignore[attr-defined]
        # A middleware further out may answer otherwise; then nobody closes this response.
        weakref.finalize(response, _run_elsewhere, waiting)


def abandon(request: HttpRequest) -> None:
    """Do what waits though there will be no answer: the client has gone away (ASGI)."""
    if waiting := request.__dict__.pop(ATTRIBUTE, None):
        _run_elsewhere(waiting)


def _run(waiting: deque[Any]) -> None:
    is_elsewhere = False
    while waiting:
        thread, language, work = waiting.popleft()
        is_elsewhere |= thread != threading.get_ident()
        _do(language, work)
    if is_elsewhere:  # nobody else sees to the connections of this thread
        connections.close_all()


def _run_elsewhere(waiting: deque[Any]) -> None:
    """In a thread of its own where this one has an event loop, in which no database may be asked."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        _run(waiting)
        return

    if waiting:
        threading.Thread(target=_run, args=(waiting,)).start()


def _do(language: str | None, work: Work) -> None:
    try:
        with translation.override(language):
            work()
    except Exception:
        logger.exception("What was left to be done after an answer failed.")
