"""GitHub.

https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
https://docs.github.com/en/rest/users/users#get-the-authenticated-user
https://docs.github.com/en/rest/users/emails#list-email-addresses-for-the-authenticated-user
https://docs.github.com/en/rest/apps/oauth-applications#check-a-token
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request

from tests.idp.personalities.base import OAuth2, Paths
from tests.idp.records import Account, Token

TROUBLE = "/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/#"
ERRORS = {
    "invalid_grant": ("bad_verification_code", "The code passed is incorrect or expired."),
    "invalid_client": (
        "incorrect_client_credentials",
        "The client_id and/or client_secret passed are incorrect.",
    ),
}


class GitHub(OAuth2):
    """``account.extra``: ``private_email`` (not shown on the profile), ``emails`` (further entries)."""

    third_party_id = "github"
    name = "GitHub"
    paths = Paths(authorize="/login/oauth/authorize", token="/login/oauth/access_token", userinfo="/user")
    auth_methods = ("client_secret_post", "client_secret_basic")

    def access_token(self) -> str:
        return f"gho_{secrets.token_hex(18)}"

    def token_response(self, response: Response) -> Response:
        """Form-encoded unless asked for JSON; an error has status 200, too."""
        sent: dict[str, Any] = response.get_json(force=True)
        if "error" in sent:
            error, text = ERRORS.get(sent["error"], (sent["error"], sent.get("error_description", "")))
            answer = {"error": error, "error_description": text, "error_uri": TROUBLE + error}
        else:
            scope = ",".join(sent.get("scope", "").split())
            answer = {"access_token": sent["access_token"], "scope": scope, "token_type": "bearer"}
        if "application/json" in request.headers.get("Accept", ""):
            return jsonify(answer)
        return Response(urlencode(answer), content_type="application/x-www-form-urlencoded; charset=utf-8")

    def user_info(self, account: Account, token: Token) -> dict[str, Any]:
        """The id is a number; ``email`` is what the user shows on the profile, and mostly null."""
        return {
            "login": account.extra.get("login", "octocat"),
            "id": int(account.sub),
            "node_id": "MDQ6VXNlcjE=",
            "avatar_url": "https://avatars.githubusercontent.com/u/1",
            "type": "User",
            "site_admin": False,
            "name": account.name or None,
            "email": None if account.extra.get("private_email", True) else account.email,
            "created_at": "2008-01-14T04:33:35Z",
        }

    def routes(self, app: Flask) -> None:
        super().routes(app)
        app.add_url_rule("/user/emails", "emails", self._emails)
        app.add_url_rule("/applications/<client_id>/token", "check_token", self._check, methods=["POST"])

    def unauthorized(self) -> Response:
        return self._message("Bad credentials", 401)

    def _emails(self) -> Response:
        token = self.idp.bearer()
        if token is None:
            return self.unauthorized()
        if "user:email" not in token.scope.split():
            return self._message("Not Found", 404)
        account = token.account
        primary = {
            "email": account.email,
            "primary": True,
            "verified": account.verified,
            "visibility": "private",
        }
        return jsonify([*account.extra.get("emails", []), *([primary] if account.email else [])])

    def _check(self, client_id: str) -> Response:
        """Basic authentication with the client's secret; 404 where the token is not this client's."""
        login, client = request.authorization, self.idp.clients.get(client_id)
        if (
            client is None
            or login is None
            or (login.username, login.password)
            != (
                client_id,
                client.client_secret,
            )
        ):
            return self._message("Bad credentials", 401)
        token = self.idp.good((request.get_json(silent=True) or {}).get("access_token"))
        if token is None or token.client_id != client_id:
            return self._message("Not Found", 404)
        return jsonify(
            {
                "id": 1,
                "token": token.access_token,
                "token_last_eight": token.access_token[-8:],
                "app": {"url": "https://api.github.com", "name": "Acme", "client_id": client_id},
                "scopes": token.scope.split(),
                "user": self.user_info(token.account, token),
            }
        )

    def _message(self, text: str, status: int) -> Response:
        made = jsonify(
            {"message": text, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
        )
        made.status_code = status
        return made
