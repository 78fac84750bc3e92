"""What belongs to one client is given to no other by a cache in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings

from tests.client import FrontendClient, session_headers

SITE_CACHE = [
    "django.middleware.cache.UpdateCacheMiddleware",
    *settings.MIDDLEWARE,
    "django.middleware.cache.FetchFromCacheMiddleware",
]


@pytest.fixture(autouse=True)
def project(acme: None) -> Iterator[None]:
    cache.clear()
    with override_settings(ROOT_URLCONF="tests.security.urls"):
        yield
    cache.clear()


class TestTheCacheOfTheWholeSite:
    @pytest.fixture(autouse=True)
    def site_cache(self, project: None) -> Iterator[None]:
        with override_settings(MIDDLEWARE=SITE_CACHE):
            yield

    def test_a_session_that_a_get_has_started_is_its_own_clients(
        self, browser: FrontendClient, alice: str
    ) -> None:
        browser.get(f"/sign-in-by-link?user={alice}")
        stranger = FrontendClient(browser.mode)

        stranger.get(f"/sign-in-by-link?user={alice}")

        assert stranger.session_handle != browser.session_handle

    def test_an_answer_with_tokens_forbids_to_store_it(self, browser: FrontendClient, alice: str) -> None:
        response = browser.get(f"/sign-in-by-link?user={alice}")

        assert {"no-store", "private"} <= set(response.headers["Cache-Control"].split(", "))

    def test_a_sign_out_by_get_is_its_own_clients(self, frontend: FrontendClient) -> None:
        response = frontend.get("/sign-out-by-link")

        assert session_headers(response)["front-token"] == "remove"
        assert "no-store" in response.headers["Cache-Control"]

    def test_a_verified_view_is_shown_to_nobody_else(
        self, frontend: FrontendClient, alice: str, bob: str
    ) -> None:
        assert frontend.get("/account").content.decode() == f"The account of {alice}"  # type: ignore[attr-defined]
        other = FrontendClient(frontend.mode)
        other.post("/test/login", {"userId": bob})

        assert other.get("/account").content.decode() == f"The account of {bob}"  # type: ignore[attr-defined]
        assert FrontendClient(frontend.mode).get("/account").status_code == 401


class TestTheCacheOfOneView:
    @pytest.mark.parametrize("path", ["/account/cached", "/account/cached-async"])
    def test_a_verified_view_is_shown_to_nobody_else(
        self, path: str, frontend: FrontendClient, alice: str, bob: str
    ) -> None:
        assert frontend.get(path).content.decode() == f"The account of {alice}"  # type: ignore[attr-defined]
        other = FrontendClient(frontend.mode)
        other.post("/test/login", {"userId": bob})

        assert other.get(path).content.decode() == f"The account of {bob}"  # type: ignore[attr-defined]
        assert FrontendClient(frontend.mode).get(path).status_code == 401

    def test_an_answer_without_tokens_may_be_stored_for_its_own_client(
        self, frontend: FrontendClient
    ) -> None:
        assert frontend.get("/account/cached").headers["Cache-Control"] == "max-age=60"
