"""Whose word counts: a provider speaks for its own tenant, and about the address that it tells itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from supertokens_django.models import ThirdPartyProvider
from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.services import thirdparty
from tests.client import FrontendClient, json_of
from tests.flow.rows import every_row
from tests.idp import faults, lies
from tests.idp.personalities.base import Personality
from tests.idp.provider import IdentityProvider, serving
from tests.recipes.thirdparty.dance import CALLBACK, code_of, post, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def evil(oidc: IdentityProvider) -> Iterator[IdentityProvider]:
    """Whoever runs the tenant "evil" has configured a provider there, by an id that others have as well."""
    Tenant.objects.create(id="evil")
    with serving(Personality) as idp:
        client = idp.add_client(redirect_uris=[CALLBACK])
        thirdparty.create_or_update_third_party_config("evil", idp.settings(client))
        yield idp


class TestAnotherTenant:
    """Old frontends have a session take part in a sign-in, and its tenant take the place of that in the URL (FDI)."""

    def test_its_provider_cannot_say_who_somebody_is_here(
        self, oidc: IdentityProvider, evil: IdentityProvider, browser: FrontendClient
    ) -> None:
        victim = FrontendClient("header")
        sign_in(victim, oidc, oidc.add_account("865", "alice@example.com"))
        sign_in(browser, oidc, oidc.add_account("666", "mallory@example.com"))
        mallory = browser.user_id
        browser.fdi_version = "3.0"
        info = code_of(browser, evil, evil.add_account("865", "mallory@example.com"), tenant="evil")
        rows = every_row()
        answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info}, tenant="evil")
        assert json_of(answer)["status"] == "GENERAL_ERROR"
        assert browser.user_id == mallory != victim.user_id
        assert every_row() == rows
        # Nor was this tenant's secret sent where it does not belong.
        assert [recorded.path for recorded in evil.asked("token")] == []

    def test_nor_by_tokens_from_a_device(
        self, oidc: IdentityProvider, evil: IdentityProvider, browser: FrontendClient
    ) -> None:
        sign_in(browser, oidc, oidc.add_account("666", "mallory@example.com"))
        browser.fdi_version = "3.0"
        tokens = evil.issue(evil.add_account("865", "alice@example.com"), "acme", "openid email")
        answer = post(browser, {"thirdPartyId": "custom", "oAuthTokens": tokens}, tenant="evil")
        assert json_of(answer)["status"] == "GENERAL_ERROR"

    def test_a_provider_that_only_it_has_is_none_here(
        self, oidc: IdentityProvider, evil: IdentityProvider, browser: FrontendClient
    ) -> None:
        ThirdPartyProvider.objects.update(third_party_id="own")
        sign_in(browser, oidc, oidc.add_account("666", "mallory@example.com"))
        browser.fdi_version = "3.0"
        info = {"redirectURIOnProviderDashboard": CALLBACK, "redirectURIQueryParams": {"code": "x"}}
        answer = post(browser, {"thirdPartyId": "own", "redirectURIInfo": info}, tenant="evil")
        message = "the provider own could not be found in the configuration"
        assert (answer.status_code, json_of(answer)) == (400, {"message": message})

    def test_the_same_provider_in_both_signs_in_where_the_session_is(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        Tenant.objects.create(id="acme")
        client = next(iter(oidc.clients.values()))
        thirdparty.create_or_update_third_party_config("acme", oidc.settings(client))
        alice = oidc.add_account("865", "alice@example.com")
        sign_in(browser, oidc, alice)
        user_id, browser.fdi_version = browser.user_id, "3.0"
        assert json_of(sign_in(browser, oidc, alice, tenant="acme"))["status"] == "OK"
        assert (browser.user_id, browser.access_token_payload["tId"]) == (user_id, "public")


class TestVerified:
    def test_what_is_said_of_one_address_is_not_said_of_another(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        """The ID token has the last word on the address, and says nothing of whether it is verified."""
        oidc.lie(lies.claiming(email="boss@example.com", email_verified=None))
        answer = sign_in(browser, oidc, oidc.add_account("666", "mallory@example.com"))
        (method,) = json_of(answer)["user"]["loginMethods"]
        assert (method["email"], method["verified"]) == ("boss@example.com", False)

    @pytest.mark.parametrize(
        "answer", [{"email": "alice@example.com", "email_verified": True}, {"email_verified": "TRUE"}]
    )
    def test_of_the_same_address_it_is(
        self, oidc: IdentityProvider, browser: FrontendClient, answer: dict[str, Any]
    ) -> None:
        oidc.lie(lies.claiming(email_verified=None))
        oidc.fail("userinfo", faults.answers(200, json.dumps({"sub": "865", **answer})))
        found = json_of(sign_in(browser, oidc, oidc.add_account("865", "alice@example.com")))
        assert found["user"]["loginMethods"][0]["verified"] is True


def test_names_that_no_database_stores_are_mended(oidc: IdentityProvider, browser: FrontendClient) -> None:
    oidc.lie(lies.claiming(given_name="A\x00l\ud800ice", family_name="\udfff"))
    assert json_of(sign_in(browser, oidc, oidc.add_account("865", "alice@example.com")))["status"] == "OK"
    who = get_user_model().objects.get()
    assert (who.first_name, who.last_name) == ("Alice", "")
