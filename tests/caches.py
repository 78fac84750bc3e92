"""Cache backends that tell what they were asked, or that can be taken down: real caches in memory beside that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.test import override_settings

from supertokens_django.recipes.session import revocations
from tests.base import supertokens_settings

Calls = list[tuple[str, tuple[str, ...]]]


class WatchedCache(LocMemCache):
    """Notes the operation and the keys of every call; while ``is_down``, every call fails."""

    calls: Calls = []
    is_down = False
    loses_writes = False
    meanwhile: Callable[[], None] | None = None
    """Happens once, while a ``set`` is on its way: what another thread does in that time."""

    def _note(self, operation: str, keys: Iterable[str]) -> None:
        if type(self).is_down:
            raise ConnectionError("the cache is down")
        self.calls.append((operation, tuple(keys)))

    def add(self, key: str, *args: Any, **kwargs: Any) -> bool:
        self._note("add", [key])
        return bool(super().add(key, *args, **kwargs))

    def set(self, *args: Any, **kwargs: Any) -> None:
        super().set(*args, **kwargs)
        happening, type(self).meanwhile = type(self).meanwhile, None
        if happening is not None:
            happening()

    def get_many(self, keys: Any, version: Any = None) -> dict[str, Any]:
        self._note("get_many", keys)
        return {key: value for key in keys if (value := super(WatchedCache, self).get(key)) is not None}

    def set_many(self, data: Mapping[str, Any], *args: Any, **kwargs: Any) -> list[str]:
        self._note("set_many", data)
        if type(self).loses_writes:
            return list(data)
        for key, value in data.items():
            super().set(key, value, *args, **kwargs)
        return []


class AsyncCache(WatchedCache):
    """A backend that needs no thread to be asked from an event loop."""

    async def aget_many(self, keys: Any, version: Any = None) -> dict[str, Any]:
        self._note("aget_many", keys)
        return {key: value for key in keys if (value := self.get(key)) is not None}


@contextmanager
def revocation_cache(backend: str = "tests.caches.WatchedCache") -> Iterator[type[WatchedCache]]:
    """The stage: an empty cache of this kind, which the sessions ask."""
    kind = AsyncCache if backend.endswith("AsyncCache") else WatchedCache
    kind.calls, kind.is_down, kind.loses_writes, kind.meanwhile = [], False, False, None
    with (
        override_settings(CACHES={"default": {"BACKEND": backend, "LOCATION": "revocations"}}),
        supertokens_settings(SESSION={"REVOCATION_CACHE": "default"}),
    ):
        cache.clear()
        revocations.forget()
        try:
            yield kind
        finally:
            kind.is_down = False
            cache.clear()
