"""Asking a provider about an access token (RFC 7662)."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urljoin

from supertokens_django.recipes.thirdparty.providers.base import Provider


class Introspecting(Provider):
    """A provider that tells a client about access tokens, beside its token endpoint."""

    introspection_path: ClassVar[str] = "introspect"

    def verify_access_token_audience(self, access_token: str) -> None:
        url = urljoin(self.required_endpoint("token_endpoint"), self.introspection_path)
        data = {"client_id": self.client_id(), "token": access_token}
        if secret := self.client_secret():
            data["client_secret"] = secret
        found = self.post_json(url, data=data)
        if not isinstance(found, dict) or found.get("active") is not True:
            raise self.failure("the access token is not valid, or for another client")
        if found.get("client_id") not in self.all_client_ids():
            raise self.failure("the access token is for another client")
