"""System checks: every mistake in the settings, with the cure in the hint."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from supertokens_django import conf, registry
from supertokens_django.conf import Problem
from supertokens_django.contrib.auth import RoleBackend
from supertokens_django.cors import get_all_exposed_headers
from supertokens_django.openapi.document import DOCUMENT
from supertokens_django.recipes.session.claims import require_different_keys
from supertokens_django.recipes.session.conf import SessionConf

MIDDLEWARE = "supertokens_django.middleware.SuperTokensMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
ROLE_BACKEND = "supertokens_django.contrib.auth.RoleBackend"
CORS = "corsheaders.middleware.CorsMiddleware"

PROBLEM_IDS = {
    "required": "supertokens_django.E001",
    "unknown": "supertokens_django.E002",
    "invalid": "supertokens_django.E003",
    "import": "supertokens_django.E004",
    "contradiction": "supertokens_django.E005",
}


@register(Tags.security)
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every problem that the parser finds in ``SUPERTOKENS``."""
    problems: list[Problem] = conf.parse(conf.AppConf)[1]
    for section in conf.SECTIONS.values():
        problems += conf.parse(section)[1]
    problems += _recipe_problems()
    return [
        Error(f"{problem.path} {problem.message}", hint=problem.hint, id=PROBLEM_IDS[problem.kind])
        for problem in sorted(problems, key=lambda problem: problem.path)
    ]


def _recipe_problems() -> Iterator[Problem]:
    app = conf.parse(conf.AppConf)[0]
    for name in app.recipes if app else ():
        try:
            registry.load(name)
        except ImproperlyConfigured as error:
            known = ", ".join(
                repr(recipe) for recipe in conf.BUILT_IN_RECIPES if recipe not in conf.AUTOMATIC_RECIPES
            )
            yield Problem("invalid", "SUPERTOKENS['RECIPES']", str(error), f"Known recipes: {known}.")
    for proxy in registry.SERVICES.values():
        if (problem := proxy.problem()) is not None:
            yield problem
    yield from _claim_problems()
    yield from _endpoint_problems(app.disabled_endpoints if app else ())


def _claim_problems() -> Iterator[Problem]:
    """One of two claims with the same key would be lost from every new session."""
    try:
        enabled = registry.enabled()
    except ImproperlyConfigured:
        return  # what is wrong with the recipes is reported by itself
    try:
        require_different_keys([claim for recipe in enabled for claim in recipe.claims()])
    except ImproperlyConfigured as error:
        hint = "Give one of them another key, or enable one recipe only."
        yield Problem("contradiction", "SUPERTOKENS['RECIPES']", str(error), hint)


def _endpoint_problems(disabled: Sequence[str]) -> Iterator[Problem]:
    """A name that no endpoint has would leave the one that is meant open."""
    known = [endpoint.name for recipe in registry.mountable() for endpoint in registry.endpoints(recipe)]
    known.append(DOCUMENT.endpoint)
    for name in disabled:
        if name not in known:
            nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = (
                f"Did you mean {nearest[0]!r}?" if nearest else "Known endpoints: " + ", ".join(known) + "."
            )
            text = f"names {name!r}, which is no endpoint."
            yield Problem("invalid", "SUPERTOKENS['DISABLED_ENDPOINTS']", text, hint)


@register(Tags.security)
def check_middleware(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The middleware is there and in its place."""
    middleware: Sequence[str] = conf.middleware()
    if MIDDLEWARE not in middleware:
        hint = f"Add {MIDDLEWARE!r} to MIDDLEWARE, after {AUTHENTICATION!r}."
        return [
            Error(
                "SuperTokensMiddleware is missing: no response would carry tokens.",
                hint=hint,
                id="supertokens_django.E010",
            )
        ]
    found: list[CheckMessage] = []
    if AUTHENTICATION not in middleware or middleware.index(AUTHENTICATION) > middleware.index(MIDDLEWARE):
        hint = f"Put {MIDDLEWARE!r} after {AUTHENTICATION!r}, which would replace request.user otherwise."
        found.append(
            Error(
                "SuperTokensMiddleware stands before AuthenticationMiddleware.",
                hint=hint,
                id="supertokens_django.E011",
            )
        )
    if CORS in middleware and middleware.index(CORS) > middleware.index(MIDDLEWARE):
        hint = f"Put {CORS!r} first: preflight requests must be answered before anything else."
        found.append(
            Error(
                "CorsMiddleware stands after SuperTokensMiddleware.", hint=hint, id="supertokens_django.E012"
            )
        )
    return found


@register(Tags.security)
def check_exposed_headers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What the project exposes to other origins by itself contains what frontends read."""
    exposed = {name.lower() for name in conf.cors_expose_headers()}
    hidden = [name for name in get_all_exposed_headers() if name not in exposed]
    if not exposed or not hidden:
        return []
    hint = "CORS_EXPOSE_HEADERS = [..., *get_all_exposed_headers()]  # from supertokens_django.cors"
    text = f"CORS_EXPOSE_HEADERS hides {', '.join(hidden)} from frontends of another origin."
    return [Error(text, hint=hint, id="supertokens_django.E013")]


UNSHARED_CACHES = (LocMemCache, DummyCache, FileBasedCache, DatabaseCache)


@register(Tags.caches)
def check_revocation_cache(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The cache that verifications ask is one that all processes share, and no slower way to the database."""
    section = conf.parse(SessionConf)[0]
    alias = section.revocation_cache if section else None
    if alias is None or alias not in conf.cache_aliases() or not isinstance(caches[alias], UNSHARED_CACHES):
        return []
    hint = "Name a cache in Redis or Memcached; the database alone is asked by verify_session(check_database=True)."
    return [
        Warning(
            f"SUPERTOKENS['SESSION']['REVOCATION_CACHE'] names {alias!r}, a {type(caches[alias]).__name__}.",
            hint=hint,
            id="supertokens_django.W030",
        )
    ]


@register(Tags.security)
def check_role_backend(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """With roles, Django's own permission system asks them."""
    app = conf.parse(conf.AppConf)[0]
    if app is None or "userroles" not in app.enabled_recipes:
        return []
    for name in conf.authentication_backends():
        with suppress(ImportError):  # Django says so at the first log-in
            if issubclass(import_string(name), RoleBackend):
                return []
    hint = (
        f"Add {ROLE_BACKEND!r} to AUTHENTICATION_BACKENDS, after 'django.contrib.auth.backends.ModelBackend'."
    )
    text = "Roles are on, but user.has_perm() does not know their permissions."
    return [Warning(text, hint=hint, id="supertokens_django.W040")]


@register(Tags.urls)
def check_urls(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The URLs are mounted where ``API_BASE_PATH`` says."""
    app = conf.parse(conf.AppConf)[0]
    if app is None:
        return []
    expected = f"{app.api_base_path}/session/refresh"
    try:
        actual = reverse("session:refresh")
    except NoReverseMatch:
        hint = f'Add path("{app.api_base_path.lstrip("/")}/", include("supertokens_django.urls")) to the URLconf.'
        return [
            Warning(
                "supertokens_django.urls is not in the root URLconf.", hint=hint, id="supertokens_django.W020"
            )
        ]
    if actual == expected:
        return []
    mounted = actual.removesuffix("/session/refresh")
    hint = f'Mount them at "{app.api_base_path.lstrip("/")}/", or set API_BASE_PATH to {mounted!r}.'
    return [
        Error(
            f"supertokens_django.urls answer at {actual}, but frontends and cookies expect {expected}.",
            hint=hint,
            id="supertokens_django.E021",
        )
    ]
