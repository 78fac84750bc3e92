"""``GET /authorisationurl``."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import pytest

from supertokens_django.crypto.secrets import base64url
from supertokens_django.recipes.multitenancy.models import Tenant
from tests.base import supertokens_settings
from tests.client import FrontendClient, json_of
from tests.idp.provider import IdentityProvider
from tests.recipes.thirdparty.dance import CALLBACK, LOOPBACK, authorisation_url

pytestmark = pytest.mark.django_db

REDIRECT = "https%3A%2F%2Facme.com%2Fauth%2Fcallback%2Fcustom"
PROVIDER: dict[str, Any] = {
    "third_party_id": "custom",
    "authorization_endpoint": "https://id.example/authorize?brand=acme&scope=theirs",
    "token_endpoint": "https://id.example/token",
    "clients": [{"client_id": "acme", "client_secret": "s", "scope": ["openid", "e mail"]}],
}


class providers(supertokens_settings):
    """Configures these providers, each a dict or changes to the usual one."""

    def __init__(self, *configs: dict[str, Any]) -> None:
        found = [{**PROVIDER, **config} for config in configs]
        super().__init__(**LOOPBACK, THIRDPARTY={"PROVIDERS": found})


def url_of(browser: FrontendClient, **options: Any) -> str:
    return str(json_of(authorisation_url(browser, **options))["urlWithQueryParams"])


def test_the_url_has_its_parameters_in_the_order_of_the_interface(
    acme: None, browser: FrontendClient
) -> None:
    extra = {"included_grant_scopes": "true", "access_type": "offline", "prompt": None}
    with providers({"authorization_endpoint_query_params": extra}):
        answer = authorisation_url(browser)

    assert answer.status_code == 200
    assert json_of(answer) == {
        "status": "OK",
        "urlWithQueryParams": (
            f"https://id.example/authorize?brand=acme&scope=openid+e+mail&client_id=acme&redirect_uri={REDIRECT}"
            "&response_type=code&included_grant_scopes=true&access_type=offline"
        ),
        "pkceCodeVerifier": None,
    }


def test_a_parameter_of_the_interface_can_be_replaced_and_taken_away(
    acme: None, browser: FrontendClient
) -> None:
    changes = {"scope": None, "response_type": "code id_token"}
    config = {
        "authorization_endpoint": "https://id.example/a",
        "authorization_endpoint_query_params": changes,
    }
    with providers(config):
        assert url_of(browser) == (
            f"https://id.example/a?client_id=acme&redirect_uri={REDIRECT}&response_type=code+id_token"
        )


@pytest.mark.parametrize(
    "client", [{"client_id": "acme"}, {"client_id": "acme", "client_secret": "s", "force_pkce": True}]
)
def test_pkce_stands_between_scope_and_the_parameters_of_the_project(
    acme: None, browser: FrontendClient, client: dict[str, Any]
) -> None:
    config = {
        "authorization_endpoint": "https://id.example/a",
        "authorization_endpoint_query_params": {"x": "y"},
        "clients": [{**client, "scope": ["email"]}],
    }
    with providers(config):
        first, second = (json_of(authorisation_url(browser)) for _ in range(2))

    verifier = first["pkceCodeVerifier"]
    assert re.fullmatch(r"[\w-]{64}", verifier)
    challenge = base64url(sha256(verifier.encode()).digest())
    assert first["urlWithQueryParams"] == (
        f"https://id.example/a?client_id=acme&redirect_uri={REDIRECT}&response_type=code&scope=email"
        f"&code_challenge={challenge}&code_challenge_method=S256&x=y"
    )
    assert second["pkceCodeVerifier"] != verifier


def test_endpoints_that_are_left_out_are_those_of_the_discovery_document(
    oidc: IdentityProvider, browser: FrontendClient
) -> None:
    assert url_of(browser).startswith(oidc.url("/authorize?client_id=acme&"))
    assert url_of(browser).startswith(oidc.url("/authorize?"))
    assert len(oidc.asked("discovery")) == 1


class TestClients:
    CONFIG = {
        "clients": [
            {"client_id": "of-the-web", "client_secret": "s", "client_type": "web"},
            {"client_id": "of-ios", "client_type": "ios"},
        ]
    }

    @pytest.mark.parametrize(("client_type", "client_id"), [("web", "of-the-web"), ("ios", "of-ios")])
    def test_the_frontend_says_which_it_means(
        self, acme: None, browser: FrontendClient, client_type: str, client_id: str
    ) -> None:
        with providers(self.CONFIG):
            assert f"client_id={client_id}&" in url_of(browser, client_type=client_type)

    @pytest.mark.parametrize(
        ("client_type", "message"),
        [
            (None, "the provider custom has several clients; please provide the clientType"),
            ("android", "the provider custom has no client with the clientType android"),
        ],
    )
    def test_it_has_to_say_one_that_is_there(
        self, acme: None, browser: FrontendClient, client_type: str | None, message: str
    ) -> None:
        with providers(self.CONFIG):
            answer = authorisation_url(browser, client_type=client_type)
        assert (answer.status_code, json_of(answer)) == (400, {"message": message})

    def test_one_without_a_type_is_found_without_one(self, acme: None, browser: FrontendClient) -> None:
        with providers({}):
            assert "client_id=acme" in url_of(browser)
            assert authorisation_url(browser, client_type="web").status_code == 400

    def test_credentials_are_asked_when_they_are_needed(
        self, acme: None, browser: FrontendClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with providers({"clients": [{"client_id": {"env": "TEST_CLIENT_ID"}, "client_secret": lambda: "s"}]}):
            refused = authorisation_url(browser)
            monkeypatch.setenv("TEST_CLIENT_ID", "of-the-environment")
            assert "client_id=of-the-environment&" in url_of(browser)
        assert json_of(refused)["status"] == "GENERAL_ERROR"


class TestBadInput:
    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("", "Please provide the thirdPartyId as a GET param"),
            (f"redirectURIOnProviderDashboard={REDIRECT}", "Please provide the thirdPartyId as a GET param"),
            ("thirdPartyId=custom", "Please provide the redirectURIOnProviderDashboard as a GET param"),
            (
                f"thirdPartyId=google&redirectURIOnProviderDashboard={REDIRECT}",
                "the provider google could not be found in the configuration",
            ),
        ],
    )
    def test_it_is_400_with_the_text_of_the_interface(
        self, acme: None, browser: FrontendClient, query: str, message: str
    ) -> None:
        with providers({}):
            answer = browser.call_recipe("GET", f"/auth/authorisationurl?{query}", rid="thirdparty")
        assert (answer.status_code, json_of(answer)) == (400, {"message": message})

    def test_without_any_endpoint_the_user_reads_a_calm_text(
        self, acme: None, browser: FrontendClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        with providers({"authorization_endpoint": None, "name": "Acme ID"}):
            answer = authorisation_url(browser)
        message = "Signing in with Acme ID did not work. Please try again or use another way."
        assert json_of(answer) == {"status": "GENERAL_ERROR", "message": message}
        assert [record.getMessage() for record in caplog.records] == [
            "Third-party login with custom is misconfigured: has no authorization_endpoint"
        ]


class TestTenants:
    @pytest.fixture(autouse=True)
    def _acme(self, acme: None) -> None:
        Tenant.objects.create(id="acme")

    def test_public_may_be_named(self, browser: FrontendClient) -> None:
        with providers({}):
            assert url_of(browser, tenant="public") == url_of(browser)

    def test_another_one_has_what_is_meant_for_it(self, browser: FrontendClient) -> None:
        with providers({"include_in_non_public_tenants_by_default": True}):
            assert url_of(browser, tenant="acme") == url_of(browser)

    def test_another_one_has_nothing_else_of_the_settings(self, browser: FrontendClient) -> None:
        with providers({}):
            answer = authorisation_url(browser, tenant="acme")
        assert json_of(answer) == {"message": "the provider custom could not be found in the configuration"}

    def test_an_unknown_one_is_400(self, browser: FrontendClient) -> None:
        with providers({}):
            answer = authorisation_url(browser, tenant="nobody")
        assert answer.status_code == 400
        assert json_of(answer) == {"message": "Tenant with the following tenantId not found: nobody"}


@pytest.mark.parametrize(
    "rid",
    ["thirdparty", "thirdpartyemailpassword", "thirdpartypasswordless", "anti-csrf", "session", "random"],
)
def test_the_recipe_id_is_a_hint_at_most(acme: None, browser: FrontendClient, rid: str) -> None:
    with providers({}):
        assert authorisation_url(browser, rid=rid).status_code == 200


def test_a_disabled_endpoint_and_one_of_a_recipe_that_is_off_are_404(
    acme: None, browser: FrontendClient
) -> None:
    with providers({}), supertokens_settings(DISABLED_ENDPOINTS=["thirdparty:authorisationurl"]):
        assert authorisation_url(browser).status_code == 404
    with providers({}), supertokens_settings(RECIPES=["emailpassword"]):
        assert authorisation_url(browser).status_code == 404
    with providers({}):
        assert browser.call_recipe("POST", "/auth/authorisationurl", rid="thirdparty").status_code == 404


def test_the_callback_is_the_frontends_business(acme: None, browser: FrontendClient) -> None:
    with providers({}):
        assert "redirect_uri=com.acme.app%3A%2Fback&" in url_of(browser, redirect_uri="com.acme.app:/back")
    assert CALLBACK
