"""The pages of the built-in providers say what the code does, and their settings work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core import checks
from django.urls import reverse

from supertokens_django.recipes.thirdparty.configuration import ENDPOINTS, ClientConfig, ProviderConfig
from supertokens_django.recipes.thirdparty.providers.base import Provider
from supertokens_django.recipes.thirdparty.providers.boxy_saml import PATHS, BoxySAML
from supertokens_django.recipes.thirdparty.providers.catalogue import BUILT_IN
from supertokens_django.recipes.thirdparty.providers.okta import Okta
from supertokens_django.recipes.thirdparty.providers.values import WELL_KNOWN
from supertokens_django.services import thirdparty
from tests.client import FrontendClient, json_of
from tests.docs.conftest import ProjectOf
from tests.docs.project import Project
from tests.docs.snippets import text_of
from tests.recipes.thirdparty.providers.test_devices import TELLING, WITH_ID_TOKENS
from tests.recipes.thirdparty.providers.test_sign_in import CASES

TABLE = "docs/recipes/thirdparty-providers.md"
PAGES = tuple(f"docs/recipes/thirdparty-{name}.md" for name in ("providers", "google", "github", "apple"))


def rows(heading: str) -> dict[str, list[str]]:
    """A table of the page: its rows by their first cell."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", text_of(TABLE), re.M | re.S)
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in re.findall(r"^\|.*\|$", section, re.M)
    ]
    return {row[0].strip("`"): row[1:] for row in cells[2:]}


@pytest.fixture(params=BUILT_IN, ids=lambda one: one.prefix)
def built_in(request: pytest.FixtureRequest) -> type[Provider]:
    found: type[Provider] = request.param
    return found


def test_the_table_lists_the_providers_in_the_order_of_the_code() -> None:
    ids = [one.prefix for one in BUILT_IN]
    assert list(rows("All of them")) == list(rows("The endpoints")) == ids


def test_name_scope_and_needs_are_those_of_the_code(built_in: type[Provider]) -> None:
    name, needs, scope, *_ = rows("All of them")[built_in.prefix]
    keys = [f"`{key}`" if key in built_in.required_keys else f"(`{key}`)" for key in built_in.additional_keys]
    assert (name, needs) == (built_in.name, ", ".join(keys) or "–")
    assert scope == (f"`{' '.join(built_in.scope)}`" if built_in.scope else "–")


def test_who_tells_of_verified_emails_is_what_the_tests_have_seen(built_in: type[Provider]) -> None:
    told = rows("All of them")[built_in.prefix][3]
    seen = {case.third_party_id: case.is_verified for case in CASES} | {"apple": True}
    if built_in.prefix == "twitter":
        assert told == "made up"
        assert built_in.defaults["require_email"] is False
    elif built_in is BoxySAML:
        assert (told, seen["boxy-saml"]) == ("as told, mostly not", False)
    else:
        assert told == ("as told" if seen[built_in.prefix] else "never said")


def test_tokens_of_devices_are_those_that_the_tests_have_seen(built_in: type[Provider]) -> None:
    told = rows("All of them")[built_in.prefix][4]
    by_id_token = {"apple", *(one.third_party_id for one in WITH_ID_TOKENS)}
    by_access_token = {one.third_party_id for one in TELLING}
    kinds = [
        *(["ID token"] if built_in.prefix in by_id_token else []),
        *(["access token"] if built_in.prefix in by_access_token else []),
    ]
    assert told == (", ".join(kinds) or "–")
    is_overridden = built_in.verify_access_token_audience is not Provider.verify_access_token_audience
    assert is_overridden is (built_in.prefix in by_access_token)


def test_the_endpoints_are_those_of_the_code(built_in: type[Provider]) -> None:
    listed = re.findall(r"`([^`]+)`", rows("The endpoints")[built_in.prefix][0])
    assert listed == endpoints_of(built_in)


def endpoints_of(built_in: type[Provider]) -> list[str]:
    """As they come out, the project's own parts in braces."""
    stand_ins = {
        "boxyURL": "https://boxy.example",
        "oktaDomain": "https://okta.example",
        "directoryId": "DIRECTORY",
    }
    given = {name: stand_ins[name] for name in built_in.required_keys if name in stand_ins}
    client = ClientConfig("acme", additional_config=given)
    config = built_in(ProviderConfig(built_in.prefix, clients=(client,)), client).config
    found = [value for name in ENDPOINTS if (value := getattr(config, name))]
    for name, stand_in in given.items():
        found = [endpoint.replace(stand_in, f"{{{name}}}") for endpoint in found]
    return found


def test_the_pages_name_what_is_asked_below_the_addresses() -> None:
    assert list(PATHS.values()) == ["/api/oauth/authorize", "/api/oauth/token", "/api/oauth/userinfo"]
    assert WELL_KNOWN in rows("The endpoints")[Okta.prefix][0]


class TestSettings:
    @pytest.fixture
    def variables(self, monkeypatch: pytest.MonkeyPatch) -> str:
        """The environment that the pages speak of; gives Apple's key."""
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        for page in PAGES:
            for name in re.findall(r'\{"env": "(\w+)"\}', text_of(page)):
                monkeypatch.setenv(name, pem if name == "APPLE_KEY" else f"value of {name}")
        return pem

    @pytest.mark.parametrize("page", PAGES)
    def test_each_block_gives_providers_that_can_be_used(
        self, page: str, project_of: ProjectOf, variables: str, db: None
    ) -> None:
        project = project_of(page)
        blocks = project.snippets_of_settings()
        assert blocks
        for block in blocks:
            with project.running(block):
                assert [one for one in checks.run_checks() if "PROVIDERS" in one.msg] == []
                for config in thirdparty.list_provider_configs("public"):
                    for client in config.clients:
                        found = thirdparty.get_provider("public", config.third_party_id, client.client_type)
                        assert type(found) in BUILT_IN
                        assert found is not None
                        assert found.client == client
                        needs_no_secret = client.client_type == "ios" and config.third_party_id == "google"
                        assert (found.client_secret() is None) is needs_no_secret

    def url(self, project: Project, text: str, third_party_id: str, client_type: str = "") -> Any:
        with project.running(project.settings_with(text)):
            query = f"thirdPartyId={third_party_id}&redirectURIOnProviderDashboard=https://acme.com/x"
            query += f"&clientType={client_type}" if client_type else ""
            browser = FrontendClient("cookie")
            return json_of(browser.call_recipe("GET", f"/auth/authorisationurl?{query}", rid="thirdparty"))

    def test_the_website_of_github_leads_there(self, project_of: ProjectOf, variables: str, db: None) -> None:
        project = project_of("docs/recipes/thirdparty-github.md")
        answer = self.url(project, "GITHUB_MOBILE_SECRET", "github", "web")
        assert answer == {
            "status": "OK",
            "urlWithQueryParams": "https://github.com/login/oauth/authorize?client_id=Ov23li4711"
            "&redirect_uri=https%3A%2F%2Facme.com%2Fx&response_type=code&scope=read%3Auser+user%3Aemail",
            "pkceCodeVerifier": None,
        }
        mobile = self.url(project, "GITHUB_MOBILE_SECRET", "github", "mobile")
        assert "client_id=Ov23li4712&" in mobile["urlWithQueryParams"]
        assert len(mobile["pkceCodeVerifier"]) == 64

    def test_an_enterprise_server_is_asked_itself(
        self, project_of: ProjectOf, variables: str, db: None
    ) -> None:
        project = project_of("docs/recipes/thirdparty-github.md")
        answer = self.url(project, "GITHUB_ACME_SECRET", "github-acme")
        assert answer["urlWithQueryParams"].startswith("https://github.acme.com/login/oauth/authorize?")

    def test_the_key_of_apple_signs_for_both_clients(
        self, project_of: ProjectOf, variables: str, db: None
    ) -> None:
        project = project_of("docs/recipes/thirdparty-apple.md")
        with project.running(project.settings_with("APPLE_KEY")):
            for client_type, client_id in (("web", "com.acme.web"), ("ios", "com.acme.app")):
                found = thirdparty.get_provider("public", "apple", client_type)
                assert found is not None
                secret = jwt.decode(found.client_secret() or "", options={"verify_signature": False})
                assert (secret["iss"], secret["sub"]) == ("DEF123GHIJ", client_id)
                assert secret["exp"] - secret["iat"] == 300

    def test_the_domain_of_google_s_page_is_asked_for(
        self, project_of: ProjectOf, variables: str, db: None
    ) -> None:
        project = project_of("docs/recipes/thirdparty-google.md")
        with project.running(project.settings_with('"hd"')):
            found = thirdparty.get_provider("public", "google-workspaces")
        assert found is not None
        assert (found.config.authorization_endpoint_query_params or {})["hd"] == "acme.com"


@pytest.fixture
def callback_of_apple(project_of: ProjectOf) -> Iterator[str]:
    project = project_of("docs/recipes/thirdparty-apple.md")
    with project.running(project.settings_with("APPLE_KEY")):
        yield reverse("thirdparty:callback_apple")


def test_the_callback_of_apple_is_where_the_page_says(callback_of_apple: str) -> None:
    assert callback_of_apple == "/auth/callback/apple"
    for page in (TABLE, "docs/recipes/thirdparty-apple.md"):
        assert f"`https://api.acme.com{callback_of_apple}`" in text_of(page)
