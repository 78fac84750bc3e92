"""The keys that the provider signs ID tokens with, and their public halves as a JWKS."""

from __future__ import annotations

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

_made: list[rsa.RSAPrivateKey] = []


def _key(number: int) -> rsa.RSAPrivateKey:
    """The n-th key of this process: making one takes longer than a test."""
    while len(_made) <= number:
        _made.append(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    return _made[number]


class Keys:
    """Signs with the newest key; publishes this one and those that are kept."""

    def __init__(self) -> None:
        self._number = 0
        self._published = ["key-0"]

    @property
    def kid(self) -> str:
        return f"key-{self._number}"

    @property
    def private(self) -> rsa.RSAPrivateKey:
        return _key(self._number)

    @property
    def foreign(self) -> rsa.RSAPrivateKey:
        """A key that is never published."""
        return _key(self._number + 1)

    def rotate(self, *, keep_old: bool) -> None:
        self._number += 1
        self._published = [*(self._published if keep_old else []), self.kid]

    def jwks(self) -> dict[str, Any]:
        return {"keys": [self._public(kid) for kid in self._published]}

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.private, "RS256", headers={"kid": self.kid})

    def _public(self, kid: str) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(_key(int(kid.removeprefix("key-"))).public_key()))
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": public["n"], "e": public["e"]}
