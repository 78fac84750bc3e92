"""Which token of a request counts, and whether it does: verification without the database.

Tokens that verified once in this process are remembered, so that a client's next request costs no signature check.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.http import HttpRequest

from supertokens_django import clock
from supertokens_django.exceptions import TryRefreshTokenError, UnauthorisedError
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.recipes.session import transport, verify
from supertokens_django.recipes.session.conf import VIA_CUSTOM_HEADER, VIA_TOKEN, anti_csrf_mode, session_conf
from supertokens_django.recipes.session.verify import AccessToken

REMEMBERED_TOKENS = 4096


class _VerifiedTokens:
    """The most recently added verified tokens; what is in here is asked about expiry and key again at every use."""

    def __init__(self) -> None:
        self._tokens: OrderedDict[str, AccessToken] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, raw: str) -> AccessToken | None:
        """What ``raw`` says, read before; whether it still counts is asked of :meth:`holds`."""
        return self._tokens.get(raw)

    def holds(self, token: AccessToken, now: int) -> bool:
        """Tell whether this very token verified before, under a key that is still accepted."""
        if self._tokens.get(token.raw) is not token or token.kid is None:
            return False
        return ring.accepts(token.kid, now)

    def add(self, token: AccessToken) -> None:
        with self._lock:
            if len(self._tokens) >= REMEMBERED_TOKENS:
                self._tokens.popitem(last=False)
            self._tokens[token.raw] = token


_verified = _VerifiedTokens()


def read(raw: str) -> AccessToken | None:
    """Read an access token without trusting it; None when it is not structurally ours (FDI)."""
    return _verified.read(raw) or verify.read(raw)


@dataclass(frozen=True)
class Presented:
    """The access token that counts for a request, and how it came; not verified yet."""

    token: AccessToken
    method: str


def present(request: HttpRequest) -> Presented | None:
    """Choose between the tokens of a request: a header's before a cookie's, within what is allowed (FDI).

    What is not structurally ours counts as absent, so a foreign token in ``Authorization`` breaks no cookie session.

    Raises:
        TryRefreshTokenError: the legacy cookie is there, or the access token's cookie is there twice.
    """
    if transport.has_legacy_cookie(request):
        raise TryRefreshTokenError("using legacy session, please call the refresh API")
    allowed = transport.allowed_method(request, for_create_new_session=False)
    for method in (transport.HEADER, transport.COOKIE):
        if allowed not in (method, transport.ANY):
            continue
        raw = transport.access_token(request, method)
        token = read(raw) if raw else None
        if token is None:
            continue
        if method == transport.COOKIE and transport.ACCESS_COOKIE in transport.duplicate_cookies(request):
            raise TryRefreshTokenError("The request contains multiple access tokens.")
        return Presented(token, method)
    return None


def checks_anti_csrf(request: HttpRequest, presented: Presented, anti_csrf_check: bool | None) -> bool:
    """Decide whether the token must carry a matching anti-CSRF token, after asking for the custom header (FDI).

    Raises:
        TryRefreshTokenError: the mode is ``VIA_CUSTOM_HEADER`` and the header ``rid`` is missing.
    """
    wanted = request.method != "GET" if anti_csrf_check is None else anti_csrf_check
    if not wanted or presented.method == transport.HEADER:
        return False
    mode = anti_csrf_mode(request)
    if mode == VIA_CUSTOM_HEADER and transport.header(request, transport.RECIPE_ID) is None:
        raise TryRefreshTokenError(
            "anti-csrf check failed. Please pass 'rid: \"session\"' header in the request"
        )
    return mode == VIA_TOKEN


def verify_token(token: AccessToken, *, anti_csrf_token: str | None, checks_anti_csrf: bool) -> None:
    """Verify signature, expiry, kind of key and anti-CSRF token; at most one query, for an unknown key.

    Raises:
        TryRefreshTokenError: one of them is not right.
    """
    now = clock.now_in_milliseconds()
    if not _verified.holds(token, now):
        verify.verify(token, _keys(token), now)
        _verified.add(token)
    elif token.is_expired(now):
        raise TryRefreshTokenError("access token expired")
    if not _has_right_kind_of_key(token):
        raise TryRefreshTokenError(
            "The access token doesn't match the use_dynamic_access_token_signing_key setting"
        )
    if checks_anti_csrf and (token.anti_csrf_token is None or token.anti_csrf_token != anti_csrf_token):
        raise TryRefreshTokenError("anti-csrf check failed")


def signed_token(request: HttpRequest) -> AccessToken | None:
    """The access token of a request, expired or not; None without one.  No query for a known key.

    Raises:
        TryRefreshTokenError: its signature is not ours, or it came twice.
    """
    presented = present(request)
    if presented is None:
        return None
    verify.require_signature(presented.token, _keys(presented.token))
    return presented.token


def _has_right_kind_of_key(token: AccessToken) -> bool:
    """After a change of the setting, tokens of the other kind are refreshed; those made by create_jwt stay good."""
    is_dynamic = token.kid is not None and token.kid.startswith("d-")
    if session_conf().use_dynamic_access_token_signing_key:
        return is_dynamic or token.version <= 3
    return not is_dynamic


def is_local(token: AccessToken) -> bool:
    """Tell whether the token can be verified without a query."""
    return token.kid is not None and ring.knows(token.kid)


def _keys(token: AccessToken) -> list[RSAPublicKey]:
    if token.kid is None:
        return ring.public_keys()
    key = ring.public_key(token.kid)
    return [] if key is None else [key]


@dataclass(frozen=True)
class PresentedForRefresh:
    """The refresh token that counts for a request, and the methods by which refresh tokens came."""

    raw: str = field(repr=False)
    method: str
    others: tuple[str, ...]


def present_for_refresh(request: HttpRequest) -> PresentedForRefresh:
    """Choose between the refresh tokens of a request (FDI).

    Raises:
        UnauthorisedError: there is none; both methods are to be cleared.
    """
    allowed = transport.allowed_method(request, for_create_new_session=False)
    found = {
        method: transport.refresh_token(request, method) for method in (transport.HEADER, transport.COOKIE)
    }
    for method, raw in found.items():
        if raw and allowed in (method, transport.ANY):
            others = tuple(other for other, value in found.items() if value and other != method)
            return PresentedForRefresh(raw, method, others)
    raise UnauthorisedError("Refresh token not found. Are you sending the refresh token in the request?")


def is_ours(raw: str) -> bool:
    """Tell whether a token has the structure of our access tokens; it may still be expired or forged."""
    return read(raw) is not None
