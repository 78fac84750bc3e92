"""GitLab.

https://docs.gitlab.com/integration/openid_connect_provider/
https://docs.gitlab.com/api/oauth2/
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify

from tests.idp.personalities.base import Paths, Personality
from tests.idp.records import Account, Client, Token


class GitLab(Personality):
    third_party_id = "gitlab"
    name = "GitLab"
    paths = Paths(
        authorize="/oauth/authorize",
        token="/oauth/token",
        userinfo="/oauth/userinfo",
        jwks="/oauth/discovery/keys",
    )
    access_token_lifetime = 7200

    def settings(self, client: Client) -> dict[str, Any]:
        """The address of one's own GitLab."""
        return {"third_party_id": "gitlab", "clients": [self.client_settings(client)]}

    def client_settings(self, client: Client) -> dict[str, Any]:
        return {**super().client_settings(client), "additional_config": {"gitlabBaseUrl": self.idp.base}}

    def claims(self, account: Account, token: Token) -> dict[str, Any]:
        return {**super().claims(account, token), "sub_legacy": "af2bbd4d", "auth_time": 1768478400}

    def user_info(self, account: Account, token: Token) -> dict[str, Any]:
        nickname = account.extra.get("login", "alice")
        more = {"nickname": nickname, "preferred_username": nickname, "groups": []}
        return {**super().user_info(account, token), **more}

    def token_response(self, response: Response) -> Response:
        sent = response.get_json(force=True)
        if "error" in sent:
            return response
        return jsonify({**sent, "created_at": 1768478400})

    def routes(self, app: Flask) -> None:
        super().routes(app)
        app.add_url_rule("/oauth/token/info", "token_info", self._token_info)

    def _token_info(self) -> Response:
        token = self.idp.bearer()
        if token is None:
            return self.unauthorized()
        return jsonify(
            {
                "resource_owner_id": 1,
                "scope": token.scope.split(),
                "expires_in": 7200,
                "application": {"uid": token.client_id},
                "created_at": 1768478400,
            }
        )
