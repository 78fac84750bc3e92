"""The one decorator of every auth endpoint, and the URL patterns that mount them.

A view takes ``(request, data, tenant_id)`` and returns a response; ``data`` is the JSON body, or the query of a GET.
A path that nobody answers and a disabled endpoint fall through to the project's own URLs; another method answers 404
(FDI knows no 405).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.urls import ResolverMatch, URLPattern
from django.urls.resolvers import RegexPattern
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from supertokens_django import conf
from supertokens_django.exceptions import BadInputError
from supertokens_django.http.client import ip_address
from supertokens_django.limits import attempts
from supertokens_django.registry import Account

JsonObject = dict[str, Any]
View = Callable[[HttpRequest, JsonObject, str], HttpResponse]

logger = logging.getLogger("supertokens_django")

TENANT = r"(?P<tenant_id>[a-zA-Z0-9-]+)"
PUBLIC_TENANT = "public"
NO_OBJECT = "Please provide a JSON body"


def is_enabled(name: str) -> bool:
    """Tell whether the endpoint's recipe is enabled, and the endpoint not switched off."""
    settings = conf.app()
    return name not in settings.disabled_endpoints and settings.is_enabled(name.partition(":")[0])


def ask_guards(name: str, request: HttpRequest, data: JsonObject) -> None:
    """Ask the project's guards whether the endpoint ``name`` may be called with this input.

    Raises:
        SuperTokensError: one of them refuses, most often by a ``GeneralError``.
    """
    for guard in conf.app().guards:
        guard().check(name, request, data)


@contextmanager
def admitted(
    name: str, request: HttpRequest, data: JsonObject, tenant_id: str, account: Account | None = None
) -> Iterator[None]:
    """Around what the endpoint ``name`` does: its rate limits, then the guards, of which some ask far away.

    ``account`` is for the limits, where the caller knows whom it is about.

    Raises:
        SuperTokensError: one of them refuses.
    """
    with attempts.counted(name, request, data, tenant_id, ip_address(request), account):
        ask_guards(name, request, data)
        yield


class Endpoint:
    """One method of one path: asks the limits and guards, reads the input, calls the view."""

    def __init__(
        self, view: View, name: str, method: str, *, reads_body: bool, cacheable: bool, no_object: str
    ) -> None:
        self.view = view
        self.name = name
        self.method = method
        self.reads_body = reads_body
        self.cacheable = cacheable
        self.no_object = no_object
        self.__doc__ = view.__doc__

    @property
    def is_enabled(self) -> bool:
        return is_enabled(self.name)

    def __call__(self, request: HttpRequest, tenant_id: str) -> HttpResponse:
        data = self._data(request)
        with admitted(self.name, request, data, tenant_id.lower()):
            response = self.view(request, data, tenant_id.lower())
        if not self.cacheable:
            add_never_cache_headers(response)
        return response

    def _data(self, request: HttpRequest) -> JsonObject:
        if self.method == "GET":
            return query(request)
        return json_body(request, self.no_object) if self.reads_body else {}


def endpoint(
    name: str, method: str, *, reads_body: bool = True, cacheable: bool = False, no_object: str = NO_OBJECT
) -> Callable[[View], Endpoint]:
    """Declare a view as the endpoint ``name`` ("<recipe>:<verb>", also its URL name) for one HTTP method.

    ``no_object`` is the text of the answer to a body that is JSON and no object: recipes have their own (FDI).
    """

    def decorate(view: View) -> Endpoint:
        return Endpoint(view, name, method, reads_body=reads_body, cacheable=cacheable, no_object=no_object)

    return decorate


def query(request: HttpRequest) -> JsonObject:
    """Read the query string; of a repeated name the last value counts.

    Raises:
        BadInputError: there are more parameters than ``DATA_UPLOAD_MAX_NUMBER_FIELDS`` allows.
    """
    try:
        return dict(request.GET.items())
    except TooManyFieldsSent as error:
        raise BadInputError("The request has too many parameters") from error


def json_body(request: HttpRequest, no_object: str = NO_OBJECT) -> JsonObject:
    """Read the JSON body.  What is not JSON counts as an empty object (FDI); JSON that is no object is an error.

    Raises:
        BadInputError: ``null`` or another value that is no object, a body too large, or text that no database stores.
    """
    try:
        body = request.body
        value = json.loads(body, parse_constant=_refuse_constant) if body else {}
    except RequestDataTooBig as error:
        raise BadInputError("The request body is too large") from error
    except (ValueError, RecursionError, RawPostDataException):
        return {}
    if not isinstance(value, dict):
        raise BadInputError(no_object)
    if b"\\u" in body or b"\x00" in body or b"\xed" in body:  # ED begins a surrogate in UTF-8
        _refuse_unstorable_text(value)
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")  # RFC 8259 §6: no NaN, no Infinity


def _refuse_unstorable_text(value: JsonObject) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise BadInputError("The request body contains text that is not valid Unicode") from error
    if "\\u0000" in text:
        raise BadInputError("The request body contains a NUL character")


class EndpointPattern(URLPattern):
    """A URL pattern that does not match while all of its endpoints are disabled."""

    path: str
    """Below the API base path, without a slash in front."""
    endpoints: tuple[Endpoint, ...]

    def resolve(self, path: str) -> ResolverMatch | None:
        if not any(endpoint.is_enabled for endpoint in self.endpoints):
            return None
        return super().resolve(path)


SHARED: dict[tuple[str, str], list[Endpoint]] = {}
"""The endpoints of several recipes behind one path and method."""


def route(path: str, *endpoints: Endpoint, is_shared: bool = False) -> list[URLPattern]:
    """The URL patterns of one path, given relative to the API base path: dispatch by method, names to reverse.

    ``is_shared`` says that other recipes may have the path as well.  The header ``rid`` says which of them is meant,
    else the first one in ``RECIPES`` answers (FDI).
    """
    view = _dispatch(endpoints, path if is_shared else None)
    patterns: list[URLPattern] = []
    for item in endpoints:
        regex = RegexPattern(rf"^{re.escape(path)}/?$", is_endpoint=True)
        pattern = EndpointPattern(regex, view, {}, item.name.partition(":")[2])
        pattern.path, pattern.endpoints = path, endpoints
        patterns.append(pattern)
    return patterns


def _dispatch(endpoints: tuple[Endpoint, ...], shared_path: str | None) -> Callable[..., HttpResponse]:
    by_method = {item.method: item for item in endpoints}
    if shared_path is not None:
        for item in endpoints:
            SHARED.setdefault((shared_path, item.method), []).append(item)

    @transaction.non_atomic_requests  # the services own their transactions; a refusal must not undo a revocation
    @sensitive_post_parameters()
    @sensitive_variables()  # those of everything that is called from here
    def view(request: HttpRequest, tenant_id: str = PUBLIC_TENANT) -> HttpResponse:
        found = by_method.get(request.method or "")
        if found is not None and shared_path is not None:
            found = _meant(request, SHARED[shared_path, found.method]) or found
        if found is None or not found.is_enabled:
            raise Http404
        return found(request, tenant_id)

    view.csrf_exempt = True  # type: ignore[attr-defined]  # the endpoints do FDI's own anti-CSRF
    view.login_required = False  # type: ignore[attr-defined]  # for LoginRequiredMiddleware
    view.endpoints = endpoints  # type: ignore[attr-defined]
    return view


def _meant(request: HttpRequest, candidates: list[Endpoint]) -> Endpoint | None:
    """Which of several recipes' endpoints a client means; None when all of them are disabled."""
    by_recipe = {item.name.partition(":")[0]: item for item in candidates if item.is_enabled}
    rid = request.headers.get("rid", "")
    # Frontends of long ago name recipes that were two in one.
    for name in (rid, rid.removeprefix("thirdparty"), *conf.app().enabled_recipes):
        if name in by_recipe:
            return by_recipe[name]
    return next(iter(by_recipe.values()), None)


__all__ = [
    "PUBLIC_TENANT",
    "TENANT",
    "Endpoint",
    "JsonObject",
    "admitted",
    "ask_guards",
    "endpoint",
    "is_enabled",
    "json_body",
    "route",
]
