"""What providers tell a client about an access token (RFC 7662)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, jsonify, request

if TYPE_CHECKING:
    from tests.idp.provider import IdentityProvider


def introspection(idp: IdentityProvider) -> Response:
    """About a token of any client, to a client that shows its secret."""
    client = idp.clients.get(request.form.get("client_id", ""))
    if client is None or client.client_secret != request.form.get("client_secret"):
        made = jsonify({"error": "invalid_client"})
        made.status_code = 401
        return made
    token = idp.good(request.form.get("token"))
    if token is None:
        return jsonify({"active": False})
    return jsonify(
        {
            "active": True,
            "client_id": token.client_id,
            "scope": token.scope,
            "exp": int(token.expires_at),
            "sub": token.account.login,
        }
    )
