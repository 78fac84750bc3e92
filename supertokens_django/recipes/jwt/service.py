"""JWTs for other services, signed by the same keys as sessions and verified by anyone through JWKS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async

from supertokens_django import clock, conf
from supertokens_django.crypto import jwt
from supertokens_django.exceptions import BadInputError
from supertokens_django.recipes.jwt.conf import JwtConf
from supertokens_django.recipes.jwt.key_verbs import KeyVerbs
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.registry import lazy_service


class JwtService(KeyVerbs):
    """The verbs of the JWT recipe; subclass it and name it in ``SUPERTOKENS["JWT"]["SERVICE_CLASS"]``."""

    def create_jwt(
        self,
        payload: Mapping[str, Any] | None = None,
        validity_seconds: int | None = None,
        use_static_signing_key: bool | None = None,
    ) -> str:
        """Sign ``payload`` as a JWT.

        ``iss``, ``iat`` and ``exp`` of the payload win over ours: issuer is API_DOMAIN, validity that of
        ``JWT_VALIDITY_SECONDS``.  The static key signs unless ``use_static_signing_key`` is False.

        Raises:
            BadInputError: the validity is not positive.
        """
        validity = clock.seconds(conf.section(JwtConf).jwt_validity_seconds)
        if validity_seconds is not None:
            validity = validity_seconds
        if validity <= 0:
            raise BadInputError("validity_seconds must be greater than or equal to 1")
        now = clock.milliseconds(clock.now()) // 1000
        claims = {"iss": conf.app().api_domain, "iat": now, "exp": now + validity, **(payload or {})}
        key = ring.signing_key(dynamic=use_static_signing_key is False)
        return jwt.sign(claims, key.private_key, key.kid)

    async def acreate_jwt(
        self,
        payload: Mapping[str, Any] | None = None,
        validity_seconds: int | None = None,
        use_static_signing_key: bool | None = None,
    ) -> str:
        """See :meth:`create_jwt`."""
        return await sync_to_async(self.create_jwt)(payload, validity_seconds, use_static_signing_key)

    def get_jwks(self) -> dict[str, Any]:
        """The JSON Web Key Set (RFC 7517 §5): ``{"keys": [...]}``, dynamic keys newest first, then static ones."""
        return {"keys": [jwt.public_jwk(key.public_key, key.kid) for key in ring.published()]}

    async def aget_jwks(self) -> dict[str, Any]:
        """See :meth:`get_jwks`."""
        return await sync_to_async(self.get_jwks)()

    def get_jwks_validity_in_seconds(self) -> int:
        """How long the key set may be cached, in seconds: until the next key is published."""
        return ring.seconds_until_next_key()


jwt_service: JwtService = lazy_service(JwtService, JwtConf)
