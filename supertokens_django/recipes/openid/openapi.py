"""``GET /.well-known/openid-configuration`` in the OpenAPI document."""

from __future__ import annotations

from supertokens_django.http.openapi import TEXT, Answer, Operation, array
from supertokens_django.recipes.jwt.openapi import ANY_ORIGIN

URLS = (
    "issuer",
    "jwks_uri",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "revocation_endpoint",
    "token_introspection_endpoint",
    "end_session_endpoint",
)
LISTS = ("subject_types_supported", "id_token_signing_alg_values_supported", "response_types_supported")


def operations() -> list[Operation]:
    return [
        Operation(
            endpoint="openid:configuration",
            summary="The discovery document",
            answers=[
                Answer(
                    name="DiscoveryDocument",
                    description="Provider metadata (OpenID Connect Discovery 1.0 §3).",
                    status="OK",
                    properties={
                        **{name: {**TEXT, "format": "uri"} for name in URLS},
                        **{name: array(TEXT) for name in LISTS},
                    },
                    is_open=True,
                    headers={"Access-Control-Allow-Origin": ANY_ORIGIN},
                )
            ],
        )
    ]
