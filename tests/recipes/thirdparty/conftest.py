"""A provider on loopback, and settings that lead there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from supertokens_django.recipes.thirdparty import discovery
from supertokens_django.services import jwt
from tests.base import supertokens_settings
from tests.idp.personalities.base import OAuth2, Personality
from tests.idp.provider import IdentityProvider, serving
from tests.recipes.thirdparty.dance import CALLBACK, LOOPBACK


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    discovery.forget()


@pytest.fixture
def _keys(db: None) -> None:
    """Made once in the life of a project, not by the sign-in that is looked at."""
    jwt.get_signing_kid()


@pytest.fixture
def oidc(acme: None, _keys: None) -> Iterator[IdentityProvider]:
    """An OpenID Connect provider with a client "acme"; it is configured as ``custom``."""
    with serving(Personality) as idp:
        client = idp.add_client(redirect_uris=[CALLBACK], refresh=True)
        with supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": [idp.settings(client)]}):
            yield idp


@pytest.fixture
def oauth2(acme: None, _keys: None) -> Iterator[IdentityProvider]:
    """The same without OpenID Connect."""
    with serving(OAuth2) as idp:
        client = idp.add_client(redirect_uris=[CALLBACK], refresh=True)
        with supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": [idp.settings(client)]}):
            yield idp
