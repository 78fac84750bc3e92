"""Tokens on requests and responses: the one place that knows cookie names, header names and their attributes (FDI).

What a request's handling wants to send is queued on the request and written by the middleware, in order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.http import http_date

from supertokens_django import clock, conf, db
from supertokens_django.recipes.session.conf import cookie_same_site, is_cookie_secure, session_conf

COOKIE, HEADER, ANY = "cookie", "header", "any"
METHODS = (COOKIE, HEADER)

ACCESS_COOKIE, REFRESH_COOKIE, LEGACY_COOKIE = "sAccessToken", "sRefreshToken", "sIdRefreshToken"
ACCESS_HEADER, REFRESH_HEADER = "st-access-token", "st-refresh-token"
FRONT_TOKEN, ANTI_CSRF, AUTH_MODE, RECIPE_ID = "front-token", "anti-csrf", "st-auth-mode", "rid"
CLEARED_FRONT_TOKEN = "remove"
VARY = "Cookie, Authorization"

ACCESS_COOKIE_LIFETIME_MS = 365 * 24 * 3600 * 1000
"""An expired access token must still be sent, so that the answer is "try refresh token" and not "unauthorised"."""

Mutation = Callable[[HttpResponse], None]


# Requests


def django_request(request: Any) -> HttpRequest:
    """The Django request inside one that another framework (Django REST framework) wraps."""
    if isinstance(request, HttpRequest):
        return request
    inner = getattr(request, "_request", None)
    if not isinstance(inner, HttpRequest):
        raise TypeError(f"expected an HttpRequest, not {type(request).__name__}")
    return inner


def header(request: HttpRequest, name: str) -> str | None:
    """A header of the request, or None.  ``request.headers`` would copy all of them for the first one asked."""
    value: str | None = request.META.get(_meta_key(name))
    return value


@cache
def _meta_key(name: str) -> str:
    return f"HTTP_{name.upper().replace('-', '_')}"


def _cookie(request: HttpRequest, name: str) -> str:
    return unquote(request.COOKIES.get(name, ""))


def refresh_path() -> str:
    """Where the refresh token's cookie is sent, and nowhere else."""
    return f"{conf.app().full_api_base_path}/session/refresh"


def bearer_token(request: HttpRequest) -> str:
    """The token of ``Authorization: Bearer …``, "" without one; the scheme is compared case-sensitively (FDI)."""
    value = request.META.get("HTTP_AUTHORIZATION", "")
    return value[7:].strip() if value.startswith("Bearer ") else ""


def access_token(request: HttpRequest, method: str) -> str:
    return _cookie(request, ACCESS_COOKIE) if method == COOKIE else bearer_token(request)


def refresh_token(request: HttpRequest, method: str) -> str:
    return _cookie(request, REFRESH_COOKIE) if method == COOKIE else bearer_token(request)


def has_legacy_cookie(request: HttpRequest) -> bool:
    return LEGACY_COOKIE in request.COOKIES


def duplicate_cookies(request: HttpRequest) -> list[str]:
    """Which of our cookies are there more than once: set for two domains or paths, the browser sends both."""
    raw = request.META.get("HTTP_COOKIE", "")
    if "%" not in raw and raw.count(ACCESS_COOKIE) < 2 and raw.count(REFRESH_COOKIE) < 2:
        return []  # as nearly always; looking closely would be a tenth of a verification
    pairs = [part.split("=") for part in raw.split(";")]
    names = [unquote(pair[0]).strip() for pair in pairs if len(pair) == 2]
    return [name for name in (ACCESS_COOKIE, REFRESH_COOKIE) if names.count(name) > 1]


def prefer(request: HttpRequest, method: str) -> None:
    """Fix the transfer method of a session to be made for this request, whatever its headers say; for own pages."""
    request._supertokens_transfer_method = method  # type: ignore[attr-defined]


def allowed_method(request: HttpRequest, *, for_create_new_session: bool) -> str:
    """``cookie``, ``header`` or ``any``, as ``GET_TOKEN_TRANSFER_METHOD`` decides."""
    preferred: str | None = getattr(request, "_supertokens_transfer_method", None)
    if preferred is not None and for_create_new_session:
        return preferred
    if (own := session_conf().get_token_transfer_method) is not None:
        return _known_method(own(request, for_create_new_session))
    if not for_create_new_session:
        return ANY
    mode = (header(request, AUTH_MODE) or "").lower()
    return mode if mode in METHODS else ANY


def _known_method(method: Any) -> str:
    if method not in (*METHODS, ANY):
        where = "SUPERTOKENS['SESSION']['GET_TOKEN_TRANSFER_METHOD']"
        raise ImproperlyConfigured(f"{where} must return 'cookie', 'header' or 'any', not {method!r}.")
    return str(method)


def output_method(request: HttpRequest) -> str:
    """How a new session's tokens go out: by cookie only where the client asks for it, else by header (FDI)."""
    allowed = allowed_method(request, for_create_new_session=True)
    if allowed == ANY:
        return COOKIE if (header(request, AUTH_MODE) or "").lower() == COOKIE else HEADER
    return allowed


# Responses


def queue(request: HttpRequest, mutation: Mutation) -> None:
    """Have ``mutation`` applied to the response of this request, after those queued before."""
    _pending(request).append(mutation)


def _pending(request: HttpRequest) -> list[Mutation]:
    if not hasattr(request, "_supertokens_pending"):
        request._supertokens_pending = []  # type: ignore[attr-defined]
    pending: list[Mutation] = request._supertokens_pending  # type: ignore[attr-defined]
    return pending


def write(request: HttpRequest, response: HttpResponse) -> None:
    """Apply what was queued, once; no cache may keep it for others."""
    if "_supertokens_pending" in request.__dict__:
        pending = _pending(request)
        if pending:
            add_never_cache_headers(response)
        while pending:
            pending.pop(0)(response)
    if "_supertokens_was_read" in request.__dict__:
        vary(request, response)


def vary(request: HttpRequest, response: HttpResponseBase) -> None:
    """Tell caches that the answer depends on the session, where one was read."""
    if "_supertokens_was_read" not in request.__dict__ or response.headers.get("Vary") == VARY:
        return
    if response.has_header("Vary"):
        patch_vary_headers(response, VARY.split(", "))
    else:
        response.headers["Vary"] = VARY


def mark_read(request: HttpRequest) -> None:
    """Note that the response depends on the session."""
    request._supertokens_was_read = True  # type: ignore[attr-defined]


def set_tokens(
    request: HttpRequest,
    method: str,
    *,
    access_token: str,
    front_token: str,
    refresh_token: tuple[str, int] | None = None,
    anti_csrf_token: str | None = None,
) -> Mutation:
    """Give the client new tokens; ``refresh_token`` comes with its expiry in milliseconds since the epoch.

    Nothing is given of a transaction that is rolled back: its session is not in the database.
    """
    same_site, transaction = cookie_same_site(request), db.TransactionWatch()

    def mutate(response: HttpResponse) -> None:
        if transaction.was_rolled_back():
            return
        _set_header(response, FRONT_TOKEN, front_token)
        _set_access_token(response, method, access_token, same_site)
        if refresh_token is not None:
            _set_refresh_token(response, method, *refresh_token, same_site)
        if anti_csrf_token is not None and method == COOKIE:
            _set_header(response, ANTI_CSRF, anti_csrf_token)

    return mutate


def clear_tokens(request: HttpRequest, method: str) -> Mutation:
    """Take the tokens of one method away, by the attributes they were set with; not if that is rolled back."""
    same_site, transaction = cookie_same_site(request), db.TransactionWatch()

    def mutate(response: HttpResponse) -> None:
        if transaction.was_rolled_back():
            return
        if method == COOKIE:
            _set_cookie(response, ACCESS_COOKIE, "", 0, same_site)
            _set_cookie(response, REFRESH_COOKIE, "", 0, same_site)
        else:
            _set_header(response, ACCESS_HEADER, "")
            _set_header(response, REFRESH_HEADER, "")
        del response[ANTI_CSRF]
        _set_header(response, FRONT_TOKEN, CLEARED_FRONT_TOKEN)

    return mutate


def clear_presented(request: HttpRequest) -> None:
    """Have the tokens taken away by every method by which the request carries one."""
    for method in METHODS:
        if access_token(request, method):
            queue(request, clear_tokens(request, method))


def expire_legacy_cookie(request: HttpRequest) -> Mutation:
    same_site = cookie_same_site(request)
    return lambda response: _set_cookie(response, LEGACY_COOKIE, "", 0, same_site)


def clear_older_domain(request: HttpRequest, names: list[str]) -> Mutation:
    """Expire cookies of ``OLDER_COOKIE_DOMAIN``, so that one of each name is left."""
    same_site = cookie_same_site(request)
    older = session_conf().older_cookie_domain

    def mutate(response: HttpResponse) -> None:
        for name in names:
            _set_cookie(response, name, "", 0, same_site, domain=older or None)

    return mutate


def _set_access_token(response: HttpResponse, method: str, token: str, same_site: str) -> None:
    if method == COOKIE:
        _set_cookie(
            response,
            ACCESS_COOKIE,
            token,
            clock.milliseconds(clock.now()) + ACCESS_COOKIE_LIFETIME_MS,
            same_site,
        )
    if method == HEADER or session_conf().expose_access_token_to_frontend_in_cookie_based_auth:
        _set_header(response, ACCESS_HEADER, token)


def _set_refresh_token(
    response: HttpResponse, method: str, token: str, expires_ms: int, same_site: str
) -> None:
    if method == COOKIE:
        _set_cookie(response, REFRESH_COOKIE, token, expires_ms, same_site)
    else:
        _set_header(response, REFRESH_HEADER, token)


_UNSET = object()


def _set_cookie(
    response: HttpResponse, name: str, value: str, expires_ms: int, same_site: str, domain: object = _UNSET
) -> None:
    response.set_cookie(
        name,
        quote(value),
        expires=http_date(math.ceil(expires_ms / 1000)),  # as text: Django adds Max-Age to anything else
        path=refresh_path() if name == REFRESH_COOKIE else "/",
        domain=session_conf().cookie_domain if domain is _UNSET else domain,  # type: ignore[arg-type]
        secure=is_cookie_secure(),
        httponly=True,
        samesite=same_site,  # type: ignore[arg-type]
    )


def _set_header(response: HttpResponse, name: str, value: str) -> None:
    """Set a header and let browsers of another origin read it (CORS)."""
    response[name] = value
    exposed = response.get("Access-Control-Expose-Headers")
    response["Access-Control-Expose-Headers"] = f"{exposed},{name}" if exposed else name


def mark(request: HttpRequest) -> int:
    """Where the queue of this request stands, for :func:`rewind`."""
    return len(_pending(request))


def rewind(request: HttpRequest, position: int) -> None:
    """Forget what was queued since :func:`mark`: the work that it belongs to was rolled back."""
    del _pending(request)[position:]
