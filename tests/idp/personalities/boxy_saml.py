"""SAML Jackson of BoxyHQ: SAML for those who speak OAuth 2.0.

https://boxyhq.com/docs/jackson/sso-flow/
"""

from __future__ import annotations

from typing import Any

from tests.idp.personalities.base import OAuth2, Paths
from tests.idp.records import Account, Client, Token


class BoxySAML(OAuth2):
    third_party_id = "boxy-saml"
    name = "SAML"
    paths = Paths(authorize="/api/oauth/authorize", token="/api/oauth/token", userinfo="/api/oauth/userinfo")
    auth_methods = ("client_secret_post",)
    access_token_lifetime = 300

    def settings(self, client: Client) -> dict[str, Any]:
        """The address of Jackson, to which the rest is added."""
        return {"third_party_id": "boxy-saml", "clients": [self.client_settings(client)]}

    def client_settings(self, client: Client) -> dict[str, Any]:
        return {**super().client_settings(client), "additional_config": {"boxyURL": self.idp.base}}

    def user_info(self, account: Account, token: Token) -> dict[str, Any]:
        names = {"firstName": account.first_name, "lastName": account.last_name}
        return {
            "id": account.sub,
            "email": account.email,
            **names,
            "requested": {"tenant": "acme", "product": "app", "client_id": token.client_id},
            "raw": {"id": account.sub, "email": account.email, **names, "nameID": account.email},
        }
