"""Apple.

https://developer.apple.com/documentation/signinwithapplerestapi/request-an-authorization-to-the-sign-in-with-apple-server.
https://developer.apple.com/documentation/signinwithapplejs/incorporating-sign-in-with-apple-into-other-platforms
https://developer.apple.com/documentation/signinwithapplerestapi/generate-and-validate-tokens
https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
"""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask, Response, jsonify, request

from tests.idp import pages
from tests.idp.personalities.base import Paths, Personality
from tests.idp.records import Account, Client, Token

AUDIENCE = "https://appleid.apple.com"
LONGEST = 15777000
"""Seconds that a client secret may be valid: six months."""


class Apple(Personality):
    """``account.extra``: ``is_private_email`` (the address is one of Apple's relay)."""

    third_party_id = "apple"
    name = "Apple"
    paths = Paths(authorize="/auth/authorize", token="/auth/token", jwks="/auth/keys")
    auth_methods = ("apple",)

    def discovery(self) -> dict[str, Any]:
        """There is no userinfo endpoint."""
        found = super().discovery()
        del found["userinfo_endpoint"]
        return {
            **found,
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "scopes_supported": ["openid", "email", "name"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def register(self, client: Client) -> None:
        """Apple gives out a private key rather than a secret."""
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        client.client_secret = None
        client.apple = {
            "teamId": "TEAM123456",
            "keyId": "KEY1234567",
            "privateKey": private,
            "publicKey": public,
        }

    def client_settings(self, client: Client) -> dict[str, Any]:
        additional = {name: client.apple[name] for name in ("keyId", "privateKey", "teamId")}
        return {"client_id": client.client_id, "additional_config": additional}

    def authenticate_clients(self, server: Any) -> None:
        server.register_client_auth_method("apple", self._authenticate)

    def _authenticate(self, find: Any, sent: Any) -> Client | None:
        """The secret is a JWT, signed by the client with ES256."""
        client: Client | None = self.idp.clients.get(sent.form.get("client_id", ""))
        secret = sent.form.get("client_secret", "")
        if client is None or not client.apple:
            return None
        try:
            claims = jwt.decode(
                secret,
                client.apple["publicKey"],
                ["ES256"],
                audience=AUDIENCE,
                issuer=client.apple["teamId"],
                subject=client.client_id,
                options={"require": ["iss", "iat", "exp", "aud", "sub"]},
            )
        except jwt.InvalidTokenError:
            return None
        if jwt.get_unverified_header(secret).get("kid") != client.apple["keyId"]:
            return None
        return client if claims["exp"] <= time.time() + LONGEST + 60 else None

    def issues_id_tokens(self, scope: str) -> bool:
        return True

    def claims(self, account: Account, token: Token) -> dict[str, Any]:
        """The name is never in the token; booleans are text ("a string or Boolean value")."""
        made: dict[str, Any] = {"sub": account.sub, "nonce_supported": True}
        if "email" in token.scope.split() and account.email is not None:
            made.update(email=account.email, email_verified=str(account.verified).lower())
            if account.extra.get("is_private_email"):
                made["is_private_email"] = "true"
        return made

    def send_back(self, response: Response, account: Account | None) -> Response:
        """By form post, which is a must where name or e-mail are asked for; who the user is only the first time."""
        target = urlsplit(response.headers.get("Location", ""))
        answer = dict(parse_qsl(target.query))
        scopes = request.args.get("scope", "").split()
        mode = request.args.get("response_mode", "query")
        if {"email", "name"} & set(scopes) and mode != "form_post":
            text = "response_mode must be form_post when name or email scope is requested."
            return Response(pages.error(f"invalid_request: {text}"), 400, content_type="text/html")
        if answer.get("error") == "access_denied":
            answer["error"] = "user_cancelled_authorize"
            answer.pop("error_description", None)
        client_id = request.args["client_id"]
        if account is not None and client_id not in account.consents:
            account.consents.add(client_id)
            answer["user"] = json.dumps(self._introduction(account, scopes))
        if mode != "form_post":
            return response
        return Response(pages.form_post(target._replace(query="").geturl(), answer), content_type="text/html")

    def _introduction(self, account: Account, scopes: list[str]) -> dict[str, Any]:
        made: dict[str, Any] = {"email": account.email}
        if "name" in scopes:
            made["name"] = {"firstName": account.first_name, "lastName": account.last_name}
        return made

    def token_response(self, response: Response) -> Response:
        """An error has status 400 and a name, and mostly nothing else."""
        sent = response.get_json(force=True)
        if "error" not in sent:
            return response
        made = jsonify({"error": sent["error"]})
        made.status_code = 400
        return made

    def routes(self, app: Flask) -> None:
        app.add_url_rule(self.paths.discovery, "discovery", lambda: jsonify(self.discovery()))
        app.add_url_rule(self.paths.jwks, "jwks", lambda: jsonify(self.idp.keys.jwks()))
