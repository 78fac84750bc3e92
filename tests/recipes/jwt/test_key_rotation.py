"""The life of a dynamic key: made, published ahead, signing, verifying only, gone (FDI; the core's arithmetic).

With I = rotation interval, A = access token lifetime and O = 60 s of overlap.
"""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import override_settings

from supertokens_django.recipes.jwt.keys import ring
from tests.assertions import assert_try_refresh_token
from tests.base import Clock, sql_statements, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.forgery import with_claims

I, A, O = 168 * 3600, 3600, 60  # noqa: E741 - the letters of the rule


def published(browser: FrontendClient) -> list[str]:
    """The kids of the dynamic keys, in the order of the endpoint."""
    keys = json_of(browser.get("/auth/jwt/jwks.json"))["keys"]
    return [key["kid"] for key in keys if key["kid"].startswith("d-")]


def signer(user_id: str) -> str:
    """The kid that a sign-in at this moment is signed with."""
    browser = FrontendClient("header")
    browser.post("/test/login", {"userId": user_id})
    return str(browser.access_token_header["kid"])


@pytest.fixture
def first(clock: Clock, alice: str) -> str:
    """The first key, made at noon by the first sign-in."""
    kid = signer(alice)
    assert kid == f"d-{clock.milliseconds}"
    return kid


class TestTheLifeOfAKey:
    def test_it_signs_alone_until_its_successor_is_due(self, clock: Clock, alice: str, first: str) -> None:
        for elapsed in (1, I - O - 1):
            clock.move_to_offset(elapsed)
            assert signer(alice) == first
            assert published(FrontendClient()) == [first]

    def test_its_successor_is_published_before_it_signs(self, clock: Clock, alice: str, first: str) -> None:
        clock.move_to_offset(I - O + 1)
        second = f"d-{clock.milliseconds}"

        assert published(FrontendClient()) == [second, first]
        assert signer(alice) == first
        clock.move_to_offset(I - 1)
        assert signer(alice) == first
        clock.move_to_offset(I + 1)
        assert signer(alice) == second
        assert published(FrontendClient()) == [second, first]

    def test_a_sign_in_makes_the_successor_as_well(self, clock: Clock, alice: str, first: str) -> None:
        clock.move_to_offset(I - O + 1)

        assert signer(alice) == first
        assert len(published(FrontendClient())) == 2

    def test_it_verifies_until_every_token_of_it_has_expired(
        self, clock: Clock, alice: str, first: str
    ) -> None:
        clock.move_to_offset(I - 10)
        browser = FrontendClient("header")
        browser.post("/test/login", {"userId": alice})
        assert browser.access_token_header["kid"] == first

        clock.advance(A * 0.9)

        assert browser.get("/test/sync").status_code == 200

    def test_it_is_gone_two_lifetimes_after_its_interval(self, clock: Clock, alice: str, first: str) -> None:
        clock.move_to_offset(I + 1)
        second = signer(alice)

        clock.move_to_offset(I + 2 * A - 1)
        assert published(FrontendClient()) == [second, first]
        clock.move_to_offset(I + 2 * A + 1)
        assert published(FrontendClient()) == [second]

    def test_a_token_of_a_retired_key_asks_for_a_refresh(self, clock: Clock, alice: str, first: str) -> None:
        browser = FrontendClient("header")
        with supertokens_settings(SESSION={"ACCESS_TOKEN_LIFETIME": 10 * A}):
            clock.move_to_offset(I - 10)
            browser.post("/test/login", {"userId": alice})
            assert browser.access_token_header["kid"] == first
        clock.move_to_offset(I + 2 * A - 1)
        assert browser.get("/test/sync").status_code == 200

        clock.move_to_offset(I + 2 * A + 1)

        assert_try_refresh_token(browser.get("/test/sync"))
        browser.refresh()
        assert browser.get("/test/sync").status_code == 200

    def test_after_a_long_silence_a_new_key_signs_at_once(self, clock: Clock, alice: str, first: str) -> None:
        clock.move_to_offset(5 * I)

        assert signer(alice) == f"d-{clock.milliseconds}"
        assert published(FrontendClient()) == [f"d-{clock.milliseconds}"]

    def test_the_interval_is_a_setting(self, clock: Clock, alice: str, first: str) -> None:
        with supertokens_settings(SESSION={"SIGNING_KEY_ROTATION_INTERVAL": 7200}):
            clock.move_to_offset(7200 - O + 1)
            assert len(published(FrontendClient())) == 2
            clock.move_to_offset(7201)
            assert signer(alice) != first

    def test_the_key_for_other_services_never_changes(self, clock: Clock, alice: str, first: str) -> None:
        def static() -> list[str]:
            keys = json_of(FrontendClient().get("/auth/jwt/jwks.json"))["keys"]
            return [key["kid"] for key in keys if key["kid"].startswith("s-")]

        before = static()
        clock.move_to_offset(10 * I)

        assert static() == before
        assert len(before) == 1

    def test_nobody_is_signed_out_by_a_rotation(self, clock: Clock, frontend: FrontendClient) -> None:
        for _ in range(400):
            clock.advance(A * 0.9)
            assert frontend.get("/test/sync").status_code == 200
            frontend.refresh()

        assert frontend.get("/test/checked").status_code == 200


class TestAnUnknownKid:
    def test_the_keys_are_read_again_once(self, frontend: FrontendClient) -> None:
        """Another process may have made the key; this one asks the table, and only then gives up."""
        forged = with_claims(frontend.access_token, header={"kid": "d-1700000000000"})
        frontend.hold_access_token(forged)

        with sql_statements() as statements:
            assert_try_refresh_token(frontend.get("/test/sync"))

        assert len(statements) == 1

    @pytest.mark.parametrize(
        "kid", ["", "x", "d-", "d-12", "s-" + "a" * 100, "d-1700000000000' OR 1=1", "d-٣" * 7]
    )
    def test_what_cannot_be_a_kid_costs_no_query(self, frontend: FrontendClient, kid: str) -> None:
        frontend.hold_access_token(with_claims(frontend.access_token, header={"kid": kid}))

        with sql_statements() as statements:
            response = frontend.get("/test/sync")

        assert response.status_code == 401
        assert statements == []

    def test_a_process_that_has_just_started_reads_the_keys_once(self, frontend: FrontendClient) -> None:
        ring.forget()

        with sql_statements() as statements:
            assert frontend.get("/test/sync").status_code == 200
            assert frontend.get("/test/sync").status_code == 200

        assert len(statements) == 1


class TestTheSecretKey:
    NEW = "another secret key of at least fifty characters ####"

    def test_a_key_of_a_fallback_secret_goes_on_signing(self, clock: Clock, alice: str, first: str) -> None:
        with override_settings(SECRET_KEY=self.NEW, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            ring.forget()
            assert signer(alice) == first

    def test_a_key_of_a_lost_secret_still_verifies_and_a_new_one_signs(
        self, clock: Clock, frontend: FrontendClient, alice: str
    ) -> None:
        old = frontend.access_token_header["kid"]
        clock.advance(10)

        with override_settings(SECRET_KEY=self.NEW, SECRET_KEY_FALLBACKS=[]):
            ring.forget()
            assert frontend.get("/test/sync").status_code == 200
            assert signer(alice) != old
