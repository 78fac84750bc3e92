"""Cookies as a browser keeps them: what ``Set-Cookie`` said, and which of them a request takes along (RFC 6265)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookies import Morsel

from django.http import HttpResponseBase

EPOCH = "Thu, 01 Jan 1970 00:00:00 GMT"


@dataclass(frozen=True, slots=True)
class SetCookie:
    """One ``Set-Cookie`` of a response, every attribute included, so that two can be compared whole.

    ``expires`` and ``max_age`` are the raw texts, ``None`` when the attribute was not sent.
    """

    name: str
    value: str
    domain: str | None = None
    path: str | None = None
    expires: str | None = None
    max_age: str | None = None
    secure: bool = False
    http_only: bool = False
    same_site: str | None = None

    @classmethod
    def from_morsel(cls, morsel: Morsel[str]) -> SetCookie:
        return cls(
            name=morsel.key,
            value=""
            if morsel.coded_value == '""'
            else morsel.coded_value,  # how Python writes an empty value
            domain=morsel["domain"] or None,
            path=morsel["path"] or None,
            expires=morsel["expires"] or None,
            max_age=None if morsel["max-age"] == "" else str(morsel["max-age"]),
            secure=bool(morsel["secure"]),
            http_only=bool(morsel["httponly"]),
            same_site=morsel["samesite"] or None,
        )


def set_cookies(response: HttpResponseBase) -> dict[str, SetCookie]:
    """Every cookie the response sets, by name, in the order of the response."""
    return {name: SetCookie.from_morsel(morsel) for name, morsel in response.cookies.items()}


@dataclass(frozen=True, slots=True)
class StoredCookie:
    """A cookie in the jar. ``expires`` is in seconds since the epoch, ``None`` for a session cookie."""

    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    expires: float | None
    secure: bool
    same_site: str

    def is_sent_to(self, host: str, path: str, *, secure: bool) -> bool:
        return (
            (host == self.domain or (not self.host_only and host.endswith(f".{self.domain}")))
            and _path_matches(path, self.path)
            and (secure or not self.secure)
            and not self.is_expired
        )

    @property
    def is_expired(self) -> bool:
        return self.expires is not None and self.expires <= time.time()


class CookieJar:
    """The cookies of one browser, told apart by name, domain and path as RFC 6265 §5.3 does."""

    def __init__(self, cookies: dict[tuple[str, str, str], StoredCookie] | None = None) -> None:
        self._cookies = dict(cookies or {})

    def __iter__(self) -> Iterator[StoredCookie]:
        return iter([cookie for cookie in self._cookies.values() if not cookie.is_expired])

    def copy(self) -> CookieJar:
        return CookieJar(self._cookies)

    def store(self, cookie: StoredCookie) -> None:
        key = (cookie.name, cookie.domain, cookie.path)
        self._cookies.pop(key, None)
        if not cookie.is_expired:
            self._cookies[key] = cookie

    def take(self, response: HttpResponseBase, *, host: str, path: str, secure: bool) -> None:
        """Store what the response to a request of ``host`` and ``path`` sets, unless a browser would refuse it."""
        for set_cookie in set_cookies(response).values():
            stored = _accept(set_cookie, host=host, path=path)
            if stored is not None and (secure or not stored.secure):
                self.store(stored)

    def header_for(self, host: str, path: str, *, secure: bool, cross_site: bool = False) -> str:
        """The ``Cookie`` header of a request, longer paths first; a cross-site POST takes ``SameSite=None`` ones."""
        sent = [
            cookie
            for cookie in self
            if cookie.is_sent_to(host, path, secure=secure) and (not cross_site or cookie.same_site == "none")
        ]
        sent.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in sent)

    def get(self, name: str) -> str | None:
        """The raw value of the newest cookie of that name, whatever its path and domain."""
        values = [cookie.value for cookie in self if cookie.name == name]
        return values[-1] if values else None


def _accept(set_cookie: SetCookie, *, host: str, path: str) -> StoredCookie | None:
    domain = (set_cookie.domain or "").removeprefix(".").lower()
    if domain and host != domain and not host.endswith(f".{domain}"):
        return None
    given_path = set_cookie.path or ""
    return StoredCookie(
        name=set_cookie.name,
        value=set_cookie.value,
        domain=domain or host,
        host_only=not domain,
        path=given_path if given_path.startswith("/") else _default_path(path),
        expires=_expiry(set_cookie),
        secure=set_cookie.secure,
        same_site=(set_cookie.same_site or "lax").lower(),
    )


def _expiry(set_cookie: SetCookie) -> float | None:
    if set_cookie.max_age is not None:
        return time.time() + int(set_cookie.max_age)
    if set_cookie.expires is not None:
        return parsedate_to_datetime(set_cookie.expires).timestamp()
    return None


def _default_path(request_path: str) -> str:
    """RFC 6265 §5.1.4."""
    directory = request_path.rpartition("/")[0]
    return directory or "/"


def _path_matches(request_path: str, cookie_path: str) -> bool:
    """RFC 6265 §5.1.4."""
    if request_path == cookie_path:
        return True
    if not request_path.startswith(cookie_path):
        return False
    return cookie_path.endswith("/") or request_path[len(cookie_path)] == "/"
