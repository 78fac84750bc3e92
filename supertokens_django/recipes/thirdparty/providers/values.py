"""What providers are given and give, and small things to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from supertokens_django.recipes.thirdparty.configuration import Params

Tokens = dict[str, Any]
"""What a token endpoint answers with: ``access_token``, ``id_token``, ``refresh_token``, ``expires_in``, ``scope``."""

WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class AuthorisationUrl:
    """Where to send the user's browser, and what has to come back with the code (RFC 7636), None without PKCE."""

    url: str
    pkce_code_verifier: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class UserInfo:
    """Who has signed in with the provider."""

    third_party_user_id: str
    email: str | None = None
    is_verified: bool = False
    """Whether the provider says that the e-mail is the user's."""
    raw_user_info: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """``from_id_token_payload`` and ``from_user_info_api``, as they came."""
    first_name: str = ""
    last_name: str = ""


def discovery_url(endpoint: str) -> str:
    """The URL of a discovery document, given that or its issuer."""
    return endpoint if endpoint.endswith(WELL_KNOWN) else endpoint.rstrip("/") + WELL_KNOWN


def with_params(url: str, params: Mapping[str, str | None]) -> str:
    """The URL with parameters after those that it has; blanks become ``+`` (FDI)."""
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **params}
    return urlunsplit(parts._replace(query=urlencode(said(query) or {})))


def said(params: Params | None) -> dict[str, str] | None:
    """What is left where None takes away."""
    return None if params is None else {name: value for name, value in params.items() if value is not None}


def value_at(source: Any, path: str | None) -> Any:
    """The value at a path such as ``data.id``; None where there is none."""
    for part in path.split(".") if path else ():
        source = source.get(part) if isinstance(source, Mapping) else None
    return source if path else None


def names_in(
    source: Any, first: str = "given_name", last: str = "family_name", whole: str = "name"
) -> tuple[str, str]:
    """First and last name by the keys where they are told, else what the whole name seems to say."""
    found = source if isinstance(source, Mapping) else {}
    texts = [
        value.strip() if isinstance(value := found.get(key), str) else "" for key in (first, last, whole)
    ]
    if not texts[0] and not texts[1]:
        texts[0], _, texts[1] = texts[2].partition(" ")
    return texts[0], texts[1].strip()


def with_scheme(address: str) -> str:
    """The address of a server without the slash at its end, and with ``https://`` where it has no scheme."""
    address = address.strip().rstrip("/")
    return address if "://" in address else f"https://{address}"
