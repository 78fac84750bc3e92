"""Cookies in which the pages keep what a browser has begun, for this host alone.

Over HTTPS their names begin with ``__Host-``, so that no other host of the domain can plant one.
"""

from __future__ import annotations

from django.http import HttpResponse

from supertokens_django.recipes.session.conf import is_cookie_secure


def name_of(name: str) -> str:
    """The whole name of a cookie."""
    return f"{'__Host-' if is_cookie_secure() else ''}{name}"


def put(response: HttpResponse, name: str, value: str, *, max_age: int) -> None:
    """Set a cookie by its whole name, for ``max_age`` seconds."""
    response.set_cookie(
        name, value, max_age=max_age, httponly=True, secure=is_cookie_secure(), samesite="Lax"
    )


def take_back(response: HttpResponse, name: str) -> None:
    """Delete a cookie by its whole name; Django adds what browsers ask for where it has the prefix."""
    response.delete_cookie(name, samesite="Lax")
