"""The stage of the page tests: site and API on one origin, so that the pages are on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.accounts import make_tenant, tenant_acme
from tests.base import supertokens_settings
from tests.pages.visiting import ORIGIN, Visitor

__all__ = ["make_tenant", "tenant_acme"]


@pytest.fixture(autouse=True)
def one_origin(acme: None) -> Iterator[None]:
    with supertokens_settings(API_DOMAIN=ORIGIN, WEBSITE_DOMAIN=ORIGIN):
        yield


@pytest.fixture
def visitor() -> Visitor:
    """A browser that nobody has signed in with yet."""
    return Visitor()
