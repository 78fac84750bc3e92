"""The same journey wherever website and API live, and the door shut to websites that nobody invited."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import override_settings

from tests.base import ALICE, Clock, supertokens_settings
from tests.browser.conftest import ONE_HOST, ONE_SITE, TWO_SITES
from tests.browser.frontend import Frontend


@pytest.mark.parametrize("sites", [ONE_SITE, ONE_HOST, TWO_SITES], ids=["one site", "one host", "two sites"])
def test_a_whole_journey(visitor: Frontend, server_clock: Clock) -> None:
    assert visitor.sign_up(ALICE)["status"] == "OK"
    assert visitor.fetch("/api/me", "POST", {})["status"] == 200
    visitor.forget_traffic()

    server_clock.advance(timedelta(hours=2))
    assert visitor.fetch("/api/me", "POST", {})["status"] == 200
    assert visitor.traffic == ["POST /api/me 401", "POST /auth/session/refresh 200", "POST /api/me 200"]

    visitor.sign_out()
    assert not visitor.is_signed_in()
    assert visitor.fetch("/api/me")["status"] == 401
    assert visitor.sign_in(ALICE)["status"] == "OK"


@pytest.mark.parametrize("anti_csrf", ["VIA_TOKEN", "VIA_CUSTOM_HEADER", "NONE"])
def test_the_frontend_passes_every_anti_csrf_check(
    visitor: Frontend, server_clock: Clock, anti_csrf: str
) -> None:
    with supertokens_settings(SESSION={"ANTI_CSRF": anti_csrf}):
        visitor.sign_up(ALICE)
        kept = "sAntiCsrf" in visitor.cookies_of_website()
        assert kept == (anti_csrf == "VIA_TOKEN" and visitor.mode == "cookie")

        for _ in range(2):
            assert visitor.fetch("/api/me", "POST", {})["status"] == 200
            server_clock.advance(timedelta(hours=2))
        visitor.sign_out()
        assert not visitor.is_signed_in()


def test_a_website_that_is_not_on_the_list_learns_nothing(visitor: Frontend) -> None:
    with (
        override_settings(CORS_ALLOWED_ORIGINS=["http://somebody-else.localhost"]),
        pytest.raises(Exception, match="Failed to fetch"),
    ):
        visitor.sign_in(ALICE)
