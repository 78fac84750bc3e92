"""The stage of the limits' tests: the limits as shipped, an empty cache, visitors from several addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponseBase

from supertokens_django.limits import attempts
from tests.base import Clock, supertokens_settings
from tests.client import FrontendClient

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.1"


class VisitorFrom(FrontendClient):
    """A browser behind the project's one proxy, at some address."""

    def __init__(self, address: str = ELSEWHERE, mode: Any = "header", **headers: str | None) -> None:
        super().__init__(mode)
        self.extra: dict[str, str | None] = {"x-forwarded-for": address, **headers}

    def request(self, *args: Any, headers: Any = None, **kwargs: Any) -> HttpResponseBase:
        return super().request(*args, headers={**dict(headers or {}), **self.extra}, **kwargs)


@pytest.fixture(autouse=True)
def limits(acme: None, clock: Clock) -> Iterator[None]:
    """As shipped, behind one proxy.  Time stands still at noon."""
    cache.clear()
    attempts._complained_at = -float(attempts.SILENCE)
    with supertokens_settings(RATE_LIMITS={"ENABLED": True}, TRUSTED_PROXY_COUNT=1):
        yield
    cache.clear()


def rates(endpoint: str, **scopes: str | None) -> supertokens_settings:
    """Only these limits at an endpoint."""
    every: dict[str, str | None] = {"IP": None, "ACCOUNT": None, "ACCOUNT_AND_IP": None, **scopes}
    return supertokens_settings(RATE_LIMITS={"LIMITS": {endpoint: every}})


def too_many(wait: str) -> dict[str, str]:
    return {
        "status": "GENERAL_ERROR",
        "message": f"Too many attempts. Please try again in {wait}.",
    }
