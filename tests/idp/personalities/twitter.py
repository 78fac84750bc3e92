"""Twitter, which is X.

https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/user-access-token
https://docs.x.com/x-api/users/get-my-user
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, jsonify

from tests.idp.personalities.base import OAuth2, Paths
from tests.idp.records import Account, Token


class Twitter(OAuth2):
    """Insists on PKCE and on Basic authentication, and knows no e-mail."""

    third_party_id = "twitter"
    name = "Twitter"
    paths = Paths(authorize="/i/oauth2/authorize", token="/2/oauth2/token", userinfo="/2/users/me")
    auth_methods = ("client_secret_basic",)
    pkce_required = True
    access_token_lifetime = 7200

    def access_token(self) -> str:
        return secrets.token_urlsafe(60)

    def token_response(self, response: Response) -> Response:
        sent = response.get_json(force=True)
        if "error" not in sent:
            return response
        if sent["error"] == "invalid_client":
            made = jsonify(
                {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}
            )
            made.status_code = 401
            return made
        text = "Value passed for the authorization code was invalid."
        made = jsonify({"error": "invalid_request", "error_description": text})
        made.status_code = 400
        return made

    def user_info(self, account: Account, token: Token) -> dict[str, Any]:
        """In an envelope."""
        username = account.extra.get("login", "TwitterDev")
        return {"data": {"id": account.sub, "name": account.name, "username": username}}

    def unauthorized(self) -> Response:
        made = jsonify(
            {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
        )
        made.status_code = 401
        return made
