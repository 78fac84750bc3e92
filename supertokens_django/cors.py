"""What CORS must let through.  Imports no model, so that a settings file may use it."""

from __future__ import annotations


def get_all_cors_headers() -> list[str]:
    """The request headers that SuperTokens' frontends send, for ``CORS_ALLOW_HEADERS`` (FDI)."""
    return ["rid", "fdi-version", "anti-csrf", "authorization", "st-auth-mode"]


def get_all_exposed_headers() -> list[str]:
    """The response headers that frontends read, for a project that sets ``CORS_EXPOSE_HEADERS`` itself.

    Without that setting the app exposes them by itself; with it, django-cors-headers writes the project's list over.
    """
    return ["front-token", "anti-csrf", "st-access-token", "st-refresh-token"]
