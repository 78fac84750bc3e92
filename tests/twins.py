"""Sync verbs and their async twins, so that one test is about both."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync


class Verbs:
    """The verbs of a service by their names; with ``is_async`` the async twins are called."""

    def __init__(self, service: Any, is_async: bool) -> None:
        self._service = service
        self._is_async = is_async

    def __getattr__(self, name: str) -> Any:
        if self._is_async:
            return async_to_sync(getattr(self._service, f"a{name}"))
        return getattr(self._service, name)
