"""Facebook.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
https://developers.facebook.com/docs/graph-api/reference/user/
https://developers.facebook.com/docs/graph-api/reference/debug_token/
https://developers.facebook.com/docs/graph-api/guides/error-handling/
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request

from tests.idp.personalities.base import OAuth2, Paths
from tests.idp.records import Account, Token

SIXTY_DAYS = 5183944


class Facebook(OAuth2):
    """Gives only the fields that are asked for, and says nothing of whether an e-mail is verified."""

    third_party_id = "facebook"
    name = "Facebook"
    paths = Paths(authorize="/v12.0/dialog/oauth", token="/v12.0/oauth/access_token", userinfo="/me")
    auth_methods = ("client_secret_post",)
    access_token_lifetime = SIXTY_DAYS

    def token_response(self, response: Response) -> Response:
        sent = response.get_json(force=True)
        if "error" in sent:
            return self._error("This authorization code has been used.", 100, 36009)
        return jsonify(
            {"access_token": sent["access_token"], "token_type": "bearer", "expires_in": sent["expires_in"]}
        )

    def user_info(self, account: Account, token: Token) -> dict[str, Any]:
        known = {
            "id": account.sub,
            "name": account.name,
            "first_name": account.first_name,
            "last_name": account.last_name,
        }
        if account.email and "email" in token.scope.replace(",", " ").split():
            known["email"] = account.email
        asked = request.values.get("fields", "id,name").split(",")
        return {name: value for name, value in known.items() if name in (*asked, "id")}

    def routes(self, app: Flask) -> None:
        app.add_url_rule(self.paths.userinfo, "userinfo", self._me, methods=["GET"])
        app.add_url_rule("/debug_token", "debug_token", self._debug, methods=["GET"])

    def _me(self) -> Response:
        """The token is a parameter."""
        token = self.idp.good(request.args.get("access_token"))
        if token is None:
            return self._error("Invalid OAuth access token.", 190, None)
        return jsonify(self.user_info(token.account, token))

    def _debug(self) -> Response:
        """Asked with the token of the app, ``id|secret``."""
        client_id, _, secret = request.args.get("access_token", "").partition("|")
        client = self.idp.clients.get(client_id)
        if client is None or client.client_secret != secret:
            return self._error("Invalid OAuth access token signature.", 190, None)
        token = self.idp.good(request.args.get("input_token"))
        if token is None:
            return jsonify({"data": {"error": {"code": 190, "message": "Bad token"}, "is_valid": False}})
        if token.client_id != client_id:
            text = "(#100) The App_id in the input_token did not match the Viewing App"
            return self._error(text, 100, None)
        return jsonify(
            {
                "data": {
                    "app_id": token.client_id,
                    "type": "USER",
                    "application": "Acme",
                    "expires_at": int(token.expires_at),
                    "is_valid": True,
                    "scopes": token.scope.split(),
                    "user_id": token.account.sub,
                }
            }
        )

    def _error(self, message: str, code: int, subcode: int | None) -> Response:
        error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbCdEf"}
        made = jsonify({"error": {**error, **({"error_subcode": subcode} if subcode else {})}})
        made.status_code = 400
        return made
