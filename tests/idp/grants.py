"""Authlib's grants, told where this provider keeps codes and tokens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from tests.idp.records import Account, Code, Token

if TYPE_CHECKING:
    from tests.idp.provider import IdentityProvider


class OnlyS256(CodeChallenge):
    """PKCE: the challenge must be one of SHA-256, and has to be there where client or provider ask for it."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def __init__(self, idp: IdentityProvider) -> None:
        super().__init__(required=True)
        self._idp = idp

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        super().validate_code_challenge(grant, redirect_uri)
        sent = grant.request.payload.data
        client = self._idp.clients[grant.request.payload.client_id]
        if "code_challenge" in sent and sent.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Unsupported 'code_challenge_method'")
        if "code_challenge" not in sent and (client.is_public or self._idp.personality.pkce_required):
            raise InvalidRequestError("Missing 'code_challenge'")


def code_grant(idp: IdentityProvider) -> type[AuthorizationCodeGrant]:
    """The authorization code grant of this provider."""

    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = [*idp.personality.auth_methods, "none"]

        def save_authorization_code(self, code: str, request: Any) -> None:
            sent = request.payload.data
            idp.handed_out.add(code)
            idp.codes[code] = Code(
                code, request.client.client_id, request.payload.redirect_uri, request.scope or "", request.user,
                sent.get("nonce"), sent.get("code_challenge"), sent.get("code_challenge_method"),
            )  # fmt: skip

        def query_authorization_code(self, code: str, client: Any) -> Code | None:
            found = idp.codes.get(code)
            if found is None or found.client_id != client.client_id or found.is_expired:
                return None
            return found

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del idp.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> Account:
            return authorization_code.account

    return Grant


def refresh_grant(idp: IdentityProvider) -> type[RefreshTokenGrant]:
    """The refresh token grant: every refresh token is good until it is rotated or revoked."""

    class Grant(RefreshTokenGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = [*idp.personality.auth_methods, "none"]

        @property
        def INCLUDE_NEW_REFRESH_TOKEN(self) -> bool:  # type: ignore[override]
            return idp.rotates_refresh_tokens

        def authenticate_refresh_token(self, refresh_token: str) -> Any:
            return idp.refreshable.get(refresh_token)

        def authenticate_user(self, refresh_token: Token) -> Account:
            return refresh_token.account

        def revoke_old_credential(self, refresh_token: Any) -> None:
            idp.tokens.pop(refresh_token.access_token, None)
            if idp.rotates_refresh_tokens and refresh_token.refresh_token:
                idp.refreshable.pop(refresh_token.refresh_token, None)

    return Grant


class Answering:
    """Puts ID token and refresh token into what a token endpoint answers, and keeps what it hands out."""

    def __init__(self, idp: IdentityProvider) -> None:
        self._idp = idp

    def __call__(self, grant: Any) -> None:
        grant.register_hook("after_create_token_response", self.complete)

    def complete(self, grant: Any, response: Any) -> None:
        _, token, _ = response
        idp, request = self._idp, grant.request
        code: Code | None = getattr(request, "authorization_code", None)
        old: Token | None = getattr(request, "refresh_token", None)
        scope = token.get("scope") or (old.scope if old else "")
        kept = token.get("refresh_token") or (old.refresh_token if old else None)
        made = Token(
            token["access_token"], kept, request.client.client_id, request.user, scope,
            time.time() + token["expires_in"],
        )  # fmt: skip
        idp.tokens[made.access_token] = made
        idp.handed_out |= {made.access_token, *([kept] if kept else [])}
        if kept:
            idp.refreshable[kept] = made
        if idp.personality.issues_id_tokens(scope):
            token["id_token"] = idp.id_token(made, nonce=code.nonce if code else None)
