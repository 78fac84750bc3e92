"""JWT and OpenID among the session verbs, under the names that SuperTokens' SDKs have for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async

from supertokens_django import registry
from supertokens_django.recipes.jwt.service import jwt_service


class JwtVerbs:
    """The part of :class:`SessionService` that hands on to the JWT and OpenID recipes."""

    def create_jwt(
        self,
        payload: Mapping[str, Any],
        validity_seconds: int | None = None,
        use_static_signing_key: bool | None = None,
    ) -> str:
        """See ``services.openid.create_jwt``."""
        token: str = registry.service("OPENID").create_jwt(payload, validity_seconds, use_static_signing_key)
        return token

    async def acreate_jwt(
        self,
        payload: Mapping[str, Any],
        validity_seconds: int | None = None,
        use_static_signing_key: bool | None = None,
    ) -> str:
        """See :meth:`create_jwt`."""
        return await sync_to_async(self.create_jwt)(payload, validity_seconds, use_static_signing_key)

    def get_jwks(self) -> dict[str, Any]:
        """See ``services.jwt.get_jwks``."""
        return jwt_service.get_jwks()

    async def aget_jwks(self) -> dict[str, Any]:
        """See :meth:`get_jwks`."""
        return await sync_to_async(self.get_jwks)()

    def get_open_id_discovery_configuration(self) -> dict[str, Any]:
        """See ``services.openid.get_open_id_discovery_configuration``."""
        found: dict[str, Any] = registry.service("OPENID").get_open_id_discovery_configuration()
        return found

    async def aget_open_id_discovery_configuration(self) -> dict[str, Any]:
        """See :meth:`get_open_id_discovery_configuration`."""
        return await sync_to_async(self.get_open_id_discovery_configuration)()
