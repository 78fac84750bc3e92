"""Discord.

https://discord.com/developers/docs/topics/oauth2
https://discord.com/developers/docs/resources/user#user-object
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify

from tests.idp.personalities.base import OAuth2, Paths
from tests.idp.records import Account, Token


class Discord(OAuth2):
    third_party_id = "discord"
    name = "Discord"
    paths = Paths(authorize="/oauth2/authorize", token="/api/oauth2/token", userinfo="/api/users/@me")
    access_token_lifetime = 604800

    def user_info(self, account: Account, token: Token) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": account.sub,
            "username": account.extra.get("login", "nelly"),
            "discriminator": "0",
            "global_name": account.name or None,
            "avatar": "8342729096ea3675442027381ff50dfe",
            "flags": 64,
            "locale": "en-US",
            "mfa_enabled": True,
        }
        if "email" in token.scope.split():
            made.update(email=account.email, verified=account.verified)
        return made

    def routes(self, app: Flask) -> None:
        super().routes(app)
        app.add_url_rule("/api/oauth2/@me", "authorization_information", self._authorization)

    def unauthorized(self) -> Response:
        made = jsonify({"message": "401: Unauthorized", "code": 0})
        made.status_code = 401
        return made

    def _authorization(self) -> Response:
        """Which application a token is of, and of which user: without the e-mail."""
        token = self.idp.bearer()
        if token is None:
            return self.unauthorized()
        user = self.user_info(token.account, token)
        shown = ("id", "username", "avatar", "discriminator", "global_name")
        return jsonify(
            {
                "application": {"id": token.client_id, "name": "Acme", "bot_public": True},
                "scopes": token.scope.split(),
                "expires": "2026-01-22T12:00:00.000000+00:00",
                "user": {name: user[name] for name in shown},
            }
        )
