"""Counting on Django's cache, by ``incr`` and ``add`` alone: right for any number of threads, processes and servers.

A period is cut into slices, each a number in the cache.  A try counts in its slice, and the slices of a whole period
and the one under way are added up: in no period of that length do more tries pass than the rate has.  The price is
that a try counts for up to a sixth of the period longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.core.cache.backends.base import BaseCache

from supertokens_django.limits.rates import Rate

SLICES = 6


@dataclass(frozen=True)
class Counter:
    """The tries of one somebody at one endpoint, as they count for one rate, at one moment (in milliseconds)."""

    name: str
    rate: Rate
    now: int

    @property
    def length(self) -> int:
        """Of a slice, in milliseconds."""
        return -(-self.rate.seconds * 1000 // SLICES)

    @property
    def lifetime(self) -> int:
        """How long the cache keeps a slice, in seconds."""
        return self.rate.seconds * 2 + 60

    @cached_property
    def slice(self) -> int:
        return self.now // self.length

    @cached_property
    def key(self) -> str:
        return self._key(self.slice)

    @cached_property
    def keys(self) -> Mapping[str, int]:
        """Those that count now, by key.  The next one belongs to a process whose clock is ahead, or a moment later."""
        return {self._key(number): number for number in range(self.slice - SLICES, self.slice + 2)}

    def _key(self, number: int) -> str:
        return f"{self.name}:{self.rate.count}-{self.rate.seconds}:{number}"

    def wait(self, found: Mapping[str, int], allowed: int) -> int:
        """Milliseconds until no more than ``allowed`` tries count; 0 where that is so already."""
        counts = {number: max(0, found.get(key, 0)) for key, number in self.keys.items()}
        total = sum(counts.values())
        if total <= allowed:
            return 0
        last = self.slice
        for number in sorted(counts):
            total, last = total - counts[number], number
            if total <= allowed:
                break
        return (last + SLICES + 1) * self.length - self.now


def wait(cache: BaseCache, counters: Sequence[Counter], *, is_counted: bool = False) -> int:
    """Milliseconds until one more try may pass all of them, or until the one that ``is_counted`` might have; else 0."""
    found = cache.get_many([key for counter in counters for key in counter.keys])
    if not is_counted:
        return max(counter.wait(found, counter.rate.count - 1) for counter in counters)
    if all(counter.wait(found, counter.rate.count) == 0 for counter in counters):
        return 0
    # Without this try's own.
    for counter in counters:
        found[counter.key] = found.get(counter.key, 0) - 1
    return max(1, *(counter.wait(found, counter.rate.count - 1) for counter in counters))


def count(cache: BaseCache, counters: Iterable[Counter]) -> None:
    """Count a try.  First it is counted and then looked: of two at once, one at least sees the other."""
    for counter in counters:
        _increment(cache, counter)


def _increment(cache: BaseCache, counter: Counter) -> None:
    try:
        _change(cache, counter, 1)
    except ValueError:  # there is none yet
        if not cache.add(counter.key, 1, counter.lifetime):
            _change(cache, counter, 1)


def take_back(cache: BaseCache, counters: Iterable[Counter]) -> None:
    """Count a try no longer."""
    for counter in counters:
        try:
            _change(cache, counter, -1)
        except ValueError:
            continue  # the cache has dropped it


def _change(cache: BaseCache, counter: Counter, by: int) -> None:
    """Add to a slice.

    A backend without an ``incr`` of its own, as those on a database and on files, has Django's, which reads the number
    and sets it, for the cache's default time-out: after five minutes an hour's tries would be forgotten.  Of two who do
    so at once one is lost either way.

    Raises:
        ValueError: the cache does not have it.
    """
    if getattr(cache.incr, "__func__", None) is not BaseCache.incr:
        (cache.incr if by > 0 else cache.decr)(counter.key, abs(by))
    elif (number := cache.get(counter.key)) is None:
        raise ValueError(counter.key)
    else:
        cache.set(counter.key, number + by, counter.lifetime)


def clear(cache: BaseCache, counters: Iterable[Counter]) -> None:
    """Begin anew."""
    cache.delete_many([key for counter in counters for key in counter.keys])
