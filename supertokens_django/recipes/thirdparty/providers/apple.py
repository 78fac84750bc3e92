"""Apple.

https://developer.apple.com/documentation/signinwithapplerestapi/generate-and-validate-tokens
https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
https://developer.apple.com/documentation/signinwithapplejs/incorporating-sign-in-with-apple-into-other-platforms
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from supertokens_django import clock
from supertokens_django.conf import Problem
from supertokens_django.recipes.thirdparty.configuration import (
    ClientConfig,
    ProviderConfig,
    UserFields,
    UserInfoMap,
)
from supertokens_django.recipes.thirdparty.exceptions import ProviderMisconfigured
from supertokens_django.recipes.thirdparty.providers.base import Provider, Tokens
from supertokens_django.recipes.thirdparty.providers.values import names_in

AUDIENCE = "https://appleid.apple.com"
SECRET_LIFETIME = 300
"""Seconds that a client secret lasts.  Apple takes six months; it is made for one request, and used at once."""
LONGEST_INTRODUCTION = 4000


class Apple(Provider):
    """Tells of its users by ID tokens only, and their names never but at the first sign-in.

    The client secret is made of ``keyId``, ``teamId`` and ``privateKey`` in ``additional_config``, unless there is a
    ``client_secret``.
    """

    prefix = "apple"
    name = "Apple"
    scope = ("openid", "email")
    defaults = {
        "oidc_discovery_endpoint": "https://appleid.apple.com/.well-known/openid-configuration",
        "authorization_endpoint_query_params": {"response_mode": "form_post"},
    }
    user_info_map = UserInfoMap(UserFields("sub", "email", "email_verified"), UserFields())
    additional_keys = ("keyId", "teamId", "privateKey")
    required_keys = additional_keys

    @classmethod
    def problems(cls, config: ProviderConfig, client: ClientConfig) -> Iterator[Problem]:
        if client.client_secret is not None:
            return
        yield from super().problems(config, client)
        private_key = client.additional_config.get("privateKey")
        if isinstance(private_key, str) and private_key.strip() and _key(private_key) is None:
            yield Problem(
                "invalid",
                "['additional_config']['privateKey']",
                "is not a private key of Apple's: PEM, of the curve P-256.",
                "Paste the whole .p8 file, line breaks as they are or as \\n.",
            )

    def client_secret(self) -> str | None:
        """A JWT that is signed here.

        Raises:
            ProviderMisconfigured: a part of it is missing, or the key cannot be read.
        """
        if (given := super().client_secret()) is not None:
            return given
        parts = {name: self.client.additional(name) for name in self.required_keys}
        for name, value in parts.items():
            if not isinstance(value, str) or not value.strip():
                raise ProviderMisconfigured(self.display_name, f"has no {name} in additional_config")
        key = _key(parts["privateKey"])
        if key is None:
            raise ProviderMisconfigured(self.display_name, "has a privateKey that cannot be read")
        now = clock.now_in_milliseconds() // 1000
        claims = {
            "iss": parts["teamId"],
            "iat": now,
            "exp": now + SECRET_LIFETIME,
            "aud": AUDIENCE,
            "sub": self.client_id(),
        }
        return jwt.encode(claims, key, "ES256", headers={"kid": parts["keyId"]})

    def exchange_code(
        self, redirect_uri: str, query_params: Mapping[str, Any], pkce_code_verifier: str | None
    ) -> Tokens:
        """With what Apple tells of the user at the first sign-in, which comes by way of the browser."""
        tokens = super().exchange_code(redirect_uri, query_params, pkce_code_verifier)
        tokens.pop("user", None)
        if introduction := _introduction(query_params.get("user")):
            tokens["user"] = introduction
        return tokens

    def fetch_user_info(self, tokens: Mapping[str, Any]) -> Mapping[str, Any]:
        """There is nobody to ask but with an endpoint of the project's own."""
        return super().fetch_user_info(tokens) if self.config.user_info_endpoint else {}

    def names(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[str, str]:
        """From the browser, so not verified: nothing but a suggestion."""
        user = payload.get("user")
        return names_in(user.get("name") if isinstance(user, dict) else None, "firstName", "lastName")


def _key(text: str) -> EllipticCurvePrivateKey | None:
    """The key in a PEM whose line breaks may be written as ``\\n``; None where it is none."""
    try:
        key = load_pem_private_key(text.replace("\\n", "\n").strip().encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1) else None


def _introduction(value: Any) -> dict[str, Any] | None:
    """The user as JSON, or as the object that a frontend has made of it."""
    if isinstance(value, str) and len(value) <= LONGEST_INTRODUCTION:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None
