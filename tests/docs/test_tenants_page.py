"""What docs/recipes/multitenancy.md says of tenants, over the wire."""

from __future__ import annotations

import pytest

from supertokens_django.models import Tenant
from tests.base import ALICE, BOB
from tests.client import FrontendClient, Mode, json_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stage(acme: None) -> None:
    Tenant.objects.get_or_create(id="acme")


def test_one_address_in_two_tenants_is_two_accounts(mode: Mode) -> None:
    here, there = FrontendClient(mode), FrontendClient(mode)
    here.sign_up(ALICE.email, ALICE.password)
    there.sign_up(ALICE.email, BOB.password, tenant="Acme")
    assert here.user_id != there.user_id
    assert (here.access_token_payload["tId"], there.access_token_payload["tId"]) == ("public", "acme")
    refused = FrontendClient(mode).sign_in(ALICE.email, ALICE.password, tenant="acme")
    assert json_of(refused)["status"] == "WRONG_CREDENTIALS_ERROR"


def test_refresh_and_sign_out_need_no_segment(mode: Mode) -> None:
    browser = FrontendClient(mode)
    browser.sign_up(ALICE.email, ALICE.password, tenant="acme")
    assert browser.refresh().status_code == 200
    assert browser.access_token_payload["tId"] == "acme"
    assert json_of(browser.sign_out()) == {"status": "OK"}


def test_public_may_be_named_or_left_out(mode: Mode) -> None:
    browser = FrontendClient(mode)
    browser.sign_up(ALICE.email, ALICE.password)
    assert json_of(browser.sign_in(ALICE.email, ALICE.password, tenant="public"))["status"] == "OK"
