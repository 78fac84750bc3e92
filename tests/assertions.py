"""What a session leaves on an answer, compared whole: every cookie with every attribute, every header of the session.

The clock stands still in the tests that use these (``clock``), so expiries are compared to the second.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote

from django.http import HttpResponseBase

from tests.client import (
    ACCESS_COOKIE,
    EXPOSE_HEADERS,
    REFRESH_COOKIE,
    REMOVED,
    Mode,
    decode_front_token,
    decode_jwt,
    json_of,
    json_of_view,
    session_headers,
)
from tests.cookies import EPOCH, SetCookie, set_cookies

ACCESS_COOKIE_LIFETIME = timedelta(days=365)
REFRESH_TOKEN_LIFETIME = timedelta(days=100)

UNAUTHORISED = {"message": "unauthorised"}
TRY_REFRESH_TOKEN = {"message": "try refresh token"}
TOKEN_THEFT = {"message": "token theft detected"}


@dataclass(frozen=True, slots=True)
class CookieRules:
    """The attributes that follow from the settings; the defaults are those of one site over https."""

    domain: str | None = None
    secure: bool = True
    same_site: str = "lax"
    refresh_path: str = "/auth/session/refresh"

    def access(self, value: str, expires: str) -> SetCookie:
        return self._cookie(ACCESS_COOKIE, value, expires, "/")

    def refresh(self, value: str, expires: str) -> SetCookie:
        return self._cookie(REFRESH_COOKIE, value, expires, self.refresh_path)

    def cleared(self) -> list[SetCookie]:
        return [self.access("", EPOCH), self.refresh("", EPOCH)]

    def _cookie(self, name: str, value: str, expires: str, path: str) -> SetCookie:
        return SetCookie(name, value, self.domain, path, expires, None, self.secure, True, self.same_site)


ONE_SITE_COOKIES = CookieRules()
TWO_SITES_COOKIES = CookieRules(same_site="none")


def cookie_date(moment: float) -> str:
    """``moment`` (seconds since the epoch) as FDI writes it into a cookie: whole seconds, rounded up, GMT."""
    return formatdate(math.ceil(moment), usegmt=True)


def assert_json(response: HttpResponseBase, status: int, body: Any) -> None:
    assert (response.status_code, json_of(response)) == (status, body)


def assert_view_json(response: HttpResponseBase, body: Any) -> None:
    """A view of the project has answered 200 with this."""
    assert (response.status_code, json_of_view(response)) == (200, body)


def assert_session_is_set(
    response: HttpResponseBase,
    mode: Mode,
    *,
    rules: CookieRules = ONE_SITE_COOKIES,
    anti_csrf: bool = False,
    refresh_expires: float | None = None,
    exposed_access_token: bool = False,
    extra_cookies: tuple[SetCookie, ...] = (),
) -> None:
    """A new pair of tokens went out, by ``mode`` alone: as after sign-in and after refresh."""
    if mode == "header":
        assert list(set_cookies(response).values()) == list(extra_cookies)
        _assert_headers(response, ["front-token", "st-access-token", "st-refresh-token"])
        return
    expected = _both_cookies(response, rules, refresh_expires)
    assert list(set_cookies(response).values()) == [*expected, *extra_cookies]
    access = ["st-access-token"] if exposed_access_token else []
    _assert_headers(response, ["front-token", *access, *(["anti-csrf"] if anti_csrf else [])])


def assert_access_token_is_replaced(
    response: HttpResponseBase,
    mode: Mode,
    *,
    rules: CookieRules = ONE_SITE_COOKIES,
    exposed_access_token: bool = False,
) -> None:
    """Only a new access token and its front token went out: as after a change of the payload."""
    if mode == "header":
        assert set_cookies(response) == {}
        _assert_headers(response, ["front-token", "st-access-token"])
        return
    cookies = set_cookies(response)
    access = rules.access(
        cookies[ACCESS_COOKIE].value, cookie_date(time.time() + ACCESS_COOKIE_LIFETIME.total_seconds())
    )
    assert list(cookies.values()) == [access]
    _assert_headers(response, ["front-token", *(["st-access-token"] if exposed_access_token else [])])


def assert_session_is_cleared(
    response: HttpResponseBase, mode: Mode, *, rules: CookieRules = ONE_SITE_COOKIES
) -> None:
    """The session of one method was ended on purpose: sign-out, ``revoke_session``."""
    if mode == "cookie":
        assert list(set_cookies(response).values()) == rules.cleared()
        assert session_headers(response) == {"front-token": REMOVED, EXPOSE_HEADERS: "front-token"}
        return
    assert set_cookies(response) == {}
    assert session_headers(response) == {
        "st-access-token": "",
        "st-refresh-token": "",
        "front-token": REMOVED,
        EXPOSE_HEADERS: "st-access-token,st-refresh-token,front-token",
    }


def assert_everything_is_cleared(
    response: HttpResponseBase,
    *,
    rules: CookieRules = ONE_SITE_COOKIES,
    extra_cookies: tuple[SetCookie, ...] = (),
) -> None:
    """An error told the frontend to forget its session, by both methods at once."""
    assert list(set_cookies(response).values()) == [*rules.cleared(), *extra_cookies]
    assert session_headers(response) == {
        "st-access-token": "",
        "st-refresh-token": "",
        "front-token": REMOVED,
        EXPOSE_HEADERS: "front-token,st-access-token,st-refresh-token,front-token",
    }


def assert_session_is_untouched(response: HttpResponseBase) -> None:
    """The answer says nothing at all about tokens."""
    assert set_cookies(response) == {}
    assert session_headers(response) == {}


def assert_unauthorised(response: HttpResponseBase) -> None:
    """401 without a word about tokens: there were none to forget."""
    assert_json(response, 401, UNAUTHORISED)
    assert_session_is_untouched(response)


def assert_unauthorised_and_cleared(
    response: HttpResponseBase, *, rules: CookieRules = ONE_SITE_COOKIES
) -> None:
    assert_json(response, 401, UNAUTHORISED)
    assert_everything_is_cleared(response, rules=rules)


def assert_try_refresh_token(response: HttpResponseBase) -> None:
    assert_json(response, 401, TRY_REFRESH_TOKEN)
    assert_session_is_untouched(response)


def assert_front_token_matches(front_token: str, access_token: str) -> None:
    """The front token tells exactly what the access token says (FDI: ``uid``, ``ate`` in ms, the whole payload)."""
    payload = decode_jwt(access_token)[1]
    assert decode_front_token(front_token) == {
        "uid": payload["sub"],
        "ate": payload["exp"] * 1000,
        "up": payload,
    }


def _both_cookies(
    response: HttpResponseBase, rules: CookieRules, refresh_expires: float | None
) -> list[SetCookie]:
    cookies = set_cookies(response)
    now = time.time()
    refresh_ends = (
        now + REFRESH_TOKEN_LIFETIME.total_seconds() if refresh_expires is None else refresh_expires
    )
    return [
        rules.access(_raw(cookies, ACCESS_COOKIE), cookie_date(now + ACCESS_COOKIE_LIFETIME.total_seconds())),
        rules.refresh(_raw(cookies, REFRESH_COOKIE), cookie_date(refresh_ends)),
    ]


def _raw(cookies: Mapping[str, SetCookie], name: str) -> str:
    value = cookies[name].value
    assert value
    assert not set(value) & set('" ;,=+'), f"{name} is not percent-encoded: {value!r}"
    return value


def _assert_headers(response: HttpResponseBase, names: list[str]) -> None:
    """Exactly these session headers, each with a value that makes sense, and exposed in this order."""
    headers = session_headers(response)
    assert headers.pop(EXPOSE_HEADERS) == ",".join(names)
    assert set(headers) == set(names)
    assert all(headers.values())
    cookies = set_cookies(response)
    access_token = headers.get("st-access-token") or unquote(cookies[ACCESS_COOKIE].value)
    assert_front_token_matches(headers["front-token"], access_token)
