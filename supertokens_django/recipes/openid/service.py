"""OpenID Connect discovery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async

from supertokens_django import conf
from supertokens_django.recipes.jwt.service import jwt_service
from supertokens_django.recipes.openid.conf import OpenIdConf
from supertokens_django.registry import lazy_service


class OpenIdService:
    """The verbs of the OpenID recipe; subclass it and name it in ``SUPERTOKENS["OPENID"]["SERVICE_CLASS"]``."""

    def get_open_id_discovery_configuration(self) -> dict[str, Any]:
        """The provider metadata (OpenID Connect Discovery 1.0 §3), its values as FDI has them."""
        issuer = conf.app().issuer
        return {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/jwt/jwks.json",
            "authorization_endpoint": f"{issuer}/oauth/auth",
            "token_endpoint": f"{issuer}/oauth/token",
            "userinfo_endpoint": f"{issuer}/oauth/userinfo",
            "revocation_endpoint": f"{issuer}/oauth/revoke",
            "token_introspection_endpoint": f"{issuer}/oauth/introspect",
            "end_session_endpoint": f"{issuer}/oauth/end_session",
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "id_token token"],
        }

    async def aget_open_id_discovery_configuration(self) -> dict[str, Any]:
        """See :meth:`get_open_id_discovery_configuration`."""
        return await sync_to_async(self.get_open_id_discovery_configuration)()

    def create_jwt(
        self,
        payload: Mapping[str, Any] | None = None,
        validity_seconds: int | None = None,
        use_static_signing_key: bool | None = None,
    ) -> str:
        """Sign ``payload``; ``iss`` is ``ISSUER``, else API domain and base path, unless the payload has one.

        Raises:
            BadInputError: the validity is not positive.
        """
        issuer = conf.section(OpenIdConf).issuer or conf.app().issuer
        return jwt_service.create_jwt(
            {"iss": issuer, **(payload or {})}, validity_seconds, use_static_signing_key
        )

    async def acreate_jwt(
        self,
        payload: Mapping[str, Any] | None = None,
        validity_seconds: int | None = None,
        use_static_signing_key: bool | None = None,
    ) -> str:
        """See :meth:`create_jwt`."""
        return await sync_to_async(self.create_jwt)(payload, validity_seconds, use_static_signing_key)


openid: OpenIdService = lazy_service(OpenIdService, OpenIdConf)
