"""Discovery documents and keys of providers, kept in memory for a while.

A document that cannot be fetched anew is believed for a day: signing in goes on while a provider stumbles.  Keys roll
over: one that is not known is looked for at once, though not more often than every few seconds, whatever is sent here.
Nor is a provider that has never answered asked more often than that: every visitor would wait for it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlsplit

import jwt

from supertokens_django import clock

if TYPE_CHECKING:
    from supertokens_django.http.outgoing import OutgoingError

LIFETIME = 3600.0
"""Seconds for which what was fetched is taken as it is."""
LONGEST_LIFETIME = 24 * 3600.0
"""Seconds for which it is taken where the provider does not answer."""
SHORTEST_PAUSE = 5.0
"""Seconds that lie between two look-ups of a key that is not known, and of what was never found."""
PAUSE_AFTER_FAILURE = 30.0
"""Seconds for which a provider that did not answer is left alone, where there is something to go on with."""
MOST_ENTRIES = 256

T = TypeVar("T")


class _Cache(Generic[T]):
    """What was fetched, by URL; the least lately used goes first."""

    def __init__(self, fetch: Callable[[str], T]) -> None:
        self._fetch = fetch
        self._entries: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._renewed_at: dict[str, float] = {}
        self._failures: OrderedDict[str, tuple[float, OutgoingError]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, url: str, *, within: float = LIFETIME) -> T:
        """What is behind the URL, fetched no longer ago than ``within`` seconds where the provider answers."""
        from supertokens_django.http.outgoing import OutgoingError

        kept = self._kept(url)
        if kept is not None and (kept[0] < within or self._has_just_failed(url, kept[0])):
            return kept[1]
        is_usable = kept is not None and kept[0] < LONGEST_LIFETIME
        if not is_usable and (failure := self._failure(url, SHORTEST_PAUSE)) is not None:
            raise OutgoingError(failure.reason, host=failure.host, status=failure.status)
        try:
            found = self._fetch(url)
        except OutgoingError as error:
            self._note(url, error)
            if kept is not None and is_usable:
                return kept[1]
            raise
        with self._lock:
            self._entries[url] = (clock.monotonic(), found)
            self._failures.pop(url, None)
            while len(self._entries) > MOST_ENTRIES:
                gone, _ = self._entries.popitem(last=False)
                self._renewed_at.pop(gone, None)
        return found

    def _has_just_failed(self, url: str, age: float) -> bool:
        """Whether to go on with what is kept, rather than have each visitor wait for a provider that is away."""
        return age < LONGEST_LIFETIME and self._failure(url, PAUSE_AFTER_FAILURE) is not None

    def _failure(self, url: str, within: float) -> OutgoingError | None:
        with self._lock:
            failed_at, error = self._failures.get(url, (0.0, None))
        return error if error is not None and clock.monotonic() - failed_at < within else None

    def _note(self, url: str, error: OutgoingError) -> None:
        # Without its traceback, which holds on to all that was at work.
        with self._lock:
            self._failures[url] = (
                clock.monotonic(),
                type(error)(error.reason, host=error.host, status=error.status),
            )
            while len(self._failures) > MOST_ENTRIES:
                self._failures.popitem(last=False)

    def renewed(self, url: str) -> T:
        """What is behind the URL now; whoever asks for it again too soon gets what was found before."""
        now = clock.monotonic()
        with self._lock:
            before = self._renewed_at.get(url)
            is_too_soon = before is not None and now - before < SHORTEST_PAUSE
            if not is_too_soon:
                self._renewed_at[url] = now
        return self.get(url) if is_too_soon else self.get(url, within=0)

    def forget(self) -> None:
        with self._lock:
            self._entries.clear()
            self._renewed_at.clear()
            self._failures.clear()

    def _kept(self, url: str) -> tuple[float, T] | None:
        with self._lock:
            if url not in self._entries:
                return None
            self._entries.move_to_end(url)
            fetched_at, found = self._entries[url]
        return clock.monotonic() - fetched_at, found


def document(url: str) -> Mapping[str, str]:
    """The discovery document (OpenID Connect Discovery 1.0 §3): its issuer and its URLs.

    Raises:
        OutgoingError: it cannot be fetched.
    """
    return _documents.get(url)


def keys(jwks_uri: str, kid: str | None, algorithm: str) -> Sequence[jwt.PyJWK]:
    """The keys that may have signed a token with this header; all that fit where it names none.

    Raises:
        OutgoingError: they cannot be fetched.
    """
    found = _fitting(_keys.get(jwks_uri), kid, algorithm)
    return found or _fitting(_keys.renewed(jwks_uri), kid, algorithm)


def forget() -> None:
    """Fetch everything anew from now on; for tests."""
    _documents.forget()
    _keys.forget()


def _fetch_document(url: str) -> Mapping[str, str]:
    found = _fetch_object(url)
    texts = {name: value for name, value in found.items() if isinstance(value, str)}
    # What ends up in a visitor's browser must not be a script.
    return {name: value for name, value in texts.items() if name == "issuer" or _is_url(value)}


def _fetch_keys(url: str) -> Sequence[jwt.PyJWK]:
    found = _fetch_object(url).get("keys")
    return [key for item in (found if isinstance(found, list) else ()) if (key := _key(item)) is not None]


def _fetch_object(url: str) -> dict[str, Any]:
    from supertokens_django.http.outgoing import OutgoingError, OutgoingSession

    with OutgoingSession() as session:
        found = session.get_json(url)
    if not isinstance(found, dict):
        raise OutgoingError("answered with something else than an object", host=urlsplit(url).hostname or "")
    return found


def _key(item: Any) -> jwt.PyJWK | None:
    """A public key for signatures; None for what is another one, or none that is understood."""
    if not isinstance(item, dict) or item.get("kty") == "oct" or item.get("use", "sig") != "sig":
        return None
    try:
        return jwt.PyJWK.from_dict(item)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _fitting(found: Sequence[jwt.PyJWK], kid: str | None, algorithm: str) -> Sequence[jwt.PyJWK]:
    named = [key for key in found if kid is None or key.key_id == kid]
    return [key for key in named if key._jwk_data.get("alg", algorithm) == algorithm]


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


_documents: _Cache[Mapping[str, str]] = _Cache(_fetch_document)
_keys: _Cache[Sequence[jwt.PyJWK]] = _Cache(_fetch_keys)
