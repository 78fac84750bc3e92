"""Authlib's OAuth 2 client over the guarded connections; imported where a provider is asked, and only there.

Importing it takes the extra ``thirdparty``, and a third of a second.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from supertokens_django.http.outgoing import OutgoingError, OutgoingSession

TEXTS = ("access_token", "id_token", "refresh_token", "scope")


class ExchangeError(Exception):
    """The token endpoint gave no tokens.  ``code`` is OAuth's name of the error (RFC 6749 §5.2), "" without one."""

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class ProviderSession(OutgoingSession, OAuth2Session):
    """An OAuth 2 client."""


ClientAuthentication = Callable[[dict[str, str]], dict[str, str]]


def fetch_tokens(
    url: str,
    client: tuple[str, str | None],
    grant: Mapping[str, str | None],
    *,
    method: str = "client_secret_post",
    changes: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """Ask a token endpoint; ``changes`` are parameters to add to the body, or with None to take away.

    Raises:
        OutgoingError: it could not be asked.
        ExchangeError: it gave no tokens.
    """
    client_id, secret = client
    # Authlib leaves out what is empty: the redirect URI of an app on a device, which Google wants to see.
    changes = {**{name: value for name, value in grant.items() if value == ""}, **(changes or {})}
    with ProviderSession(client_id, secret, token_endpoint_auth_method="provider") as session:
        session.register_client_auth_method(("provider", _authentication(method, changes)))
        try:
            arguments = {name: value for name, value in grant.items() if value is not None}
            found = session.fetch_token(url, **arguments)
        except AuthlibBaseError as error:
            code = error.error if isinstance(error.error, str) else ""
            raise ExchangeError(f"refused the grant ({code[:40]})", code) from None
        except (
            requests.RequestException,
            ValueError,
            TypeError,
            AttributeError,
            OverflowError,
            RecursionError,
        ):
            # Authlib reads the body before anybody has looked at it.
            raise ExchangeError("gave an answer that is none of a token endpoint") from None
    tokens = dict(found)
    if not isinstance(tokens.get("access_token"), str) and not isinstance(tokens.get("id_token"), str):
        raise ExchangeError("gave no tokens")
    if any(isinstance(text := tokens.get(name), str) and not _is_plain(text) for name in TEXTS):
        raise ExchangeError("gave tokens with characters that none has")
    return tokens


def _is_plain(text: str) -> bool:
    """Printable ASCII, which is all that tokens and scopes are made of (RFC 6749, appendix A)."""
    return text.isascii() and text.isprintable()


def _authentication(method: str, changes: Mapping[str, str | None]) -> Callable[..., Any]:
    """How the client says who it is, and what the project adds to the body."""

    def sign(client: Any, verb: str, uri: str, headers: Any, body: Any) -> Any:
        text = body.decode() if isinstance(body, bytes) else body or ""
        fields: dict[str, str | None] = {"client_id": client.client_id}
        if method == "client_secret_basic" and client.client_secret:
            pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"  # RFC 6749 §2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif client.client_secret:
            fields["client_secret"] = client.client_secret
        fields |= {**dict(parse_qsl(text, keep_blank_values=True)), **changes}
        body = urlencode({name: value for name, value in fields.items() if value is not None})
        headers["Content-Length"] = str(len(body))
        return uri, headers, body

    return sign


__all__ = ["ExchangeError", "OutgoingError", "OutgoingSession", "ProviderSession", "fetch_tokens"]
