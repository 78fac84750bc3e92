"""Coroutine functions of the project's own, where our code is sync."""

from __future__ import annotations

from collections.abc import Awaitable
from inspect import isawaitable
from typing import TypeVar

from asgiref.sync import async_to_sync

T = TypeVar("T")


def finished(value: T | Awaitable[T]) -> T:
    """Give what a function of the project returned; where it was a coroutine function, after waiting for it.

    For sync code, as Django calls async receivers of signals and async views: the coroutine runs on the event loop
    that serves the request, where there is one, and what it asks of the ORM comes back to this thread, and so into
    this transaction.
    """
    return async_to_sync(_awaited)(value) if isawaitable(value) else value


async def _awaited(value: Awaitable[T]) -> T:
    return await value
