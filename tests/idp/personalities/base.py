"""A provider as the standards describe it; the others are told by what they do differently.

OpenID Connect Core 1.0: https://openid.net/specs/openid-connect-core-1_0.html
Discovery 1.0: https://openid.net/specs/openid-connect-discovery-1_0.html
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from flask import Flask, Response, jsonify

from tests.idp.records import Account, Client, Token

if TYPE_CHECKING:
    from tests.idp.provider import IdentityProvider


@dataclass(frozen=True)
class Paths:
    """Where the endpoints are."""

    authorize: str = "/authorize"
    token: str = "/token"
    userinfo: str = "/userinfo"
    jwks: str = "/jwks"
    discovery: str = "/.well-known/openid-configuration"


class Personality:
    """How a provider answers."""

    third_party_id: ClassVar[str] = "custom"
    name: ClassVar[str] = "Custom"
    paths: ClassVar[Paths] = Paths()
    auth_methods: ClassVar[tuple[str, ...]] = ("client_secret_basic", "client_secret_post")
    """Of the token endpoint (RFC 7591, 2)."""
    pkce_required: ClassVar[bool] = False
    is_oidc: ClassVar[bool] = True
    access_token_lifetime: ClassVar[int] = 3600
    id_token_lifetime: ClassVar[int] = 3600

    def __init__(self, idp: IdentityProvider) -> None:
        self.idp = idp

    # What it says of itself

    @property
    def issuer(self) -> str:
        return self.idp.base

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.idp.url(self.paths.authorize),
            "token_endpoint": self.idp.url(self.paths.token),
            "userinfo_endpoint": self.idp.url(self.paths.userinfo),
            "jwks_uri": self.idp.url(self.paths.jwks),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": list(self.auth_methods),
            "code_challenge_methods_supported": ["S256"],
        }

    def settings(self, client: Client) -> dict[str, Any]:
        """What a project writes to sign in with this provider: where it differs from the real one, its addresses."""
        return {
            "third_party_id": self.third_party_id,
            "name": self.name,
            "oidc_discovery_endpoint": self.idp.url(self.paths.discovery),
            "clients": [self.client_settings(client)],
        }

    def client_settings(self, client: Client) -> dict[str, Any]:
        made: dict[str, Any] = {"client_id": client.client_id}
        if client.client_secret is not None:
            made["client_secret"] = client.client_secret
        if self.third_party_id == "custom":
            made["scope"] = ["openid", "email", "profile"] if self.is_oidc else ["email", "profile"]
        return made

    # What it says of its users

    def claims(self, account: Account, token: Token) -> dict[str, Any]:
        """The user's part of an ID token."""
        return {"sub": account.sub, **self.profile(account, token.scope)}

    def user_info(self, account: Account, token: Token) -> dict[str, Any]:
        return {"sub": account.sub, **self.profile(account, token.scope)}

    def profile(self, account: Account, scope: str) -> dict[str, Any]:
        """What the scopes allow (OpenID Connect Core, 5.4)."""
        made: dict[str, Any] = {}
        if "email" in scope.split() and account.email is not None:
            made.update(email=account.email, email_verified=account.verified)
        if "profile" in scope.split() and account.name:
            made.update(name=account.name, given_name=account.first_name, family_name=account.last_name)
        return made

    # Hooks of the endpoints

    def register(self, client: Client) -> None:
        """Complete a new client."""

    def authenticate_clients(self, server: Any) -> None:
        """Register ways to authenticate clients that Authlib does not know."""

    def access_token(self) -> str:
        return secrets.token_urlsafe(32)

    def issues_id_tokens(self, scope: str) -> bool:
        return self.is_oidc and "openid" in scope.split()

    def send_back(self, response: Response, account: Account | None) -> Response:
        """How the browser is sent back to the client; ``account`` is None where the user cancelled."""
        return response

    def token_response(self, response: Response) -> Response:
        """The answer of the token endpoint, a good one or an error."""
        return response

    def routes(self, app: Flask) -> None:
        """Add the endpoints besides those for authorization and tokens."""
        app.add_url_rule(self.paths.userinfo, "userinfo", self._user_info, methods=["GET", "POST"])
        if self.is_oidc:
            app.add_url_rule(self.paths.discovery, "discovery", lambda: jsonify(self.discovery()))
            app.add_url_rule(self.paths.jwks, "jwks", lambda: jsonify(self.idp.keys.jwks()))

    def unauthorized(self) -> Response:
        """An API that is asked without a good access token (RFC 6750, 3)."""
        made = jsonify({"error": "invalid_token", "error_description": "The access token is invalid."})
        made.status_code = 401
        made.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return made

    def _user_info(self) -> Response:
        token = self.idp.bearer()
        return self.unauthorized() if token is None else jsonify(self.user_info(token.account, token))


class OAuth2(Personality):
    """A provider that knows OAuth 2.0 only: no ID tokens, no discovery."""

    is_oidc = False

    def settings(self, client: Client) -> dict[str, Any]:
        return {
            "third_party_id": self.third_party_id,
            "name": self.name,
            "authorization_endpoint": self.idp.url(self.paths.authorize),
            "token_endpoint": self.idp.url(self.paths.token),
            "user_info_endpoint": self.idp.url(self.paths.userinfo),
            "clients": [self.client_settings(client)],
        }
