"""The middleware is there and in its place."""

from __future__ import annotations

from typing import Any

from corsheaders.middleware import CorsMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.core.checks import CheckMessage, Tags, register
from django.middleware.common import CommonMiddleware
from django.utils.module_loading import import_string

from supertokens_django import conf
from supertokens_django.checks import catalogue
from supertokens_django.checks.stage import stage
from supertokens_django.middleware import SuperTokensMiddleware

MIDDLEWARE = "supertokens_django.middleware.SuperTokensMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
CORS = "corsheaders.middleware.CorsMiddleware"


def place_of(middleware: type) -> int | None:
    """Where a middleware, or a subclass of it, stands in ``MIDDLEWARE``."""
    for place, path in enumerate(conf.of_project("MIDDLEWARE")):
        try:
            found = import_string(path)
        except Exception:  # noqa: S112 - Django says so when it starts
            continue
        if isinstance(found, type) and issubclass(found, middleware):
            return place
    return None


@register(Tags.security)
def check_middleware(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The middleware is there and in its place."""
    ours, authentication, cors = (
        place_of(middleware)
        for middleware in (SuperTokensMiddleware, AuthenticationMiddleware, CorsMiddleware)
    )
    if ours is None:
        hint = f"Add {MIDDLEWARE!r} to MIDDLEWARE, after {AUTHENTICATION!r}."
        text = "SuperTokensMiddleware is missing: no response would carry tokens."
        return [catalogue.MIDDLEWARE_MISSING.found(text, hint)]
    found: list[CheckMessage] = []
    if authentication is None or authentication > ours:
        text = "SuperTokensMiddleware stands before AuthenticationMiddleware."
        hint = f"Put {MIDDLEWARE!r} after {AUTHENTICATION!r}, which would replace request.user otherwise."
        found.append(catalogue.MIDDLEWARE_ORDER.found(text, hint))
    if cors is not None and cors > ours:
        text = "CorsMiddleware stands after SuperTokensMiddleware."
        hint = f"Put {CORS!r} first: preflight requests must be answered before anything else."
        found.append(catalogue.CORS_AFTER_OURS.found(text, hint))
    return found


@register(Tags.security)
def check_cors_order(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What ``CommonMiddleware`` answers by itself, a redirect say, has CORS headers too."""
    where, ours = stage(), place_of(SuperTokensMiddleware)
    cors, common = place_of(CorsMiddleware), place_of(CommonMiddleware)
    if where is None or where.is_one_origin or cors is None or common is None or cors < common:
        return []
    if ours is not None and cors > ours:
        return []  # told of already, with the same cure
    text = "CorsMiddleware stands after CommonMiddleware, whose redirects no browser would follow across origins."
    return [catalogue.CORS_AFTER_COMMON.found(text, f"Put {CORS!r} first.")]
