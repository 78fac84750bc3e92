"""Where tries are counted, and whether: as the settings say, or as a test does meanwhile."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache

from supertokens_django import conf
from supertokens_django.limits.conf import RateLimitsConf


@dataclass(frozen=True)
class Stage:
    """What a test sets; None where the settings count."""

    enabled: bool | None = None
    cache: BaseCache | None = None


_current = Stage()
_run: tuple[str, ...] = ()


def settings() -> RateLimitsConf:
    return conf.section(RateLimitsConf)


def is_enabled() -> bool:
    """Tell whether tries are counted at all."""
    return settings().enabled if _current.enabled is None else _current.enabled


def cache() -> BaseCache:
    """The cache that counts."""
    return caches[settings().cache] if _current.cache is None else _current.cache


def run() -> tuple[str, ...]:
    """Parts of every name in the cache: tries of another run are not found.  There is but one, outside of tests."""
    return _run


def forget() -> None:
    """Begin another run: for tests, none of which is to find what another has tried."""
    global _run
    _run = (secrets.token_hex(8),)


@contextmanager
def set_to(stage: Stage) -> Iterator[None]:
    """Do as the test says meanwhile, in every thread."""
    global _current
    before, _current = _current, stage
    try:
        yield
    finally:
        _current = before
