"""Which language a message is written in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest
from django.utils import translation

from supertokens_django import conf
from supertokens_django.delivery.conf import DeliveryConf
from supertokens_django.delivery.message import Draft

_request: ContextVar[HttpRequest | None] = ContextVar("supertokens_django.delivery.request", default=None)


def choose(draft: Draft) -> str:
    """The language that the caller asks for, else that of the person it is for, else that of the request."""
    return supported(draft.language) or _of_the_person(draft) or of_request(draft.request)


def _of_the_person(draft: Draft) -> str | None:
    ask = conf.section(DeliveryConf).language
    return supported(ask(draft)) if ask else None


def of_request(request: HttpRequest | None) -> str:
    """The language of a request.

    That is what ``LocaleMiddleware`` has found.  Without it, what the browser asks for is heard where the project says
    in ``LANGUAGES`` which languages it speaks; an English project is not to write in German to a German browser.
    """
    if request is not None:
        if (found := supported(getattr(request, "LANGUAGE_CODE", None))) is not None:
            return found
        if conf.has_own_languages():
            return translation.get_language_from_request(request)
    return supported(translation.get_language()) or conf.of_project("LANGUAGE_CODE")


def supported(code: Any) -> str | None:
    """The language of ``LANGUAGES`` that comes nearest; None where none does."""
    if not code:
        return None
    try:
        return translation.get_supported_language_variant(str(code))
    except LookupError:
        return None


@contextmanager
def spoken_to(request: HttpRequest | None) -> Iterator[None]:
    """Messages that are sent meanwhile without a request are sent on behalf of this one, in its language."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def current_request() -> HttpRequest | None:
    """The request on whose behalf messages are sent; see :func:`spoken_to`."""
    return _request.get()
