"""The stage for the tests of ``supertokens_django.testing``, and the test clients of a project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client
from rest_framework.test import APIClient

from tests.accounts import make_tenant, tenant_acme

__all__ = ["make_tenant", "tenant_acme"]

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def _stage(acme: None, db: None) -> None:
    pass


@pytest.fixture(params=[Client, AsyncClient, APIClient])
def any_client(request: pytest.FixtureRequest) -> Any:
    return request.param()


@pytest.fixture
def get(any_client: Any) -> Call:
    """``get(path)`` with the client at hand, called synchronously."""
    return async_to_sync(any_client.get) if isinstance(any_client, AsyncClient) else any_client.get


@pytest.fixture
def post(any_client: Any) -> Call:
    return async_to_sync(any_client.post) if isinstance(any_client, AsyncClient) else any_client.post
