"""``POST /signinup`` with the tokens that a provider gave to an app on a device."""

from __future__ import annotations

from typing import Any

import pytest

from tests.base import supertokens_settings
from tests.client import FrontendClient, json_of
from tests.idp.provider import IdentityProvider
from tests.recipes.thirdparty.dance import post, sign_in

pytestmark = pytest.mark.django_db


class TestTokensFromADevice:
    """``oAuthTokens``: what is not shown to be for a client of ours signs nobody in."""

    def tokens(self, idp: IdentityProvider) -> dict[str, str]:
        """What another frontend was given."""
        sign_in(FrontendClient("header"), idp, idp.add_account("865", "alice@example.com"))
        token = list(idp.tokens.values())[-1]
        return {"access_token": token.access_token, "id_token": idp.id_token(token)}

    def answer(self, tokens: dict[str, str]) -> Any:
        return json_of(post(FrontendClient("header"), {"thirdPartyId": "custom", "oAuthTokens": tokens}))[
            "status"
        ]

    def test_an_id_token_is_enough(self, oidc: IdentityProvider) -> None:
        tokens = self.tokens(oidc)
        assert self.answer({"id_token": tokens["id_token"]}) == "OK"
        assert self.answer(tokens) == "OK"

    def test_an_access_token_alone_is_not(
        self, oidc: IdentityProvider, caplog: pytest.LogCaptureFixture
    ) -> None:
        tokens = self.tokens(oidc)
        assert self.answer({"access_token": tokens["access_token"]}) == "GENERAL_ERROR"
        assert "for which client" in caplog.text

    def test_unless_the_project_can_tell(self, oidc: IdentityProvider) -> None:
        tokens = self.tokens(oidc)
        seen: list[Any] = []
        entry = oidc.settings(
            next(iter(oidc.clients.values())), validate_access_token=lambda *args: seen.append(args)
        )
        with supertokens_settings(THIRDPARTY={"PROVIDERS": [entry]}):
            assert self.answer({"access_token": tokens["access_token"]}) == "OK"
        assert seen[0][0] == tokens["access_token"]

    def test_an_id_token_may_be_for_another_client_of_ours(self, oidc: IdentityProvider) -> None:
        tokens = self.tokens(oidc)
        clients = [
            {"client_id": "acme", "client_type": "web"},
            {"client_id": "acme-ios", "client_type": "ios"},
        ]
        entry = oidc.settings(next(iter(oidc.clients.values())), clients=clients)
        body = {
            "thirdPartyId": "custom",
            "clientType": "ios",
            "oAuthTokens": {"id_token": tokens["id_token"]},
        }
        with supertokens_settings(THIRDPARTY={"PROVIDERS": [entry]}):
            assert json_of(post(FrontendClient("header"), body))["status"] == "OK"
            foreign = [{"client_id": "else", "client_type": "ios"}]
            entry = {**entry, "clients": foreign}
        with supertokens_settings(THIRDPARTY={"PROVIDERS": [entry]}):
            assert json_of(post(FrontendClient("header"), body))["status"] == "GENERAL_ERROR"
