"""``SUPERTOKENS`` itself, and what it names: the parser's problems, recipes, endpoints, the cache, the role backend."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from django.core.checks import CheckMessage, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from supertokens_django import conf, registry
from supertokens_django.checks import catalogue
from supertokens_django.checks.limits import UNSHARED_CACHES, cache_backend, limit_problems
from supertokens_django.conf import Problem
from supertokens_django.contrib.auth import RoleBackend
from supertokens_django.openapi.document import DOCUMENT
from supertokens_django.recipes.emailverification.conf import RECIPE, REQUIRED, EmailVerificationConf
from supertokens_django.recipes.session.claims import require_different_keys
from supertokens_django.recipes.session.conf import SessionConf

ROLE_BACKEND = "supertokens_django.contrib.auth.RoleBackend"

KINDS = {
    "required": catalogue.REQUIRED,
    "unknown": catalogue.UNKNOWN,
    "invalid": catalogue.INVALID,
    "import": catalogue.IMPORT,
    "contradiction": catalogue.CONTRADICTION,
}


@register(Tags.security)
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every problem that the parser finds in ``SUPERTOKENS``."""
    problems: list[Problem] = conf.parse(conf.AppConf)[1]
    for section in conf.SECTIONS.values():
        problems += conf.parse(section)[1]
    problems += _recipe_problems()
    return [
        KINDS[problem.kind].found(f"{problem.path} {problem.message}", problem.hint)
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
    yield from limit_problems()


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


@register(Tags.caches)
def check_revocation_cache(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The cache that verifications ask is one that all processes share, and no slower way to the database."""
    section = conf.parse(SessionConf)[0]
    backend = cache_backend(section.revocation_cache) if section else ""
    with suppress(ImportError):  # the package may be missing, which is another check's
        cache = import_string(backend)
        if issubclass(cache, UNSHARED_CACHES):
            alias = section.revocation_cache if section else None
            hint = (
                "Name a cache in Redis or Memcached; "
                "the database alone is asked by verify_session(check_database=True)."
            )
            text = f"SUPERTOKENS['SESSION']['REVOCATION_CACHE'] names {alias!r}, a {cache.__name__}."
            return [catalogue.REVOCATION_CACHE.found(text, hint)]
    return []


@register(Tags.security)
def check_verification(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Whoever has to verify an address can ask for the link, and use it."""
    app = conf.parse(conf.AppConf)[0]
    verification = conf.parse(EmailVerificationConf)[0]
    if app is None or verification is None or verification.mode != REQUIRED or not app.is_enabled(RECIPE):
        return []
    missing = [name for name in (f"{RECIPE}:token", f"{RECIPE}:verify") if name in app.disabled_endpoints]
    if not missing:
        return []
    text = f"EMAILVERIFICATION['MODE'] is REQUIRED, and {' and '.join(missing)} is in DISABLED_ENDPOINTS."
    hint = (
        'Enable it; or silence this check, where an endpoint of your own does its work; or take "OPTIONAL".'
    )
    return [catalogue.VERIFICATION_OFF.found(text, hint)]


@register(Tags.security)
def check_role_backend(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """With roles, Django's own permission system asks them."""
    app = conf.parse(conf.AppConf)[0]
    if app is None or "userroles" not in app.enabled_recipes:
        return []
    for name in conf.of_project("AUTHENTICATION_BACKENDS"):
        with suppress(ImportError):  # Django says so at the first log-in
            if issubclass(import_string(name), RoleBackend):
                return []
    hint = (
        f"Add {ROLE_BACKEND!r} to AUTHENTICATION_BACKENDS, after 'django.contrib.auth.backends.ModelBackend'."
    )
    text = "Roles are on, but user.has_perm() does not know their permissions."
    return [catalogue.ROLE_BACKEND.found(text, hint)]
