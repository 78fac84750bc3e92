"""Browsers on the way to a page: an expired session is refreshed first, and who has none is led to sign in.

A browser sends the refresh token to the refresh path alone, so it is redirected there and back: by 302, or by 307 where
it sends a form, which makes it send the form again, with its files (RFC 9110 §15.4.8).  Only browsers that want a page
are redirected; calls of scripts get the answers that FDI has for them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.cache import add_never_cache_headers

from supertokens_django import clock
from supertokens_django.exceptions import InvalidClaimsError, SessionError, TryRefreshTokenError
from supertokens_django.http.endpoint import is_enabled
from supertokens_django.pages import links
from supertokens_django.pages.conf import are_served
from supertokens_django.recipes.emailverification.claims import EmailVerificationClaim
from supertokens_django.recipes.session import authentication, policy, transport
from supertokens_django.recipes.session.conf import VIA_TOKEN, anti_csrf_mode, session_conf
from supertokens_django.recipes.session.outputs import refusal_of

REFRESH = "session:refresh"
ASK_FOR_LINK = "emailverification:token"
ROUNDS_COOKIE = "sPageRefresh"
"""Counts refreshes that follow each other at once: a browser that did not keep the new tokens would go in a circle."""
MAX_ROUNDS = 2
"""One more than is needed where cookies of an older domain have to be cleared first (``OLDER_COOKIE_DOMAIN``)."""
ROUNDS_SECONDS = 10
"""Less where access tokens expire sooner: a refresh that follows later is no circle."""
CHUNK = 64 * 1024


def is_navigation(request: HttpRequest) -> bool:
    """Tell whether a browser wants to show the answer as a page of a site that has our pages.

    Browsers say so in ``Sec-Fetch-Mode`` (W3C Fetch Metadata); of one that says nothing, what scripts and frontend SDKs
    send is no navigation.
    """
    if request.method not in ("GET", "HEAD", "POST"):
        return False
    if transport.header(request, "Sec-Fetch-Mode") not in (None, "navigate"):
        return False
    if "text/html" not in (transport.header(request, "Accept") or ""):
        return False
    return not _is_call_of_a_script(request) and are_served(request)


def _is_call_of_a_script(request: HttpRequest) -> bool:
    # Android's web views send X-Requested-With, too, with the name of their app.
    if transport.header(request, "X-Requested-With") == "XMLHttpRequest" or transport.bearer_token(request):
        return True
    ours = (transport.RECIPE_ID, transport.AUTH_MODE, transport.ANTI_CSRF)
    return any(transport.header(request, name) is not None for name in ours)


def detour(request: HttpRequest, *, may_query: bool = True) -> HttpResponse | None:
    """The redirect to the refresh page for a navigation whose access token is good no more; None for everything else.

    ``may_query`` False asks no database, for an event loop: a key that this process does not know is not looked up.
    """
    if transport.ACCESS_COOKIE not in request.COOKIES or not is_navigation(request):
        return None
    return _to_refresh(request) if _needs_refresh(request, may_query) else None


def led_on(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """What a navigation gets in place of a session's 401: a refresh where that helps, else the way to sign-in."""
    refusal = refusal_of(response)
    if refusal is None or not is_navigation(request) or not _is_a_page(request):
        return response
    if isinstance(refusal, InvalidClaimsError):
        return _with_cookies_of(response, _to_verification(request, refusal))
    is_refreshable = isinstance(refusal, TryRefreshTokenError)
    if is_refreshable and not may_refresh(request):
        return response
    instead = (_to_refresh(request) if is_refreshable else None) or to_sign_in(request)
    return _with_cookies_of(response, instead)


def _with_cookies_of(response: HttpResponseBase, instead: HttpResponse | None) -> HttpResponseBase:
    if instead is None:
        return response
    instead.cookies.update(getattr(response, "cookies", {}))
    return instead


def back(request: HttpRequest) -> HttpResponse:
    """From the refresh page to where the navigation was going, and not many times in a row."""
    response = _redirect(request, links.destination(request))
    lifetime = session_conf().access_token_lifetime.total_seconds()
    response.set_cookie(
        ROUNDS_COOKIE,
        str(_rounds(request) + 1),
        max_age=max(1, int(min(ROUNDS_SECONDS, lifetime))),
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",
    )
    return response


def may_refresh(request: HttpRequest) -> bool:
    """Tell whether a navigation may exchange the tokens.

    Not where a frontend must hear of the new anti-CSRF token, nor where the project has switched refreshing off.
    """
    if anti_csrf_mode(request) == VIA_TOKEN or not is_enabled(REFRESH):
        return False
    return not policy.was_sent_by_another_site(request)


def _needs_refresh(request: HttpRequest, may_query: bool) -> bool:
    """Tell whether the access token has expired, or its key has been retired; a forgery is refused where it leads."""
    try:
        presented = authentication.present(request)
    except SessionError:
        return True  # two cookies, or one of long ago: a refresh takes away what is too much
    if presented is None or presented.method != transport.COOKIE:
        return False
    token = presented.token
    if token.is_expired(clock.now_in_milliseconds()):
        return True
    if not may_query and not authentication.is_local(token):
        return False
    try:
        authentication.verify_token(token, anti_csrf_token=None, checks_anti_csrf=False)
    except TryRefreshTokenError:
        return True
    return False


def _to_refresh(request: HttpRequest) -> HttpResponse | None:
    path = request.get_full_path()
    is_lost = _rounds(request) >= MAX_ROUNDS or not links.is_own_path(path)
    if is_lost or not may_refresh(request) or not _is_a_page(request):
        return None
    return _redirect(request, f"{refresh_page()}?{urlencode({'next': path})}")


def to_sign_in(request: HttpRequest) -> HttpResponse | None:
    """The redirect to sign-in and back; None in a project that has not mounted the pages."""
    return _to_page(request, "signin")


def _to_verification(request: HttpRequest, refusal: InvalidClaimsError) -> HttpResponse | None:
    """The redirect to the page that asks for a verified e-mail; None where something else is missing."""
    is_wanted = any(error.get("id") == EmailVerificationClaim.key for error in refusal.errors)
    return _to_page(request, "verify_email") if is_wanted and is_enabled(ASK_FOR_LINK) else None


def _to_page(request: HttpRequest, name: str) -> HttpResponse | None:
    path = request.get_full_path()
    try:
        page = reverse(f"supertokens_pages:{name}")
    except NoReverseMatch:
        return None
    query = f"?{urlencode({'next': path})}" if links.is_own_path(path) else ""
    response = HttpResponseRedirect(page + query)
    add_never_cache_headers(response)
    return response


def refresh_page() -> str:
    """The path of the refresh page: below the refresh path, or browsers would not send the refresh token."""
    return f"{transport.refresh_path()}/page"


def _redirect(request: HttpRequest, where: str) -> HttpResponse:
    repeats_form = request.method == "POST"
    if repeats_form:
        _read_to_the_end(request)
    response = HttpResponseRedirect(where, preserve_request=repeats_form)
    add_never_cache_headers(response)
    transport.mark_read(request)
    return response


def _read_to_the_end(request: HttpRequest) -> None:
    """Take the rest of the form: a server that closes before a browser has sent all of it looks broken to it."""
    try:
        while request.read(CHUNK):
            pass
    except UnreadablePostError:
        pass  # the browser has gone


def _rounds(request: HttpRequest) -> int:
    found = request.COOKIES.get(ROUNDS_COOKIE, "")
    return int(found) if found in ("0", "1", "2") else 0


def _is_a_page(request: HttpRequest) -> bool:
    """Tell whether a view of the project or a page of ours answers, and neither the API nor nobody."""
    match: Any = request.resolver_match
    if match is None:
        try:
            match = resolve(request.path_info, getattr(request, "urlconf", None))
        except Resolver404:
            return False
    return not hasattr(match.func, "endpoints") and not hasattr(match.func, "is_passage")
