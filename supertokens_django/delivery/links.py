"""Links in messages: they lead to the pages of the website's frontend."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest

from supertokens_django import conf


def link_to(request: HttpRequest | None, page: str, **query: str) -> str:
    """The address of a page of the frontend, such as ``reset-password``, on the website of the request (FDI)."""
    app = conf.app()
    return f"{app.website_origin(request)}{app.website_base_path}/{page}?{urlencode(query)}"
