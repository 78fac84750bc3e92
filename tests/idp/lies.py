"""ID tokens that must not be believed, each made of the claims of an honest one: for ``idp.lie(...)``."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.idp.keys import Keys

Claims = dict[str, Any]
Lie = Callable[[Claims, Keys], str]
"""Makes a token of claims and the provider's keys."""

WEEK = 7 * 24 * 3600


def claiming(**changes: Any) -> Lie:
    """Well signed, but with other claims; None leaves one out."""

    def lie(claims: Claims, keys: Keys) -> str:
        return keys.sign({name: value for name, value in {**claims, **changes}.items() if value is not None})

    return lie


wrong_issuer = claiming(iss="https://evil.example")
no_issuer = claiming(iss=None)
wrong_audience = claiming(aud="somebody-else")
no_audience = claiming(aud=None)
expired = claiming(exp=1_000_000_000)
no_expiry = claiming(exp=None)
no_subject = claiming(sub=None)
subject_of_another_kind = claiming(sub={"$ne": 1})
wrong_nonce = claiming(nonce="of somebody else")
no_nonce = claiming(nonce=None)


def not_yet_valid(claims: Claims, keys: Keys) -> str:
    return keys.sign({**claims, "nbf": claims["iat"] + WEEK})


def issued_in_the_future(claims: Claims, keys: Keys) -> str:
    return keys.sign({**claims, "iat": claims["iat"] + WEEK, "exp": claims["exp"] + 2 * WEEK})


def for_several_without_an_authorised_party(claims: Claims, keys: Keys) -> str:
    return keys.sign({**claims, "aud": [claims["aud"], "somebody-else"]})


def for_several_and_authorised_for_another(claims: Claims, keys: Keys) -> str:
    return keys.sign({**claims, "aud": [claims["aud"], "somebody-else"], "azp": "somebody-else"})


def authorised_for_another(claims: Claims, keys: Keys) -> str:
    return keys.sign({**claims, "azp": "somebody-else"})


def unsigned(claims: Claims, keys: Keys) -> str:
    return jwt.encode(claims, "", "none", headers={"kid": keys.kid})


def unsigned_in_capitals(claims: Claims, keys: Keys) -> str:
    return _encoded({"alg": "NONE", "typ": "JWT", "kid": keys.kid}, claims) + "."


def signed_with_the_public_key_as_a_secret(claims: Claims, keys: Keys) -> str:
    """HS256 with what everybody knows (https://auth0.com/blog/critical-vulnerabilities-in-json-web-token-libraries/)."""
    pem = keys.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = _encoded({"alg": "HS256", "typ": "JWT", "kid": keys.kid}, claims)
    return f"{signed}.{_base64(hmac.digest(pem, signed.encode(), hashlib.sha256))}"


def signed_with_the_client_secret(secret: str) -> Lie:
    """HS256, which OpenID Connect knows, and which we do not take."""
    return lambda claims, keys: jwt.encode(claims, secret.ljust(32), "HS256", headers={"kid": keys.kid})


def signed_with_another_key(claims: Claims, keys: Keys) -> str:
    return jwt.encode(claims, keys.foreign, "RS256", headers={"kid": keys.kid})


def with_an_unknown_key_id(claims: Claims, keys: Keys) -> str:
    return jwt.encode(claims, keys.foreign, "RS256", headers={"kid": "nobody-knows"})


def with_its_own_key_inside(claims: Claims, keys: Keys) -> str:
    """Names the key to verify it with in its header (RFC 7515, 4.1.3), which proves nothing."""
    public = jwt.algorithms.RSAAlgorithm.to_jwk(keys.foreign.public_key(), as_dict=True)
    headers = {"kid": keys.kid, "jwk": public, "jku": "https://evil.example/jwks"}
    return jwt.encode(claims, keys.foreign, "RS256", headers=headers)


def with_a_changed_payload(claims: Claims, keys: Keys) -> str:
    header, _, signature = keys.sign(claims).split(".")
    return f"{header}.{_base64(json.dumps({**claims, 'sub': 'somebody-else'}).encode())}.{signature}"


def no_token_at_all(claims: Claims, keys: Keys) -> str:
    return "not.a.token"


def _encoded(header: dict[str, Any], claims: Claims) -> str:
    return f"{_base64(json.dumps(header).encode())}.{_base64(json.dumps(claims).encode())}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


ALL: dict[str, Lie] = {
    "wrong issuer": wrong_issuer,
    "no issuer": no_issuer,
    "wrong audience": wrong_audience,
    "no audience": no_audience,
    "expired": expired,
    "no expiry": no_expiry,
    "no subject": no_subject,
    "subject of another kind": subject_of_another_kind,
    "not yet valid": not_yet_valid,
    "issued in the future": issued_in_the_future,
    "several audiences": for_several_without_an_authorised_party,
    "several audiences, another party": for_several_and_authorised_for_another,
    "another authorised party": authorised_for_another,
    "unsigned": unsigned,
    "unsigned in capitals": unsigned_in_capitals,
    "public key as secret": signed_with_the_public_key_as_a_secret,
    "another key": signed_with_another_key,
    "unknown key id": with_an_unknown_key_id,
    "its own key inside": with_its_own_key_inside,
    "changed payload": with_a_changed_payload,
    "no token": no_token_at_all,
}
"""All that are lies to anybody; those about the nonce are so only to who has sent one."""
