"""A browser with SuperTokens' frontend SDK in it: speaks FDI to the app under test, in cookie and in header mode.

Nothing happens by itself: no refresh, no retry. A test says what the frontend does, line by line::

    alice = FrontendClient(mode="cookie")
    alice.sign_in(ALICE.email, ALICE.password)
    alice.get("/test/whoami")
    alice.refresh()
    alice.sign_out()
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

from django.http import HttpResponseBase

from tests.cookies import CookieJar, StoredCookie
from tests.described import assert_described
from tests.handlers import Handler
from tests.handlers import Stack as Stack

Mode = Literal["cookie", "header"]

FDI_VERSIONS = "1.16,1.17,1.18,1.19,2.0,3.0,3.1,4.0,4.1,4.2"
SESSION_HEADERS = ("st-access-token", "st-refresh-token", "front-token", "anti-csrf")
EXPOSE_HEADERS = "Access-Control-Expose-Headers"
ACCESS_COOKIE, REFRESH_COOKIE, LEGACY_COOKIE = "sAccessToken", "sRefreshToken", "sIdRefreshToken"
REMOVED = "remove"
"""What ``front-token`` says when the frontend is to forget its session."""


class FrontendClient:
    """One browser profile on one device. ``mode`` is the frontend's ``tokenTransferMethod``.

    ``stack`` chooses Django's WSGI or ASGI handler (and so the sync or the async half of every middleware).
    ``host`` and ``secure`` say where the API is reached, as the cookie jar needs to know.
    """

    def __init__(
        self,
        mode: Mode = "cookie",
        *,
        stack: Stack = "wsgi",
        host: str = "api.acme.com",
        secure: bool = True,
        base_path: str = "/auth",
        enforce_csrf_checks: bool = False,
        raise_request_exception: bool = True,
    ) -> None:
        self.mode: Mode = mode
        self.stack: Stack = stack
        self.host = host
        self.secure = secure
        self.base_path = base_path
        self.jar = CookieJar()
        self.header_tokens: dict[str, str] = {}
        self.front_token_raw: str | None = None
        self.anti_csrf: str | None = None
        self.fdi_version = FDI_VERSIONS
        self._options: dict[str, Any] = {
            "enforce_csrf_checks": enforce_csrf_checks,
            "raise_request_exception": raise_request_exception,
        }
        self._handler = Handler(stack, self._options)

    def clone(self, *, stack: Stack | None = None) -> FrontendClient:
        """A second device that has stolen everything, or a second tab: same tokens, from now on its own life."""
        place: dict[str, Any] = {"host": self.host, "secure": self.secure, "base_path": self.base_path}
        other = FrontendClient(self.mode, stack=stack or self.stack, **place, **self._options)
        other.fdi_version = self.fdi_version
        other.jar = self.jar.copy()
        other.header_tokens = dict(self.header_tokens)
        other.front_token_raw, other.anti_csrf = self.front_token_raw, self.anti_csrf
        return other

    # What the frontend holds

    @property
    def is_signed_in(self) -> bool:
        """``doesSessionExist`` as far as it is known without asking: is there a front token?"""
        return self.front_token_raw is not None

    @property
    def access_token(self) -> str | None:
        """The access token the next request would carry, percent-decoded."""
        return self._token("st-access-token", ACCESS_COOKIE)

    @property
    def refresh_token(self) -> str | None:
        """The refresh token the next refresh would carry, percent-decoded."""
        return self._token("st-refresh-token", REFRESH_COOKIE)

    @property
    def front_token(self) -> dict[str, Any]:
        """The decoded front token: ``uid``, ``ate`` (milliseconds), ``up``. ``AssertionError`` when there is none."""
        assert self.front_token_raw is not None, "the frontend holds no front token"
        return decode_front_token(self.front_token_raw)

    @property
    def access_token_payload(self) -> dict[str, Any]:
        """The claims inside the access token. ``AssertionError`` when there is none."""
        assert self.access_token is not None, "the frontend holds no access token"
        return decode_jwt(self.access_token)[1]

    @property
    def access_token_header(self) -> dict[str, Any]:
        """The JOSE header of the access token. ``AssertionError`` when there is none."""
        assert self.access_token is not None, "the frontend holds no access token"
        return decode_jwt(self.access_token)[0]

    @property
    def session_handle(self) -> str:
        return str(self.access_token_payload["sessionHandle"])

    @property
    def user_id(self) -> str:
        return str(self.access_token_payload["sub"])

    def hold_access_token(self, token: str) -> None:
        """Put another access token in the place of the held one (a forged, older or foreign one)."""
        self._hold("st-access-token", ACCESS_COOKIE, "/", token)

    def hold_refresh_token(self, token: str) -> None:
        """Put another refresh token in the place of the held one."""
        self._hold("st-refresh-token", REFRESH_COOKIE, f"{self.base_path}/session/refresh", token)

    def hold_cookie(self, name: str, value: str, *, path: str = "/", domain: str | None = None) -> None:
        """Put a cookie of any kind into the browser. ``value`` is raw, as it stands in the header."""
        self.jar.store(
            StoredCookie(name, value, domain or self.host, domain is None, path, None, self.secure, "lax")
        )

    def _token(self, header: str, cookie: str) -> str | None:
        if header in self.header_tokens:
            return self.header_tokens[header]
        raw = self.jar.get(cookie)
        return None if raw is None else unquote(raw)

    def _hold(self, header: str, cookie: str, path: str, token: str) -> None:
        if self.mode == "header":
            self.header_tokens[header] = token
            return
        for held in self.jar:
            if held.name == cookie:
                self.jar.store(replace(held, value=quote(token)))
                return
        self.hold_cookie(cookie, quote(token), path=path)

    # The recipes' calls

    def sign_up(
        self, email: str, password: str, *, tenant: str | None = None, **fields: Any
    ) -> HttpResponseBase:
        """``POST /signup``; ``fields`` are further form fields."""
        return self.submit_form("/signup", {"email": email, "password": password, **fields}, tenant=tenant)

    def sign_in(self, email: str, password: str, *, tenant: str | None = None) -> HttpResponseBase:
        return self.submit_form("/signin", {"email": email, "password": password}, tenant=tenant)

    def email_exists(self, email: str, *, tenant: str | None = None) -> HttpResponseBase:
        path = self.api_path(f"/emailpassword/email/exists?email={quote(email)}", tenant)
        return self.call_recipe("GET", path, rid="emailpassword")

    def request_reset_token(self, email: str, *, tenant: str | None = None) -> HttpResponseBase:
        return self.submit_form("/user/password/reset/token", {"email": email}, tenant=tenant)

    def reset_password(self, token: str, password: str, *, tenant: str | None = None) -> HttpResponseBase:
        return self.submit_form(
            "/user/password/reset", {"password": password}, tenant=tenant, method="token", token=token
        )

    def submit_form(
        self, path: str, fields: Mapping[str, Any], *, tenant: str | None = None, **extra: Any
    ) -> HttpResponseBase:
        """An emailpassword POST with ``formFields`` made of ``fields`` and ``extra`` beside them in the body."""
        form_fields = [{"id": field_id, "value": value} for field_id, value in fields.items()]
        body = {"formFields": form_fields, **extra}
        return self.call_recipe("POST", self.api_path(path, tenant), rid="emailpassword", json_body=body)

    def call_recipe(
        self,
        method: str,
        path: str,
        *,
        rid: str,
        json_body: Any = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> HttpResponseBase:
        """Any recipe API as supertokens-web-js calls it: ``rid``, ``fdi-version`` and a JSON body."""
        sdk = {"rid": rid, "fdi-version": self.fdi_version, **(headers or {})}
        return self.request(method, path, json_body=json_body, headers=sdk)

    def refresh(self, *, headers: Mapping[str, str | None] | None = None) -> HttpResponseBase:
        """``POST /session/refresh`` as supertokens-website sends it: no body, the refresh token where it belongs."""
        bearer = self.header_tokens.get("st-refresh-token")
        sdk = {
            "rid": "session",
            "fdi-version": self.fdi_version,
            "authorization": f"Bearer {bearer}" if bearer else None,
            **(headers or {}),
        }
        return self.request("POST", self.api_path("/session/refresh"), headers=sdk)

    def sign_out(self, *, headers: Mapping[str, str | None] | None = None) -> HttpResponseBase:
        """``POST /signout``, once; the SDK's own check for an existing session is left to the test."""
        return self.call_recipe("POST", self.api_path("/signout"), rid="session", headers=headers)

    def api_path(self, path: str, tenant: str | None = None) -> str:
        """The path of a recipe API, with the tenant segment when one is given."""
        return f"{self.base_path}{f'/{tenant}' if tenant else ''}{path}"

    # Any request

    def get(self, path: str, *, headers: Mapping[str, str | None] | None = None) -> HttpResponseBase:
        return self.request("GET", path, headers=headers)

    def post(
        self, path: str, json_body: Any = None, *, headers: Mapping[str, str | None] | None = None
    ) -> HttpResponseBase:
        return self.request("POST", path, json_body=json_body, headers=headers)

    def request(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        body: bytes = b"",
        content_type: str = "application/json",
        headers: Mapping[str, str | None] | None = None,
    ) -> HttpResponseBase:
        """What the SDK's fetch interceptor makes of a request of the application.

        ``headers`` are added to the interceptor's own and replace them; ``None`` leaves one out. ``body`` is sent
        as it is, ``json_body`` as JSON. What the answer says about tokens is kept, as the SDK keeps it.
        """
        if json_body is not None:
            body = json.dumps(json_body).encode()
        sent = {
            name.lower(): value for name, value in (self._interceptor_headers() | dict(headers or {})).items()
        }
        sent.setdefault("cookie", self._cookie_header(path))
        response = self._send(method, path, body, content_type, sent)
        assert_described(method, path, response)
        self._receive(response, path)
        return response

    def submit_cross_site_form(
        self, path: str, fields: Mapping[str, str], *, lax: bool = True
    ) -> HttpResponseBase:
        """A form on https://evil.example that posts to the API: no header of ours, the cookies a browser would add.

        ``lax=False`` lends it a browser that knows no SameSite: every cookie is sent.
        """
        body = "&".join(f"{quote(name)}={quote(value)}" for name, value in fields.items()).encode()
        headers = {
            "origin": "https://evil.example",
            "referer": "https://evil.example/",
            "cookie": self._cookie_header(path, cross_site=lax),
        }
        response = self._send("POST", path, body, "application/x-www-form-urlencoded", headers)
        self._receive(response, path)
        return response

    def _interceptor_headers(self) -> dict[str, str | None]:
        access, refresh = (self.header_tokens.get(name) for name in ("st-access-token", "st-refresh-token"))
        return {
            "rid": "anti-csrf",
            "st-auth-mode": self.mode,
            "anti-csrf": self.anti_csrf,
            "authorization": f"Bearer {access}" if access and refresh else None,
        }

    def _cookie_header(self, path: str, *, cross_site: bool = False) -> str:
        return self.jar.header_for(self.host, urlsplit(path).path, secure=self.secure, cross_site=cross_site)

    def _send(
        self, method: str, path: str, body: bytes, content_type: str, headers: Mapping[str, str | None]
    ) -> HttpResponseBase:
        sent = {
            name: value
            for name, value in headers.items()
            if value is not None and (name, value) != ("cookie", "")
        }
        return self._handler.send(method, path, body, content_type, self.secure, {**sent, "host": self.host})

    def _receive(self, response: HttpResponseBase, path: str) -> None:
        """Keep what the SDK keeps, in its order (FDI: response handling of supertokens-website)."""
        self.jar.take(response, host=self.host, path=urlsplit(path).path, secure=self.secure)
        visible = exposed_session_headers(response)
        for name in ("st-refresh-token", "st-access-token"):
            if name in visible:
                self._keep_header_token(name, visible[name])
        if "front-token" in visible:
            self._keep_front_token(visible["front-token"])
        if "anti-csrf" in visible and self.is_signed_in:
            self.anti_csrf = visible["anti-csrf"]

    def _keep_header_token(self, name: str, value: str) -> None:
        if value:
            self.header_tokens[name] = value
        else:
            self.header_tokens.pop(name, None)

    def _keep_front_token(self, value: str) -> None:
        if value == REMOVED:
            self.front_token_raw = self.anti_csrf = None
            self.header_tokens.clear()
        else:
            self.front_token_raw = value


# Reading an answer


def session_headers(response: HttpResponseBase) -> dict[str, str]:
    """The session's headers and the expose header, as far as the response has them; for comparing the exact set."""
    names = (*SESSION_HEADERS, EXPOSE_HEADERS)
    return {name: response.headers[name] for name in names if name in response.headers}


def exposed_session_headers(response: HttpResponseBase) -> dict[str, str]:
    """The session's headers that JavaScript of another origin may read."""
    exposed = {name.strip().lower() for name in response.headers.get(EXPOSE_HEADERS, "").split(",")}
    return {
        name: response.headers[name]
        for name in SESSION_HEADERS
        if name in response.headers and name in exposed
    }


def json_of(response: HttpResponseBase) -> Any:
    """The JSON body; also checks that it is sent as FDI sends it: compact, UTF-8 and declared so."""
    content: bytes = response.content  # type: ignore[attr-defined]
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    value = json.loads(content)
    assert content == json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return value


def json_of_view(response: HttpResponseBase) -> Any:
    """The JSON body of a view of the project, which writes JSON as Django does."""
    return json.loads(response.content)  # type: ignore[attr-defined]


def decode_front_token(raw: str) -> dict[str, Any]:
    """Decode a ``front-token``: standard base64 with padding of compact JSON with sorted keys."""
    text = base64.b64decode(raw, validate=True).decode()
    value: dict[str, Any] = json.loads(text)
    assert text in (_compact(value, ascii_only=True), _compact(value, ascii_only=False))
    return value


def decode_jwt(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and payload of a JWT, nothing verified."""
    header, payload, _signature = token.split(".")
    return _json_part(header), _json_part(payload)


def _json_part(part: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return value


def _compact(value: Any, *, ascii_only: bool) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=ascii_only)
