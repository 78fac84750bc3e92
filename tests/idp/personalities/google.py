"""Google, and Google Workspaces.

https://developers.google.com/identity/openid-connect/openid-connect
https://developers.google.com/identity/openid-connect/reference
https://developers.google.com/identity/sign-in/web/backend-auth (tokeninfo)
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request

from tests.idp.personalities.base import Paths, Personality
from tests.idp.records import Account, Token


class Google(Personality):
    third_party_id = "google"
    name = "Google"
    paths = Paths(authorize="/o/oauth2/v2/auth", userinfo="/v1/userinfo", jwks="/oauth2/v3/certs")
    auth_methods = ("client_secret_post", "client_secret_basic")
    access_token_lifetime = 3599

    def claims(self, account: Account, token: Token) -> dict[str, Any]:
        """``azp`` is always there; ``hd`` for accounts of an organisation only."""
        domain = {"hd": account.extra["hd"]} if "hd" in account.extra else {}
        return {**super().claims(account, token), "azp": token.client_id, **domain}

    def user_info(self, account: Account, token: Token) -> dict[str, Any]:
        picture = {"picture": "https://lh3.googleusercontent.com/a/photo"}
        domain = {"hd": account.extra["hd"]} if "hd" in account.extra else {}
        return {**super().user_info(account, token), **picture, **domain}

    def routes(self, app: Flask) -> None:
        super().routes(app)
        app.add_url_rule("/tokeninfo", "tokeninfo", self._token_info, methods=["GET", "POST"])

    def _token_info(self) -> Response:
        """Every value is text, those of a boolean, too."""
        token = self.idp.good(request.values.get("access_token"))
        if token is None:
            made = jsonify({"error": "invalid_token", "error_description": "Invalid Value"})
            made.status_code = 400
            return made
        verified = {"email": token.account.email, "email_verified": str(token.account.verified).lower()}
        return jsonify(
            {
                "azp": token.client_id,
                "aud": token.client_id,
                "sub": token.account.sub,
                "scope": "https://www.googleapis.com/auth/userinfo.email openid",
                "exp": str(int(token.expires_at)),
                "expires_in": "3590",
                "access_type": "offline",
                **(verified if token.account.email else {}),
            }
        )


class GoogleWorkspaces(Google):
    third_party_id = "google-workspaces"
    name = "Google Workspaces"
