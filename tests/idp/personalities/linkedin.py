"""LinkedIn.

https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2
https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow
https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify

from tests.idp.personalities.base import OAuth2, Paths
from tests.idp.personalities.introspection import introspection
from tests.idp.records import Account, Token


class LinkedIn(OAuth2):
    """Knows OpenID Connect, but is used without its ID token."""

    third_party_id = "linkedin"
    name = "LinkedIn"
    paths = Paths(authorize="/oauth/v2/authorization", token="/oauth/v2/accessToken", userinfo="/v2/userinfo")
    auth_methods = ("client_secret_post",)
    access_token_lifetime = 5184000

    def issues_id_tokens(self, scope: str) -> bool:
        return "openid" in scope.split()

    def user_info(self, account: Account, token: Token) -> dict[str, Any]:
        """A member without a confirmed address has neither of the two fields."""
        made = super().user_info(account, token)
        return {
            **made,
            "picture": "https://media.licdn-ei.com/dms/image/photo",
            "locale": {"country": "US", "language": "en"},
        }

    def unauthorized(self) -> Response:
        made = jsonify({"status": 401, "serviceErrorCode": 65600, "message": "Invalid access token"})
        made.status_code = 401
        return made

    def routes(self, app: Flask) -> None:
        super().routes(app)
        path = "/oauth/v2/introspectToken"
        app.add_url_rule(path, "introspect", lambda: introspection(self.idp), methods=["POST"])
