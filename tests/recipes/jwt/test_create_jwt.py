"""``create_jwt``: tokens for other services, signed by the same keys (FDI)."""

from __future__ import annotations

from typing import Any

import jwt as pyjwt
import pytest
from asgiref.sync import async_to_sync

from supertokens_django.exceptions import BadInputError
from supertokens_django.services import jwt as jwt_service
from supertokens_django.services import openid
from supertokens_django.services import session as sessions
from tests.base import ISSUER, Clock, supertokens_settings
from tests.client import decode_jwt

A_HUNDRED_YEARS = 3_153_600_000


@pytest.mark.parametrize(
    ("create", "issuer"),
    [
        (lambda *arguments: jwt_service.create_jwt(*arguments), "https://api.acme.com"),
        (lambda *arguments: openid.create_jwt(*arguments), ISSUER),
        (lambda *arguments: sessions.create_jwt(*arguments), ISSUER),
    ],
    ids=["jwt", "openid", "session"],
)
class TestEveryDoor:
    def test_it_signs_with_the_static_key_for_a_hundred_years(
        self, clock: Clock, create: Any, issuer: str
    ) -> None:
        header, payload = decode_jwt(create({"sub": "printer"}))

        assert sorted(header) == ["alg", "kid", "typ"]
        assert (header["alg"], header["typ"], header["kid"][:2]) == ("RS256", "JWT", "s-")
        now = int(clock.now)
        assert payload == {"sub": "printer", "iss": issuer, "iat": now, "exp": now + A_HUNDRED_YEARS}

    def test_validity_and_key_can_be_chosen(self, clock: Clock, create: Any, issuer: str) -> None:
        header, payload = decode_jwt(create({}, 60, False))

        assert header["kid"] == f"d-{clock.milliseconds}"
        assert payload["exp"] - payload["iat"] == 60
        assert decode_jwt(create({}, 60, True))[0]["kid"][:2] == "s-"
        assert decode_jwt(create({}, 60, None))[0]["kid"][:2] == "s-"

    def test_claims_of_the_payload_win(self, clock: Clock, create: Any, issuer: str) -> None:
        own = {"iss": "https://issuer.example", "iat": 1, "exp": 2}

        assert decode_jwt(create(own, 60))[1] == own

    @pytest.mark.parametrize("validity", [0, -1])
    def test_a_validity_that_is_none_is_refused(self, create: Any, issuer: str, validity: int) -> None:
        with pytest.raises(BadInputError):
            create({}, validity)

    def test_anyone_can_verify_it(self, create: Any, issuer: str) -> None:
        token = create({"sub": "printer"}, 60)
        key = pyjwt.PyJWKSet.from_dict(jwt_service.get_jwks())[decode_jwt(token)[0]["kid"]]

        assert pyjwt.decode(token, key, algorithms=["RS256"], issuer=issuer)["sub"] == "printer"

    def test_the_callers_payload_is_left_alone(self, create: Any, issuer: str) -> None:
        payload = {"sub": "printer"}
        create(payload, 60)

        assert payload == {"sub": "printer"}


def test_the_default_validity_is_a_setting(clock: Clock) -> None:
    with supertokens_settings(JWT={"JWT_VALIDITY_SECONDS": 90}):
        payload = decode_jwt(jwt_service.create_jwt({}))[1]

    assert payload["exp"] - payload["iat"] == 90


def test_the_async_twins_do_the_same(clock: Clock) -> None:
    async def story() -> list[str]:
        return [
            await jwt_service.acreate_jwt({"sub": "printer"}, 60),
            await openid.acreate_jwt({"sub": "printer"}, 60),
            await sessions.acreate_jwt({"sub": "printer"}, 60),
        ]

    tokens = async_to_sync(story)()

    assert [decode_jwt(token)[1]["iss"] for token in tokens] == ["https://api.acme.com", ISSUER, ISSUER]
    assert async_to_sync(jwt_service.aget_jwks)() == jwt_service.get_jwks()
