"""The access token in the hands of the website: ``EXPOSE_ACCESS_TOKEN_TO_FRONTEND_IN_COOKIE_BASED_AUTH``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest

from supertokens_django.services import jwt as jwts
from tests.base import ALICE, Clock
from tests.browser.conftest import ONE_SITE, Sites
from tests.browser.frontend import Frontend

BEYOND_ACCESS_TOKEN = timedelta(hours=1, seconds=1)


@pytest.fixture
def member(visitor: Frontend) -> Frontend:
    """Alice's browser, just signed up."""
    assert visitor.sign_up(ALICE)["status"] == "OK"
    return visitor


def verified(token: str, api: str) -> dict[str, Any]:
    """As a service elsewhere verifies what the website sends it."""
    key = jwt.PyJWKSet.from_dict(jwts.get_jwks())[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], issuer=f"{api}/auth")
    return claims


class TestExposed:
    @pytest.fixture
    def sites(self) -> Sites:
        return Sites(
            ONE_SITE.website_host,
            ONE_SITE.api_host,
            {"EXPOSE_ACCESS_TOKEN_TO_FRONTEND_IN_COOKIE_BASED_AUTH": True},
        )

    def test_the_frontend_sdk_gives_it_out(self, member: Frontend, api: str) -> None:
        token = member.call("getAccessToken")

        assert verified(token, api)["sub"] == member.call("getUserId")

    def test_it_is_the_token_of_the_session(self, member: Frontend) -> None:
        kept = {
            "cookie": member.cookies_of_api().get("sAccessToken"),
            "header": member.cookies_of_website().get("st-access-token"),
        }

        assert member.call("getAccessToken") == kept[member.mode]

    def test_in_cookie_mode_the_refresh_token_stays_out_of_reach(self, member: Frontend) -> None:
        assert ("st-refresh-token" in member.cookies_of_website()) == (member.mode == "header")

    def test_it_follows_a_refresh_and_a_changed_payload(
        self, member: Frontend, api: str, server_clock: Clock
    ) -> None:
        first = member.call("getAccessToken")
        server_clock.advance(BEYOND_ACCESS_TOKEN)
        assert member.fetch("/api/me")["status"] == 200
        second = member.call("getAccessToken")
        member.fetch("/api/nickname", "POST", {"nickname": "Al"})
        third = member.call("getAccessToken")

        assert len({first, second, third}) == 3
        assert jwt.decode(third, options={"verify_signature": False})["nickname"] == "Al"

    def test_it_is_gone_after_a_sign_out(self, member: Frontend) -> None:
        member.sign_out()

        assert member.call("getAccessToken") is None


class TestNotExposed:
    def test_in_cookie_mode_the_frontend_sdk_has_none(self, member: Frontend, api: str) -> None:
        token = member.call("getAccessToken")

        if member.mode == "cookie":
            assert token is None
        else:
            assert verified(token, api)["sub"] == member.call("getUserId")


class TestTheJwtInside:
    """``SESSION["JWT"]``: the website takes it out of the payload and sends it to a service."""

    @pytest.fixture
    def sites(self) -> Sites:
        options = {"ENABLE": True, "ISSUER": "https://tunnel.example/auth"}
        return Sites(ONE_SITE.website_host, ONE_SITE.api_host, {"JWT": options})

    def test_the_frontend_sdk_gives_it_out_and_renews_it(self, member: Frontend, server_clock: Clock) -> None:
        first = member.call("getAccessTokenPayloadSecurely")["jwt"]
        server_clock.advance(BEYOND_ACCESS_TOKEN)
        assert member.fetch("/api/me")["status"] == 200
        second = member.call("getAccessTokenPayloadSecurely")["jwt"]

        assert first != second
        key = jwt.PyJWKSet.from_dict(jwts.get_jwks())[jwt.get_unverified_header(second)["kid"]]
        claims = jwt.decode(
            second,
            key,
            algorithms=["RS256"],
            issuer="https://tunnel.example/auth",
            options={"verify_iat": False},
        )
        assert claims["sub"] == member.call("getUserId")
