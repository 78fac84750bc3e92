"""Microsoft Entra ID, formerly Azure Active Directory.

https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc
https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference
https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow
https://learn.microsoft.com/en-us/entra/identity-platform/userinfo
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify

from tests.idp.personalities.base import Paths, Personality
from tests.idp.records import Account, Token

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
TEMPLATE = "{tenantid}"


class ActiveDirectory(Personality):
    """For several directories at once (``common``) the issuer in the discovery document is a template.

    ``account.extra``: ``tid``, the directory of the user.
    """

    third_party_id = "active-directory"
    name = "Active Directory"
    paths = Paths(
        authorize="/common/oauth2/v2.0/authorize",
        token="/common/oauth2/v2.0/token",
        userinfo="/oidc/userinfo",
        jwks="/common/discovery/v2.0/keys",
        discovery="/common/v2.0/.well-known/openid-configuration",
    )
    auth_methods = ("client_secret_post", "client_secret_basic")

    @property
    def issuer(self) -> str:
        return self.idp.url(f"/{TEMPLATE}/v2.0")

    def discovery(self) -> dict[str, Any]:
        return {
            **super().discovery(),
            "tenant_region_scope": None,
            "cloud_instance_name": "microsoftonline.com",
        }

    def claims(self, account: Account, token: Token) -> dict[str, Any]:
        """Nothing says whether an address is verified: an administrator may have typed any."""
        tid = account.extra.get("tid", TENANT)
        made = super().claims(account, token)
        made.pop("email_verified", None)
        return {
            **made,
            "iss": self.issuer.replace(TEMPLATE, tid),
            "tid": tid,
            "oid": "00000000-0000-0000-66f3-3332eca7ea81",
            "preferred_username": account.login,
            "ver": "2.0",
        }

    def user_info(self, account: Account, token: Token) -> dict[str, Any]:
        made = super().user_info(account, token)
        made.pop("email_verified", None)
        return {**made, "picture": "https://graph.microsoft.com/v1.0/me/photo/$value"}

    def routes(self, app: Flask) -> None:
        super().routes(app)
        pattern = "/<directory>/v2.0/.well-known/openid-configuration"
        app.add_url_rule(pattern, "discovery_of_directory", self._of_directory)

    def _of_directory(self, directory: str) -> Response:
        """That of one directory names its issuer."""
        return jsonify({**self.discovery(), "issuer": self.issuer.replace(TEMPLATE, directory)})

    def token_response(self, response: Response) -> Response:
        sent = response.get_json(force=True)
        if "error" not in sent:
            return response
        made = jsonify(
            {
                "error": sent["error"],
                "error_description": "AADSTS70000: Provided grant is invalid or malformed.",
                "error_codes": [70000],
                "timestamp": "2026-01-15 12:00:00Z",
                "trace_id": "255d1aef-8c98-452f-ac51-23d051240864",
                "correlation_id": "fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7",
            }
        )
        made.status_code = response.status_code
        return made
