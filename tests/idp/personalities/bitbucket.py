"""Bitbucket Cloud.

https://developer.atlassian.com/cloud/bitbucket/oauth-2/
https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/#api-user-get
https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/#api-user-emails-get
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify

from tests.idp.personalities.base import OAuth2, Paths
from tests.idp.records import Account, Token


class Bitbucket(OAuth2):
    """``account.extra``: ``emails`` (further entries)."""

    third_party_id = "bitbucket"
    name = "Bitbucket"
    paths = Paths(authorize="/site/oauth2/authorize", token="/site/oauth2/access_token", userinfo="/2.0/user")
    access_token_lifetime = 7200

    def token_response(self, response: Response) -> Response:
        """``scopes`` rather than ``scope``."""
        sent = response.get_json(force=True)
        if "error" in sent:
            return response
        scopes = sent.pop("scope", "")
        return jsonify({**sent, "scopes": scopes, "token_type": "bearer", "state": "authorization_code"})

    def user_info(self, account: Account, token: Token) -> dict[str, Any]:
        """The id is a UUID in braces; there is no e-mail here."""
        return {
            "type": "user",
            "uuid": account.sub,
            "account_id": "557058:c0b72ad0-1cb5-4018-9cdc-0cde8492c443",
            "display_name": account.name,
            "nickname": account.extra.get("login", "alice"),
            "created_on": "2011-12-20T16:34:07.132459+00:00",
            "links": {"avatar": {"href": "https://bitbucket.org/account/alice/avatar/32/"}},
        }

    def routes(self, app: Flask) -> None:
        super().routes(app)
        app.add_url_rule("/2.0/user/emails", "emails", self._emails)

    def unauthorized(self) -> Response:
        made = jsonify({"type": "error", "error": {"message": "Access token expired."}})
        made.status_code = 401
        return made

    def _emails(self) -> Response:
        token = self.idp.bearer()
        if token is None:
            return self.unauthorized()
        if "email" not in token.scope.split():
            return self._missing_scope()
        account = token.account
        primary = self._email(account.email, account.verified) if account.email else None
        values = [*account.extra.get("emails", []), *([primary] if primary else [])]
        return jsonify({"values": values, "pagelen": 10, "size": len(values), "page": 1})

    def _missing_scope(self) -> Response:
        text = "Your credentials lack one or more required privilege scopes."
        made = jsonify({"type": "error", "error": {"message": text, "detail": {"required": ["email"]}}})
        made.status_code = 403
        return made

    def _email(self, address: str, confirmed: bool) -> dict[str, Any]:
        link = f"https://api.bitbucket.org/2.0/user/emails/{address}"
        return {
            "type": "email",
            "links": {"self": {"href": link}},
            "email": address,
            "is_primary": True,
            "is_confirmed": confirmed,
        }
