"""What a request must satisfy before a session is made, verified or refreshed for it."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from supertokens_django import conf
from supertokens_django.exceptions import (
    ClearDuplicateSessionCookiesError,
    DuplicateSessionCookiesError,
    InsecureCookieError,
)
from supertokens_django.http import client
from supertokens_django.recipes.session import rows, transport
from supertokens_django.recipes.session.conf import (
    VIA_CUSTOM_HEADER,
    cookies_are_refused,
    session_conf,
)
from supertokens_django.recipes.session.tokens import SessionKey
from supertokens_django.recipes.session.verify import AccessToken

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


def require_usable_cookies(request: HttpRequest) -> None:
    """Refuse cookies that no browser would send back: across sites and without https (FDI).

    Raises:
        InsecureCookieError: they would not come back.
    """
    app = conf.app()
    if cookies_are_refused(app.api_domain, app.website_origin(request), session_conf()):
        raise InsecureCookieError


def require_comparable_anti_csrf(checks: bool) -> None:
    """Refuse to check without a request what only a request can show.

    Raises:
        ImproperlyConfigured: ``ANTI_CSRF`` is ``VIA_CUSTOM_HEADER``.
    """
    if checks and session_conf().anti_csrf == VIA_CUSTOM_HEADER:
        raise ImproperlyConfigured(
            "Since the anti-csrf mode is VIA_CUSTOM_HEADER getSession can't check the CSRF token. "
            "Please either use VIA_TOKEN or set anti_csrf_check to false"
        )


def refuse_duplicates(request: HttpRequest) -> None:
    """Refuse a refresh with the same cookie twice: which of the two is the session cannot be known (FDI).

    Raises:
        ClearDuplicateSessionCookiesError: those of ``OLDER_COOKIE_DOMAIN`` are cleared by the response.
        DuplicateSessionCookiesError: that setting is missing.
    """
    if transport.allowed_method(request, for_create_new_session=False) == transport.HEADER:
        return
    if names := transport.duplicate_cookies(request):
        if session_conf().older_cookie_domain is None:
            raise DuplicateSessionCookiesError
        transport.queue(request, transport.clear_older_domain(request, names))
        raise ClearDuplicateSessionCookiesError


def clear_legacy_cookie(request: HttpRequest) -> None:
    """Have the legacy cookie cleared, where it was sent."""
    if transport.has_legacy_cookie(request):
        transport.queue(request, transport.expire_legacy_cookie(request))


def is_refresh(request: HttpRequest) -> bool:
    """Tell whether this is the call that refreshes, answered by a view of the project's own."""
    if request.method != "POST":
        return False
    return request.path_info.removesuffix("/") == f"{conf.app().api_base_path}/session/refresh"


def has_custom_header(request: HttpRequest) -> bool:
    """Tell whether the request has the header that ``VIA_CUSTOM_HEADER`` asks for at a refresh, or needs none."""
    needs_none = hasattr(request, "_supertokens_is_navigation")
    return needs_none or transport.header(request, transport.RECIPE_ID) is not None


def mark_navigation(request: HttpRequest) -> None:
    """Let a browser on the way to a page refresh without a header, which it cannot set: it is led nowhere else."""
    request._supertokens_is_navigation = True  # type: ignore[attr-defined]


def was_sent_by_another_site(request: HttpRequest) -> bool:
    """Tell whether it was the form of another site: browsers name the origin, and a form cannot set ``rid``."""
    origin = transport.header(request, "Origin")
    if origin is None or transport.header(request, transport.RECIPE_ID) is not None:
        return False
    return origin not in (conf.app().api_domain, conf.app().website_origin(request))


def was_checked_by_django(request: HttpRequest) -> bool:
    """Tell whether Django's own CSRF check compared tokens for this request and was satisfied."""
    was_accepted: bool = getattr(request, "csrf_processing_done", False)
    return was_accepted and not getattr(request, "_dont_enforce_csrf_checks", False)


def is_proven(request: HttpRequest) -> bool:
    """Tell whether a request needs no anti-CSRF token of ours: it changes nothing, or Django has compared its own."""
    return request.method in SAFE_METHODS or was_checked_by_django(request)


def is_of_current_lineage(token: AccessToken, state: rows.SessionState) -> bool:
    """Tell whether the access token came with the current refresh token or the one before it."""
    row = state.row
    keys = (
        SessionKey(row.handle, generation, row.secret) for generation in (row.generation, row.generation - 1)
    )
    return any(key.has_refresh_token_hash_1(token.refresh_token_hash_1) for key in keys)


def device_of(request: HttpRequest | None) -> rows.Device:
    """What is kept of the request for the list of sessions."""
    if request is None:
        return rows.Device()
    return rows.Device(client.ip_address(request), client.user_agent(request))
