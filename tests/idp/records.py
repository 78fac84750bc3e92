"""What the provider knows: clients, accounts, codes and tokens, in the form that Authlib's server asks for."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oidc.core import AuthorizationCodeMixin

CODE_LIFETIME = 600
"""In seconds (RFC 6749, 4.1.2)."""


@dataclass
class Account:
    """One of the provider's users, who signs in there with e-mail (or ``sub``) and password."""

    sub: str
    email: str | None = None
    verified: bool = True
    name: str = ""
    password: str = "password"
    extra: dict[str, Any] = field(default_factory=dict)
    """Whatever a personality knows besides: ``hd``, ``login``, ``private_email``, …"""
    consents: set[str] = field(default_factory=set)
    """Ids of the clients that the user has accepted before."""

    @property
    def login(self) -> str:
        return self.email or self.sub

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def last_name(self) -> str:
        return self.name.partition(" ")[2]


@dataclass
class Client(ClientMixin):
    """An application that is registered at the provider.  Without a secret and a key it is a public one."""

    client_id: str
    client_secret: str | None = None
    redirect_uris: tuple[str, ...] = ()
    auth_methods: tuple[str, ...] = ()
    gets_refresh_tokens: bool = False
    apple: dict[str, str] = field(default_factory=dict)
    """``teamId``, ``keyId``, ``privateKey`` and ``publicKey`` of a client of Apple."""

    @property
    def is_public(self) -> bool:
        return self.client_secret is None and not self.apple

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return ""  # it has to be named

    def get_allowed_scope(self, scope: Any) -> str:
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return self.client_secret is not None and hmac.compare_digest(self.client_secret, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "none" if self.is_public else method in self.auth_methods

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code" or self.gets_refresh_tokens


@dataclass
class Code(AuthorizationCodeMixin):
    """An authorization code, bound to client, redirect URI and challenge."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    account: Account
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    made_at: float = field(default_factory=time.time)

    @property
    def is_expired(self) -> bool:
        return time.time() > self.made_at + CODE_LIFETIME

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(self.made_at)

    def get_acr(self) -> str:
        return ""

    def get_amr(self) -> list[str]:
        return []


@dataclass
class Token(TokenMixin):
    """An access token, and the refresh token that came with it."""

    access_token: str
    refresh_token: str | None
    client_id: str
    account: Account
    scope: str
    expires_at: float

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        return self.scope

    @property
    def is_good(self) -> bool:
        return time.time() < self.expires_at


@dataclass(frozen=True)
class Recorded:
    """A request that the provider received."""

    endpoint: str
    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
