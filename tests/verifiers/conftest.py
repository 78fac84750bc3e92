"""The stage of the services that verify our tokens without us: the API is served over the network, on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.live_server_helper import LiveServer

from supertokens_django.recipes.jwt.keys import ring
from tests.base import supertokens_settings


@pytest.fixture
def api(transactional_db: None, live_server: LiveServer) -> Iterator[str]:
    """The origin of the API, under which services reach it."""
    ring.forget()  # the keys of the last test's database are gone
    with supertokens_settings(API_DOMAIN=live_server.url, WEBSITE_DOMAIN=live_server.url):
        yield live_server.url


@pytest.fixture
def tunnel(acme: None, transactional_db: None, live_server: LiveServer) -> Iterator[str]:
    """An issuer that is not the API's own: the API is https://api.acme.com, and services reach it through here."""
    issuer = f"{live_server.url}/auth"
    with supertokens_settings(SESSION={"JWT": {"ENABLE": True, "ISSUER": issuer}}):
        yield issuer
