"""Ended sessions in a Django cache, so that every process refuses their access tokens at once and without a query.

The cache lists the sessions that have ended, each for as long as an access token of it can be out.  It also says since
when that list is whole.  Where it cannot say so, because it is new, was emptied or missed an entry, it vouches for
tokens issued since then alone, and for sessions that this process has seen alive since; about others the database is
asked.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache

from supertokens_django import clock, conf, db
from supertokens_django.crypto.secrets import sha256_hex
from supertokens_django.recipes.session.conf import session_conf
from supertokens_django.recipes.session.verify import AccessToken

logger = logging.getLogger("supertokens_django")

WHOLE_SINCE = "supertokens_django.session.ended.since"
MARGIN = timedelta(minutes=1)
"""How much longer than an access token an entry lives: a token may be made a moment after its session has ended."""
REST_MS = 10_000
"""How long a cache that has failed is left alone: it may take its clients seconds to give up."""
LOG_INTERVAL_MS = 60_000
SEEN_SESSIONS = 4096


@dataclass(frozen=True)
class Answer:
    """What the cache says about a session: ended, not ended, or None where it cannot tell."""

    is_ended: bool | None
    since: int | None = None
    """Since when the list is whole, in milliseconds since the epoch; None where that is not known."""


class _Process:
    """What this process knows about the cache."""

    def __init__(self) -> None:
        self.begun: object = None
        self.since: int | None = None
        """Since when the list was whole when it was last looked at."""
        self.seen: OrderedDict[str, int] = OrderedDict()
        """Handles of sessions seen alive, and since when the list was whole then."""
        self.lock = threading.Lock()
        self.last_miss: object = None
        """Another one for each entry that could not be written."""
        self.admitted: object = None
        """The last miss that the cache has been told of."""
        self.rests_until = 0
        self.logs_again_at = 0

    @property
    def has_missed_an_entry(self) -> bool:
        return self.last_miss is not self.admitted


_process = _Process()


def forget() -> None:
    """Know as much as a process that has just started."""
    global _process
    _process = _Process()


def is_on() -> bool:
    return session_conf().revocation_cache is not None


def key_of(session_handle: str) -> str:
    """The cache's key of a session: good for every backend, whatever a handle is made of."""
    return f"supertokens_django.session.ended.{sha256_hex(session_handle)}"


def begin() -> None:
    """Have the list begun before a token is issued that it is to vouch for; asks the cache once per process."""
    if is_on() and _process.begun is not conf.state_key():
        try:
            _process.since = _moment(_cache().get_or_set(WHOLE_SINCE, clock.now_in_milliseconds, None))
            _process.begun = conf.state_key()
        except Exception as error:  # whatever a backend's library has
            _complain(error)


def see_alive(session_handle: str, since: int | None = None) -> None:
    """Note that a session was alive when the list was whole since ``since``; until that changes it is vouched for.

    Without ``since`` it is a session made or refreshed just now, and the list as it was last looked at.
    """
    since = _process.since if since is None else since
    if since is None or not is_on():
        return
    with _process.lock:
        _process.seen[session_handle] = since
        if len(_process.seen) > SEEN_SESSIONS:
            _process.seen.popitem(last=False)


def note(session_handles: Sequence[str]) -> None:
    """List sessions as ended, once the transaction that ends them is committed."""
    if session_handles and is_on():
        db.on_commit(lambda: _write(session_handles))


def ask(token: AccessToken) -> Answer:
    """Ask the cache whether the token's session has ended."""
    if _rests():
        return Answer(None)
    try:
        cache = _cache()
        _admit_what_was_missed(cache)
        found = cache.get_many(_keys(token))
        if WHOLE_SINCE not in found:
            now = clock.now_in_milliseconds()
            return Answer(None, now if cache.add(WHOLE_SINCE, now, None) else None)
    except Exception as error:
        _complain(error)
        return Answer(None)
    return _judge(found, token)


async def look_up(token: AccessToken) -> Answer:
    """:func:`ask` for an event loop; None more often, for what has to be written is left to a thread."""
    if _process.has_missed_an_entry or _rests():
        return Answer(None)
    try:
        return _judge(await _get_many(_cache(), _keys(token)), token)
    except Exception as error:
        _complain(error)
        return Answer(None)


def _cache() -> BaseCache:
    return caches[session_conf().revocation_cache or ""]


def _keys(token: AccessToken) -> list[str]:
    return [WHOLE_SINCE, key_of(token.session_handle)]


async def _get_many(cache: BaseCache, keys: list[str]) -> Mapping[str, Any]:
    own = type(cache)
    if own.aget is BaseCache.aget and own.aget_many is BaseCache.aget_many:
        # A backend without async methods: Django's aget_many would go to a thread once for every key.
        return await sync_to_async(cache.get_many)(keys)
    return await cache.aget_many(keys)


def _judge(found: Mapping[str, Any], token: AccessToken) -> Answer:
    if key_of(token.session_handle) in found:
        return Answer(True)
    since = _moment(found.get(WHOLE_SINCE))
    if since is None:
        return Answer(None)
    _process.since = since
    # A token names its second alone; by its beginning, nothing passes that was issued earlier in the same second.
    is_issued_since = token.payload["iat"] * 1000 >= since
    is_vouched_for = is_issued_since or _process.seen.get(token.session_handle) == since
    return Answer(False if is_vouched_for else None, since)


def _moment(value: Any) -> int | None:
    """What was read as the beginning of the list; None for what is no such thing."""
    return value if isinstance(value, int) else None


def _write(session_handles: Sequence[str]) -> None:
    lifetime = session_conf().access_token_lifetime + MARGIN
    try:
        cache = _cache()
        _admit_what_was_missed(cache)
        entries = {key_of(handle): True for handle in session_handles}
        missed = cache.set_many(entries, clock.seconds(lifetime))
    except Exception as error:
        missed = [*session_handles]
        _complain(error)
    if missed:
        _process.last_miss = object()
        text = "%d ended session(s) could not be written to REVOCATION_CACHE; the database is asked instead."
        logger.error(text, len(missed))


def _admit_what_was_missed(cache: BaseCache) -> None:
    """Say that the list is whole from now on only, where an entry of this process did not reach it."""
    if _process.has_missed_an_entry:
        miss = _process.last_miss  # another thread may miss one more meanwhile
        cache.set(WHOLE_SINCE, clock.now_in_milliseconds(), None)
        _process.admitted = miss


def _rests() -> bool:
    return 0 < _process.rests_until - clock.now_in_milliseconds() <= REST_MS


def _complain(error: Exception) -> None:
    """Log a failing cache, once in a while, and leave it alone for a moment."""
    now = clock.now_in_milliseconds()
    _process.rests_until = now + REST_MS
    if not 0 < _process.logs_again_at - now <= LOG_INTERVAL_MS:
        _process.logs_again_at = now + LOG_INTERVAL_MS
        logger.error("REVOCATION_CACHE does not answer; the database is asked instead: %r", error)
