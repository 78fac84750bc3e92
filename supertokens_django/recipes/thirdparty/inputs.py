"""What frontends send, made clean."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from supertokens_django.exceptions import BadInputError

MAX_STATE_LENGTH = 8000
CODE_MISSING = "Please provide the code in redirectURIQueryParams"


@dataclass(frozen=True)
class UrlQuery:
    """What an authorisation URL is asked for with."""

    third_party_id: str
    client_type: str | None
    redirect_uri: str


@dataclass(frozen=True)
class RedirectInfo:
    """What the provider's redirect has brought to the frontend."""

    redirect_uri: str
    query_params: Mapping[str, str] = field(repr=False)
    pkce_code_verifier: str | None = field(repr=False)


@dataclass(frozen=True)
class SignInUp:
    """A sign-in; it has ``redirect_info`` or ``tokens``."""

    third_party_id: str
    client_type: str | None
    redirect_info: RedirectInfo | None
    tokens: Mapping[str, str] = field(repr=False)


def url_query(data: dict[str, Any]) -> UrlQuery:
    """Read the query of ``GET /authorisationurl``.

    Raises:
        BadInputError: something is missing.
    """
    for name in ("thirdPartyId", "redirectURIOnProviderDashboard"):
        if not data.get(name):
            raise BadInputError(f"Please provide the {name} as a GET param")
    return UrlQuery(
        data["thirdPartyId"], data.get("clientType") or None, data["redirectURIOnProviderDashboard"]
    )


def sign_in_up(data: dict[str, Any]) -> SignInUp:
    """Read the body of ``POST /signinup``; the redirect wins over tokens (FDI).

    Raises:
        BadInputError: something is missing or of the wrong type.
    """
    third_party_id = data.get("thirdPartyId")
    if not isinstance(third_party_id, str) or not third_party_id:
        raise BadInputError("Please provide the thirdPartyId in request body")
    client_type = _text_or_none(data, "clientType")
    redirect, tokens = data.get("redirectURIInfo"), data.get("oAuthTokens")
    if redirect is not None:
        return SignInUp(third_party_id, client_type, _redirect_info(redirect), {})
    if tokens is None:
        raise BadInputError("Please provide one of redirectURIInfo or oAuthTokens in the request body")
    return SignInUp(third_party_id, client_type, None, _tokens(tokens))


def _redirect_info(value: Any) -> RedirectInfo:
    if not isinstance(value, dict):
        raise BadInputError("redirectURIInfo must be an object")
    redirect_uri = value.get("redirectURIOnProviderDashboard")
    # It is empty where an app on a device has got the code without any redirect.
    if not isinstance(redirect_uri, str):
        raise BadInputError("Please provide the redirectURIOnProviderDashboard in request body")
    params = value.get("redirectURIQueryParams")
    if not isinstance(params, dict):
        raise BadInputError("Please provide the redirectURIQueryParams in request body")
    return RedirectInfo(redirect_uri, params, _text_or_none(value, "pkceCodeVerifier"))


def require_code(params: Mapping[str, Any]) -> None:
    """Refuse a redirect that brought no code.

    Raises:
        BadInputError: there is none.
    """
    if not isinstance(params.get("code"), str) or not params["code"]:
        raise BadInputError(CODE_MISSING)


def _tokens(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise BadInputError("oAuthTokens must be an object")
    tokens = {name: text for name in ("access_token", "id_token") if (text := _text_or_none(value, name))}
    if not tokens:
        raise BadInputError("Please provide an access_token or an id_token in oAuthTokens")
    return tokens


def _text_or_none(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise BadInputError(f"{name} must be a string")
    return value or None


# Apple's form post


def callback_target(fields: Mapping[str, str], website: str, callback_path: str) -> str:
    """Where Apple's form post goes on to: the ``frontendRedirectURI`` of its state, with all fields in the query.

    Raises:
        BadInputError: the state is none of ours, or leads elsewhere than to the website's callback.
    """
    target = _frontend_redirect_uri(fields.get("state", ""))
    try:
        parts = urlsplit(target)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
    except ValueError:
        raise BadInputError("The state has no valid frontendRedirectURI") from None
    is_callback = parts.path == callback_path or parts.path.startswith(f"{callback_path}/")
    if (
        origin != website
        or not is_callback
        or ".." in _as_read(parts.path)
        or not target.isprintable()
        or "\\" in target
    ):
        raise BadInputError("The frontendRedirectURI of the state is not the callback of this website")
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **fields}
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def _as_read(path: str) -> str:
    """A path as those read it that decode it more than once; browsers take ``%2e%2e`` for ``..`` (WHATWG URL)."""
    while (decoded := unquote(path)) != path:
        path = decoded
    return path


def _frontend_redirect_uri(state: str) -> str:
    """Read the state that the frontend made: Base64 of JSON."""
    try:
        if len(state) > MAX_STATE_LENGTH:
            raise ValueError
        padded = state + "=" * (-len(state) % 4)
        found = json.loads(base64.b64decode(padded.translate(_STANDARD_ALPHABET), validate=True))
        target = found["frontendRedirectURI"]
        if not isinstance(target, str):
            raise ValueError
    except (ValueError, TypeError, KeyError, RecursionError, binascii.Error):
        raise BadInputError("The state has no valid frontendRedirectURI") from None
    return target


_STANDARD_ALPHABET = str.maketrans("-_", "+/")
