"""Where the pages lead: each other, and back to where the visitor came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from supertokens_django import conf
from supertokens_django.http.endpoint import PUBLIC_TENANT, TENANT, is_enabled

NEXT_NAMES = ("next", "redirectToPath")
"""What Django and SuperTokens' frontends call the path to return to."""


def wanted_path(request: HttpRequest) -> str | None:
    """The path that the visitor was on the way to, None without a good one; never another site (open redirects)."""
    return next((path for name in NEXT_NAMES if is_own_path(path := request.GET.get(name, ""))), None)


def is_own_path(path: str) -> bool:
    """Tell whether ``path`` is an absolute path of this site, for every reading that browsers have of it."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def destination(request: HttpRequest) -> str:
    """Where to go after signing in."""
    return wanted_path(request) or resolve_url(conf.redirect_after_sign_in())


def destination_after_sign_out(request: HttpRequest) -> str:
    """Where to go after signing out."""
    after = conf.redirect_after_sign_out()
    return wanted_path(request) or (
        resolve_url(after) if after else link(request, "signin", notice="signed-out")
    )


def tenant_id(request: HttpRequest) -> str:
    """The tenant that the query names as SuperTokens' frontends do, ``public`` without one.

    Raises:
        Http404: it is no name that a tenant can have.
    """
    found = request.GET.get("tenantId", "") or PUBLIC_TENANT
    if not re.fullmatch(TENANT, found):
        raise Http404
    return found.lower()


def link(request: HttpRequest, name: str, **query: str) -> str:
    """The address of the page ``name``; it carries on the tenant and the path to return to."""
    if (wanted := wanted_path(request)) is not None:
        query["next"] = wanted
    if (tenant := tenant_id(request)) != PUBLIC_TENANT:
        query["tenantId"] = tenant
    namespace = request.resolver_match.namespace if request.resolver_match else "supertokens_pages"
    path = reverse(f"{namespace}:{name}")
    return f"{path}?{urlencode(query)}" if query else path


@dataclass(frozen=True)
class Links:
    """The addresses that templates use; None where the settings have switched the endpoint off."""

    signin: str
    signup: str | None
    reset_password: str | None
    signout: str | None
    account: str
    verify_email: str | None
    code: str | None
    """Where a code is asked for, beside another way to sign in."""
    destination: str

    @classmethod
    def of(cls, request: HttpRequest) -> Links:
        return cls(
            signin=link(request, "signin"),
            signup=link(request, "signin", show="signup") if is_enabled("emailpassword:signup") else None,
            reset_password=link(request, "reset_password")
            if is_enabled("emailpassword:reset_token")
            else None,
            signout=link(request, "signout") if is_enabled("session:signout") else None,
            account=link(request, "account"),
            verify_email=link(request, "verify_email") if is_enabled("emailverification:token") else None,
            code=link(request, "signin", show="code") if is_enabled("passwordless:code") else None,
            destination=destination(request),
        )
