"""What a browser needs to be told by CORS, where the website is of another origin than the API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from corsheaders.conf import conf as cors
from corsheaders.middleware import CorsMiddleware
from corsheaders.signals import check_request_enabled
from django.core.checks import CheckMessage, Tags, register
from django.http import HttpResponse
from django.urls import get_script_prefix

from supertokens_django import conf
from supertokens_django.checks import catalogue
from supertokens_django.checks.middleware import CORS, place_of
from supertokens_django.checks.stage import Stage, host, is_local, stage
from supertokens_django.cors import get_all_cors_headers, get_all_exposed_headers

METHODS = ("GET", "POST")
"""Those of the auth API's endpoints (FDI)."""


@register(Tags.security)
def check_exposed_headers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What the project exposes to other origins by itself contains what frontends read."""
    exposed = {name.lower() for name in conf.of_project("CORS_EXPOSE_HEADERS", ())}
    hidden = [name for name in get_all_exposed_headers() if name not in exposed]
    if not exposed or not hidden:
        return []
    hint = "CORS_EXPOSE_HEADERS = [..., *get_all_exposed_headers()]  # from supertokens_django.cors"
    text = f"CORS_EXPOSE_HEADERS hides {', '.join(hidden)} from frontends of another origin."
    return [catalogue.CORS_EXPOSED.found(text, hint)]


@register(Tags.security)
def check_cors(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The website may call the API."""
    found = stage()
    return list(cors_mistakes(found)) if found else []


@register(Tags.security, deploy=True)
def check_cors_of_strangers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Nobody else may call it with a visitor's cookies."""
    found = stage()
    return list(_strangers(found)) if found else []


def cors_mistakes(stage: Stage) -> Iterator[CheckMessage]:
    """What keeps a page of the website from calling the API."""
    if stage.is_one_origin:
        return
    if place_of(CorsMiddleware) is None:
        text = (
            f"The website {stage.website} is of another origin than the API, and CorsMiddleware is missing."
        )
        hint = (
            f"Put {CORS!r} first in MIDDLEWARE. Where a proxy adds the headers of CORS, silence this check."
        )
        yield catalogue.CORS_MISSING.found(text, hint)
        return
    if "corsheaders" not in conf.installed_apps():
        text = "'corsheaders' is not in INSTALLED_APPS, so nobody checks the settings of CORS."
        yield catalogue.CORS_APP.found(text, "Add 'corsheaders' to INSTALLED_APPS.")
    if not check_request_enabled.receivers:  # they decide request by request
        yield from _origin(stage)
        yield from _urls(stage)
    yield from _credentials(stage)
    yield from _headers()


def lets_in(origin: str) -> bool:
    """Tell whether CORS answers this origin, by the project's lists and expressions."""
    if cors.CORS_ALLOW_ALL_ORIGINS:
        return True
    with suppress(re.error, TypeError):  # corsheaders' own checks speak of these
        return _middleware().origin_found_in_white_lists(origin, urlsplit(origin))
    return False


def _middleware() -> CorsMiddleware:
    answer: Callable[..., HttpResponse] = lambda request: HttpResponse()  # noqa: E731
    return CorsMiddleware(answer)


def _origin(stage: Stage) -> Iterator[CheckMessage]:
    website = stage.website_origin
    if not lets_in(website):
        text = f"CORS does not let the website {website} in: its browsers refuse every answer of the API."
        hint = f"Add {website!r} to CORS_ALLOWED_ORIGINS; scheme and port count, a path must not be there."
        yield catalogue.CORS_ORIGIN.found(text, hint)


def _credentials(stage: Stage) -> Iterator[CheckMessage]:
    if not cors.CORS_ALLOW_CREDENTIALS:
        text = "CORS lets no credentials through, which SuperTokens' frontends send with every request."
        yield catalogue.CORS_CREDENTIALS.found(text, "CORS_ALLOW_CREDENTIALS = True")


def _headers() -> Iterator[CheckMessage]:
    allowed = {name.lower() for name in cors.CORS_ALLOW_HEADERS}
    names = [name for name in (*get_all_cors_headers(), "content-type") if name not in allowed]
    if names:
        text = f"CORS_ALLOW_HEADERS lacks {', '.join(names)}, which frontends send."
        hint = (
            "CORS_ALLOW_HEADERS = [*default_headers, *get_all_cors_headers()]  "
            "# from corsheaders.defaults and supertokens_django.cors"
        )
        yield catalogue.CORS_HEADERS.found(text, hint)
    names = [name for name in METHODS if name not in cors.CORS_ALLOW_METHODS]
    if names:
        text = f"CORS_ALLOW_METHODS lacks {', '.join(names)}, which frontends use."
        yield catalogue.CORS_HEADERS.found(text, f"Add {', '.join(map(repr, names))} to CORS_ALLOW_METHODS.")


def _urls(stage: Stage) -> Iterator[CheckMessage]:
    prefix = get_script_prefix().rstrip("/")  # what the server strips, as FORCE_SCRIPT_NAME says
    base = stage.app.api_base_path.removeprefix(prefix)
    path = f"{base}/session/refresh"
    with suppress(re.error, TypeError):
        if re.match(cors.CORS_URLS_REGEX, path) is None:
            pattern = getattr(cors.CORS_URLS_REGEX, "pattern", cors.CORS_URLS_REGEX)
            text = f"CORS_URLS_REGEX {pattern!r} leaves out the auth API, {path} for instance."
            hint = f"Let it match what begins with '{base}/' too, or leave it out."
            yield catalogue.CORS_URLS.found(text, hint)


def _strangers(stage: Stage) -> Iterator[CheckMessage]:
    if place_of(CorsMiddleware) is None or not cors.CORS_ALLOW_CREDENTIALS:
        return
    if cors.CORS_ALLOW_ALL_ORIGINS:
        text = "CORS_ALLOW_ALL_ORIGINS lets every website read answers that a visitor's cookies have earned."
        hint = f"Remove it, and say CORS_ALLOWED_ORIGINS = [{stage.website_origin!r}]."
        yield catalogue.CORS_STRANGERS.found(text, hint)
        return
    for stranger in _probes(stage):
        if lets_in(stranger):
            text = f"CORS_ALLOWED_ORIGIN_REGEXES let in {stranger}, which anybody may own."
            hint = r"Anchor the expressions at both ends and at a dot, r'^https://[\w-]+\.example\.com$' for instance."
            yield catalogue.CORS_STRANGERS.found(text, hint)
            return


def _probes(stage: Stage) -> Iterator[str]:
    """Origins of nobody (RFC 2606) that a careless expression takes for the website or one of its subdomains."""
    yield "https://anybody.invalid"
    if not is_local(stage.website):
        scheme = stage.schemes[1]
        yield f"{scheme}://{host(stage.website)}.anybody.invalid"
        yield f"{scheme}://anybody{stage.sites[1]}"
