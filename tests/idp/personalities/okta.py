"""Okta.

https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/
https://developer.okta.com/docs/reference/api/oidc/
"""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.idp.personalities.base import Paths, Personality
from tests.idp.personalities.introspection import introspection
from tests.idp.records import Account, Client, Token


class Okta(Personality):
    third_party_id = "okta"
    name = "Okta"
    paths = Paths(
        authorize="/oauth2/v1/authorize",
        token="/oauth2/v1/token",
        userinfo="/oauth2/v1/userinfo",
        jwks="/oauth2/v1/keys",
    )

    def settings(self, client: Client) -> dict[str, Any]:
        """The address of the organisation, from which the rest is found."""
        return {"third_party_id": "okta", "clients": [self.client_settings(client)]}

    def client_settings(self, client: Client) -> dict[str, Any]:
        return {**super().client_settings(client), "additional_config": {"oktaDomain": self.idp.base}}

    def claims(self, account: Account, token: Token) -> dict[str, Any]:
        return {
            **super().claims(account, token),
            "ver": 1,
            "jti": "ID.4eAWJOCMB3SX8XewDfVR",
            "amr": ["pwd"],
            "idp": "00o1t2n3",
            "preferred_username": account.login,
        }

    def routes(self, app: Flask) -> None:
        super().routes(app)
        app.add_url_rule(
            "/oauth2/v1/introspect", "introspect", lambda: introspection(self.idp), methods=["POST"]
        )
