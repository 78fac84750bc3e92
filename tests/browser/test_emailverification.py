"""Verified addresses, with the frontend SDK's EmailVerification recipe as it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.base import ALICE, Clock, supertokens_settings
from tests.browser.conftest import OpenFrontend
from tests.browser.frontend import Frontend
from tests.mail import outbox
from tests.recipes.emailverification.verification import (
    ALREADY_VERIFIED,
    INVALID_TOKEN,
    NOT_VERIFIED,
    OK,
    REFUSED,
    VERIFIED,
    link_in,
    the_mail,
)

REFETCH_SECONDS = 11
"""For ten a "not verified" is believed."""
CLAIM = [{"id": "st-ev", "reason": REFUSED["claimValidationErrors"][0]["reason"]}]


@pytest.fixture(autouse=True)
def _recipe_is_on(api: str) -> Iterator[None]:
    with supertokens_settings(
        RECIPES=["emailpassword", "emailverification"], EMAILVERIFICATION={"MODE": "REQUIRED"}
    ):
        yield


@pytest.fixture
def member(visitor: Frontend) -> Frontend:
    """Alice, signed up: signed in, and not let in. The clock of her browser is the test's."""
    visitor.context.clock.install()
    visitor.page.reload()
    assert visitor.sign_up(ALICE)["status"] == "OK"
    return visitor


@pytest.fixture
def phone(open_frontend: OpenFrontend) -> Frontend:
    """Another browser, in which nobody is signed in."""
    return open_frontend()


def verify_on(frontend: Frontend) -> None:
    frontend.page.goto(link_in(the_mail()))
    assert frontend.call("verifyEmail") == OK


def test_the_link_lets_in_at_once_where_the_session_is(member: Frontend) -> None:
    assert member.call("verifiedClaim") is False
    assert member.call("invalidClaims") == CLAIM
    assert member.fetch("/api/me") == {"status": 403, "body": REFUSED}
    assert member.call("isEmailVerified") == NOT_VERIFIED
    assert member.call("sendVerificationEmail") == OK

    verify_on(member)

    assert member.call("verifiedClaim") is True
    assert member.call("invalidClaims") == []
    assert member.fetch("/api/me")["status"] == 200
    assert member.call("isEmailVerified") == VERIFIED
    assert member.call("sendVerificationEmail") == ALREADY_VERIFIED
    assert len(outbox()) == 1


def test_the_frontend_sees_after_ten_seconds_what_another_browser_did(
    member: Frontend, phone: Frontend
) -> None:
    member.call("sendVerificationEmail")
    verify_on(phone)
    assert not phone.is_signed_in()
    member.forget_traffic()

    assert member.call("invalidClaims") == CLAIM
    assert member.traffic == []
    member.page.clock.fast_forward(REFETCH_SECONDS * 1000)

    assert member.call("invalidClaims") == []
    assert member.call("verifiedClaim") is True
    assert member.traffic == ["GET /auth/user/email/verify 200"]


def test_the_backend_sees_after_ten_seconds_what_another_browser_did(
    member: Frontend, phone: Frontend, server_clock: Clock
) -> None:
    member.call("sendVerificationEmail")
    verify_on(phone)

    assert member.fetch("/api/me") == {"status": 403, "body": REFUSED}
    server_clock.advance(REFETCH_SECONDS)

    assert member.fetch("/api/me")["status"] == 200
    assert member.call("verifiedClaim") is True


def test_a_link_works_once(member: Frontend, phone: Frontend) -> None:
    member.call("sendVerificationEmail")
    verify_on(phone)
    assert phone.call("verifyEmail") == INVALID_TOKEN


def test_a_link_that_has_expired(member: Frontend, server_clock: Clock) -> None:
    member.call("sendVerificationEmail")
    server_clock.advance(24 * 3600 + 1)
    member.page.goto(link_in(the_mail()))
    assert member.call("verifyEmail") == INVALID_TOKEN
    assert member.call("isEmailVerified") == NOT_VERIFIED
