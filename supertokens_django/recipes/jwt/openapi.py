"""``GET /jwt/jwks.json`` in the OpenAPI document."""

from __future__ import annotations

from supertokens_django.http.openapi import TEXT, Answer, Operation, array, header, record, schema

ANY_ORIGIN = header("AnyOrigin", "The answer is for everybody.", {"const": "*"})
CACHE_CONTROL = header("CacheControl", "How long the answer may be kept.")

JSON_WEB_KEY = schema(
    "JsonWebKey",
    {
        "description": "A public RSA key (RFC 7517, RFC 7518 §6.3.1).",
        **record(
            {
                "kty": {"const": "RSA"},
                "kid": {**TEXT, "pattern": "^(d-[0-9]+|s-.+)$"},
                "n": TEXT,
                "e": TEXT,
                "alg": {"const": "RS256"},
                "use": {"const": "sig"},
            }
        ),
    },
)


def operations() -> list[Operation]:
    return [
        Operation(
            endpoint="jwt:jwks",
            summary="The public keys that tokens are verified with",
            description="Keys that rotate, newest first, then those that stay.",
            answers=[
                Answer(
                    name="JsonWebKeySet",
                    description="The key set (RFC 7517 §5).",
                    properties={"keys": array(JSON_WEB_KEY)},
                    headers={"Access-Control-Allow-Origin": ANY_ORIGIN, "Cache-Control": CACHE_CONTROL},
                )
            ],
        )
    ]
