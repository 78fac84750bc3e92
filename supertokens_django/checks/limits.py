"""Rate limits: the endpoints that they name, the cache that counts, the proxy that hides the visitors."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import CheckMessage, Tags, register
from django.utils.module_loading import import_string

from supertokens_django import conf, registry
from supertokens_django.checks import catalogue
from supertokens_django.conf import Problem
from supertokens_django.limits.conf import ACCOUNT, ACCOUNT_AND_IP, RateLimitsConf

UNSHARED_CACHES = (LocMemCache, DummyCache, FileBasedCache, DatabaseCache)
WHY_NOT = {
    LocMemCache: "in which every process counts for itself",
    DummyCache: "which counts nothing",
    FileBasedCache: "in which two processes that count at once lose a try",
    DatabaseCache: "in which two processes that count at once lose a try",
}


def cache_backend(alias: str | None) -> str:
    """The dotted path of a cache's class, "" where there is none."""
    return str(conf.of_project("CACHES").get(alias, {}).get("BACKEND", ""))


def limit_problems() -> Iterator[Problem]:
    """Names that nothing has: the limit that is meant would not hold."""
    section = conf.parse(RateLimitsConf)[0]
    recipes = list(registry.mountable())
    limits = {limit.endpoint: limit for recipe in recipes for limit in recipe.limits()}
    endpoints = [endpoint.name for recipe in recipes for endpoint in registry.endpoints(recipe)]
    known = sorted({*limits, *endpoints})
    for name, scopes in section.limits.items() if section else ():
        where = f"SUPERTOKENS['RATE_LIMITS']['LIMITS'][{name!r}]"
        if name not in known:
            nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = (
                f"Did you mean {nearest[0]!r}?" if nearest else "Known endpoints: " + ", ".join(known) + "."
            )
            yield Problem("invalid", where, "is no endpoint.", hint)
        elif name not in limits or limits[name].account_of is None:
            for scope in (ACCOUNT, ACCOUNT_AND_IP):
                if scopes.get(scope):
                    text = "cannot be counted: no account can be told from a request to this endpoint."
                    yield Problem("invalid", f"{where}[{scope!r}]", text, "Limit it by IP.")


@register(Tags.security, deploy=True)
def check_limits(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Tries are counted for all processes together, and for each visitor apart."""
    section = conf.parse(RateLimitsConf)[0]
    if section is None or not section.enabled:
        return []
    return [*_cache(section), *_proxy()]


def _cache(section: RateLimitsConf) -> Iterator[CheckMessage]:
    with suppress(ImportError):  # the package may be missing, which is another check's
        cache = import_string(cache_backend(section.cache))
        why = next((text for kind, text in WHY_NOT.items() if issubclass(cache, kind)), None)
        if why is not None:
            text = (
                f"SUPERTOKENS['RATE_LIMITS']['CACHE'] is {section.cache!r}, a {cache.__name__}, {why}: "
                "more tries pass than the limits say."
            )
            hint = "Name a cache in Redis or Memcached. With one process alone, silence this check."
            yield catalogue.LIMITS_CACHE.found(text, hint)


def _proxy() -> Iterator[CheckMessage]:
    app = conf.parse(conf.AppConf)[0]
    signs = ("SECURE_PROXY_SSL_HEADER", "USE_X_FORWARDED_HOST", "USE_X_FORWARDED_PORT")
    found = next((name for name in signs if conf.of_project(name)), None)
    if app is not None and found is not None and not app.trusted_proxy_count:
        text = (
            f"{found} says that there is a proxy, and TRUSTED_PROXY_COUNT is 0: every visitor has the proxy's address, "
            "and the tries of all of them are counted together."
        )
        hint = (
            "Set SUPERTOKENS['TRUSTED_PROXY_COUNT'] to the number of proxies that append to X-Forwarded-For."
        )
        yield catalogue.LIMITS_PROXY.found(text, hint)
