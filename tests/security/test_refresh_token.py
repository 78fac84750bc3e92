"""Refresh tokens of somebody who knows more than a stranger."""

from __future__ import annotations

import secrets

import pytest

from supertokens_django.crypto.secrets import base64url, macs
from supertokens_django.recipes.multitenancy.models import Tenant
from tests.assertions import assert_json, assert_unauthorised_and_cleared
from tests.base import ACME, Clock, supertokens_settings
from tests.client import FrontendClient


def sealed(handle: str, generation: int) -> str:
    """A token made with SECRET_KEY alone; what the row has is guessed."""
    binding = secrets.token_bytes(32)
    seal = macs("refresh token", f"{handle}.{generation}.{binding.hex()}")[0]
    return f"{handle}.{generation}.{base64url(seal + binding)}"


class TestWhoHasTheSecretKeyAlone:
    @pytest.mark.parametrize("generation", [0, 1, 2, 999_999_999])
    def test_gets_no_session(self, clock: Clock, frontend: FrontendClient, generation: int) -> None:
        frontend.refresh()
        mallory = frontend.clone()
        mallory.hold_refresh_token(sealed(frontend.session_handle, generation))

        assert_unauthorised_and_cleared(mallory.refresh())

    def test_cannot_make_the_owner_look_robbed(self, clock: Clock, frontend: FrontendClient) -> None:
        for _ in range(3):
            frontend.refresh()
        mallory = frontend.clone()
        mallory.hold_refresh_token(sealed(frontend.session_handle, 0))
        mallory.refresh()

        clock.advance(3600)

        assert_json(frontend.refresh(), 200, {})


@pytest.mark.parametrize("suffix", ["", "_public", f"_{ACME}", f"_{ACME}_x"])
def test_a_token_cannot_be_taken_to_another_tenant(browser: FrontendClient, alice: str, suffix: str) -> None:
    Tenant.objects.create(id="other")
    browser.post("/test/login", {"userId": alice, "tenantId": "other"})
    handle, generation, mac = (browser.refresh_token or "").split(".")
    assert handle.endswith("_other")
    mallory = browser.clone()
    mallory.hold_refresh_token(f"{handle.removesuffix('_other')}{suffix}.{generation}.{mac}")

    assert_unauthorised_and_cleared(mallory.refresh())
    assert_json(browser.refresh(), 200, {})


def test_a_token_without_its_anti_csrf_token_ends_nothing(clock: Clock, alice: str) -> None:
    """What a cross-site request would be; an old token sent so is not taken for theft either."""
    with supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"}):
        browser = FrontendClient("cookie")
        browser.post("/test/login", {"userId": alice})
        forged = browser.clone()
        browser.refresh()
        clock.advance(60)

        assert_unauthorised_and_cleared(forged.refresh(headers={"anti-csrf": None}))
        assert_json(browser.refresh(), 200, {})
