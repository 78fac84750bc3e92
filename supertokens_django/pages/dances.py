"""What a browser keeps while it is at a provider: a cookie for each sign-in that has begun, so that tabs do not meet.

The cookie binds the sign-in to the browser that began it (RFC 6749 §10.12, RFC 9700 §4.7): nobody can be made to
finish the sign-in of somebody else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from supertokens_django import clock
from supertokens_django.pages import cookies

LIFETIME = 15 * 60
"""Seconds: time to find a password and a second factor at the provider."""
MOST = 8
"""So many tabs may be at a provider at once; the oldest is forgotten for a new one."""
LONGEST = 3500
"""Characters of a cookie; browsers drop longer ones without a word, at 4096 with the name (RFC 6265 §6.1)."""
SALT = "supertokens_django.pages.thirdparty"
NAME = "sThirdParty_"


@dataclass(frozen=True)
class Dance:
    """A sign-in that has begun."""

    third_party_id: str
    tenant_id: str
    redirect_uri: str
    state: str = field(repr=False)
    nonce: str | None = field(default=None, repr=False)
    verifier: str | None = field(default=None, repr=False)
    client_type: str | None = None
    next_path: str | None = None
    begun_at: int = 0
    """Seconds since the epoch."""


def new_state(page: str) -> str:
    """A state that nobody can guess; it names the page where a form post is to go on, as SuperTokens' frontends do."""
    content = json.dumps({"state": secrets.token_urlsafe(32), "frontendRedirectURI": page})
    return base64.urlsafe_b64encode(content.encode()).rstrip(b"=").decode()


def keep(request: HttpRequest, response: HttpResponse, dance: Dance) -> None:
    """Have the browser keep a sign-in that begins now."""
    others = sorted(_all(request), key=lambda found: found[1].begun_at if found[1] else 0)
    lost = [name for name, found in others if found is None]
    kept = [name for name, found in others if found is not None]
    for name in (*lost, *kept[: max(0, len(kept) - MOST + 1)]):
        cookies.take_back(response, name)
    content = {**asdict(dance), "begun_at": int(clock.now().timestamp())}
    value = _signed(content)
    if len(value) > LONGEST:
        value = _signed({**content, "next_path": None})
    cookies.put(response, _name(dance.state), value, max_age=LIFETIME)


def _signed(content: dict[str, Any]) -> str:
    return signing.dumps(content, salt=SALT, compress=True)


def find(request: HttpRequest, third_party_id: str, state: str) -> Dance | None:
    """The sign-in with which the browser comes back; None where this browser began none, or long ago."""
    found = _read(request.COOKIES.get(_name(state), ""))
    if found is None or not constant_time_compare(found.state, state):
        return None
    return found if found.third_party_id == third_party_id else None


def forget(response: HttpResponse, dance: Dance) -> None:
    """It has come to its end, a good one or another: it cannot be finished twice."""
    cookies.take_back(response, _name(dance.state))


def _all(request: HttpRequest) -> Iterator[tuple[str, Dance | None]]:
    start = _name("")[: -len(_digest(""))]
    return ((name, _read(value)) for name, value in request.COOKIES.items() if name.startswith(start))


def _read(value: str) -> Dance | None:
    try:
        return Dance(**signing.loads(value, salt=SALT, max_age=LIFETIME))
    except (signing.BadSignature, TypeError):
        return None


def _name(state: str) -> str:
    return cookies.name_of(f"{NAME}{_digest(state)}")


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()[:16]
