"""Packages that settings need and that may not be there."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from django.core.checks import CheckMessage, Tags, register
from django.utils.module_loading import import_string

from supertokens_django import conf
from supertokens_django.checks import catalogue
from supertokens_django.checks.limits import cache_backend
from supertokens_django.crypto import hashing
from supertokens_django.limits.conf import RateLimitsConf
from supertokens_django.recipes.passwordless.conf import PasswordlessConf
from supertokens_django.recipes.session.conf import SessionConf

EXTRAS = {
    "authlib": "thirdparty",
    "bcrypt": "bcrypt",
    "drf_spectacular": "openapi",
    "redis": "redis",
    "requests": "thirdparty",
    "rest_framework": "drf",
    "phonenumbers": "passwordless",
}
"""The extra of this package that brings a module."""

REDIS = "django.core.cache.backends.redis.RedisCache"
"""Imports its package when it is first used; without theirs, the other caches stop Django when it starts."""


@register(Tags.security)
def check_packages(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What the settings name can be imported when it is needed."""
    return [
        catalogue.PACKAGE.found(
            f"{setting} needs the package {module}, which is not installed.", _cure(module)
        )
        for setting, module in _needs()
        if find_spec(module) is None
    ]


@register(Tags.security)
def check_hashers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Each path in ``PASSWORD_HASHERS`` leads somewhere; Django finds out at the first sign-in."""
    paths = conf.of_project("PASSWORD_HASHERS")
    if not paths:
        text = "PASSWORD_HASHERS is empty, so that no password can be set."
        return [catalogue.INVALID.found(text, "Remove it: Django has a list of its own.")]
    found = []
    for path in paths:
        try:
            import_string(path)
        except ImportError as error:
            text = f"PASSWORD_HASHERS names {path!r}, which cannot be imported ({error})."
            found.append(catalogue.IMPORT.found(text, "Correct the path, or remove it."))
    return found


def _needs() -> Iterator[tuple[str, str]]:
    """Each setting with the module that it needs."""
    try:
        library = hashing.preferred_hasher().library
    except (ImportError, ValueError):
        library = None
    if library:
        module = library if isinstance(library, str) else library[-1]
        yield (
            f"{conf.of_project('PASSWORD_HASHERS')[0]!r}, the first of PASSWORD_HASHERS,",
            module.partition(".")[0],
        )
    app = conf.parse(conf.AppConf)[0]
    if app and "thirdparty" in app.enabled_recipes:
        yield from (("'thirdparty' in SUPERTOKENS['RECIPES']", module) for module in ("authlib", "requests"))
    session = conf.parse(SessionConf)[0]
    if session and cache_backend(session.revocation_cache) == REDIS:
        yield "SUPERTOKENS['SESSION']['REVOCATION_CACHE']", "redis"
    app, passwordless = conf.parse(conf.AppConf)[0], conf.parse(PasswordlessConf)[0]
    if app and "passwordless" in app.recipes and passwordless and passwordless.takes_phone_numbers:
        yield "SUPERTOKENS['PASSWORDLESS']['CONTACT_METHOD']", "phonenumbers"
    limits = conf.parse(RateLimitsConf)[0]
    if limits and limits.enabled and cache_backend(limits.cache) == REDIS:
        yield "SUPERTOKENS['RATE_LIMITS']['CACHE']", "redis"
    framework = conf.of_project("REST_FRAMEWORK") or {}
    if str(framework.get("DEFAULT_SCHEMA_CLASS", "")).startswith("drf_spectacular."):
        yield "REST_FRAMEWORK['DEFAULT_SCHEMA_CLASS']", "drf_spectacular"
    if any("supertokens_django" in str(path) for path in framework.get("DEFAULT_AUTHENTICATION_CLASSES", ())):
        yield "REST_FRAMEWORK['DEFAULT_AUTHENTICATION_CLASSES']", "rest_framework"


def _cure(module: str) -> str:
    package = f'"supertokens-django[{EXTRAS[module]}]"' if module in EXTRAS else module.replace("_", "-")
    return f"pip install {package}"
