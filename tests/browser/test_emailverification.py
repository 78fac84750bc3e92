"""The frontend SDK's e-mail verification against this backend: a link opened elsewhere, a claim that changes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core import mail

from tests.base import ALICE, supertokens_settings
from tests.browser.conftest import OpenFrontend
from tests.browser.frontend import Frontend


@pytest.fixture(autouse=True)
def _required(visitor: Frontend) -> Iterator[None]:
    with supertokens_settings(
        RECIPES=["emailpassword", "emailverification"], EMAILVERIFICATION={"MODE": "REQUIRED"}
    ):
        yield


def query_of_the_mail() -> str:
    """What the link of the only mail carries."""
    (message,) = mail.outbox
    (found,) = set(re.findall(r"/auth/verify-email(\?token=\w+&tenantId=\w+)", str(message.body)))
    return str(found)


def test_the_link_is_opened_in_another_browser(visitor: Frontend, open_frontend: OpenFrontend) -> None:
    visitor.sign_up(ALICE)
    refusal = {"message": "wrong value", "expectedValue": True, "actualValue": False}
    assert visitor.call("verifiedClaim") is False
    assert visitor.fetch("/api/me") == {
        "status": 403,
        "body": {
            "message": "invalid claim",
            "claimValidationErrors": [{"id": "st-ev", "reason": refusal}],
        },
    }
    assert [error["id"] for error in visitor.call("invalidClaims")] == ["st-ev"]
    assert visitor.call("sendVerificationEmail") == {"status": "OK"}

    phone = open_frontend()
    phone.page.goto(f"{phone.website}/{query_of_the_mail()}")
    assert phone.call("verifyEmail") == {"status": "OK"}
    assert phone.call("verifyEmail") == {"status": "EMAIL_VERIFICATION_INVALID_TOKEN_ERROR"}
    assert not phone.is_signed_in()

    assert visitor.call("isEmailVerified") == {"status": "OK", "isVerified": True}
    assert visitor.call("verifiedClaim") is True
    assert visitor.call("invalidClaims") == []
    assert visitor.fetch("/api/me")["status"] == 200
    assert visitor.call("sendVerificationEmail") == {"status": "EMAIL_ALREADY_VERIFIED_ERROR"}


def test_the_link_is_opened_in_the_same_browser(visitor: Frontend) -> None:
    visitor.sign_up(ALICE)
    visitor.call("sendVerificationEmail")
    visitor.page.goto(f"{visitor.website}/{query_of_the_mail()}")
    assert visitor.call("verifyEmail") == {"status": "OK"}
    assert visitor.call("verifiedClaim") is True
    assert visitor.fetch("/api/me")["status"] == 200
