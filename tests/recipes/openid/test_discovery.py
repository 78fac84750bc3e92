"""``GET /auth/.well-known/openid-configuration`` (OpenID Connect Discovery 1.0; FDI)."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from supertokens_django.services import openid
from supertokens_django.services import session as sessions
from tests.base import supertokens_settings
from tests.client import FrontendClient, Stack, decode_jwt, json_of, session_headers
from tests.cookies import set_cookies

PATH = "/auth/.well-known/openid-configuration"


def document(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/jwt/jwks.json",
        "authorization_endpoint": f"{issuer}/oauth/auth",
        "token_endpoint": f"{issuer}/oauth/token",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "token_introspection_endpoint": f"{issuer}/oauth/introspect",
        "end_session_endpoint": f"{issuer}/oauth/end_session",
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "id_token token"],
    }


def test_it_answers_anyone_with_the_whole_document(stack: Stack) -> None:
    response = FrontendClient(stack=stack).get(PATH, headers={"origin": "https://anywhere.example"})

    assert response.status_code == 200
    assert json_of(response) == {"status": "OK", **document("https://api.acme.com/auth")}
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert (set_cookies(response), session_headers(response)) == ({}, {})


@pytest.mark.parametrize(
    ("settings", "issuer"),
    [
        ({"API_DOMAIN": "http://localhost:8000"}, "http://localhost:8000/auth"),
        ({"API_GATEWAY_PATH": "/gateway"}, "https://api.acme.com/gateway/auth"),
        ({"API_BASE_PATH": "/"}, "https://api.acme.com"),
    ],
)
def test_its_urls_are_those_of_the_app(settings: dict[str, Any], issuer: str) -> None:
    with supertokens_settings(**settings):
        assert json_of(FrontendClient().get(PATH)) == {"status": "OK", **document(issuer)}


def test_its_key_url_leads_to_the_keys(frontend: FrontendClient) -> None:
    url = json_of(frontend.get(PATH))["jwks_uri"].removeprefix("https://api.acme.com")

    kids = [key["kid"] for key in json_of(frontend.get(url))["keys"]]

    assert frontend.access_token_header["kid"] in kids


def test_its_issuer_is_that_of_the_access_tokens(frontend: FrontendClient) -> None:
    assert json_of(frontend.get(PATH))["issuer"] == frontend.access_token_payload["iss"]


def test_the_service_gives_the_document_without_a_status() -> None:
    assert openid.get_open_id_discovery_configuration() == document("https://api.acme.com/auth")
    assert async_to_sync(openid.aget_open_id_discovery_configuration)() == document(
        "https://api.acme.com/auth"
    )
    assert sessions.get_open_id_discovery_configuration() == document("https://api.acme.com/auth")


class TestAnIssuerOfOnesOwn:
    def test_it_is_that_of_created_jwts_alone(self, frontend: FrontendClient) -> None:
        with supertokens_settings(OPENID={"ISSUER": "https://tunnel.example/auth"}):
            assert decode_jwt(openid.create_jwt({}, 60))[1]["iss"] == "https://tunnel.example/auth"
            assert json_of(frontend.get(PATH))["issuer"] == "https://api.acme.com/auth"
            frontend.refresh()
            assert frontend.access_token_payload["iss"] == "https://api.acme.com/auth"

    @pytest.mark.parametrize(
        ("given", "issuer"),
        [
            (" https://Tunnel.example/auth/ ", "https://tunnel.example/auth"),
            ("tunnel.example/auth", "https://tunnel.example/auth"),
            ("localhost:8000/auth", "http://localhost:8000/auth"),
        ],
    )
    def test_it_is_normalised(self, given: str, issuer: str) -> None:
        with supertokens_settings(OPENID={"ISSUER": given}):
            assert decode_jwt(openid.create_jwt({}, 60))[1]["iss"] == issuer

    @pytest.mark.parametrize("issuer", ["https://tunnel.example", "https://tunnel.example/other"])
    def test_its_path_must_be_ours(self, issuer: str) -> None:
        with (
            supertokens_settings(OPENID={"ISSUER": issuer}),
            pytest.raises(
                ImproperlyConfigured,
                match=r"The path of the issuer URL must be equal to the apiBasePath\. The default value is /auth",
            ),
        ):
            openid.create_jwt({}, 60)


class TestTheIssuerOfTheJwtsInsideAccessTokens:
    """A service that knows its URL alone finds a document that says so, and the keys."""

    TUNNEL: ClassVar[str] = "https://tunnel.example/auth"
    ON: ClassVar[dict[str, Any]] = {"JWT": {"ENABLE": True, "ISSUER": TUNNEL}}

    @pytest.mark.parametrize("host", ["tunnel.example", "TUNNEL.example:443", "10.0.0.7:8000", "localhost"])
    def test_at_any_other_host_everything_is_below_it(self, host: str, stack: Stack) -> None:
        with supertokens_settings(SESSION=self.ON):
            response = FrontendClient(host=host, stack=stack).get(PATH)

        assert json_of(response) == {"status": "OK", **document(self.TUNNEL)}
        assert response.headers["Access-Control-Allow-Origin"] == "*"

    @pytest.mark.parametrize("host", ["api.acme.com", "API.acme.com", "api.acme.com:443"])
    def test_at_the_host_of_the_api_nothing_changes(self, host: str) -> None:
        with supertokens_settings(SESSION=self.ON):
            assert json_of(FrontendClient(host=host).get(PATH)) == {
                "status": "OK",
                **document("https://api.acme.com/auth"),
            }

    def test_behind_a_proxy_that_speaks_http_the_host_of_the_api_is_still_known(self) -> None:
        with supertokens_settings(SESSION=self.ON):
            answer = json_of(FrontendClient(secure=False).get(PATH))

        assert answer["issuer"] == "https://api.acme.com/auth"

    def test_where_the_two_differ_in_the_scheme_alone_it_decides(self) -> None:
        with supertokens_settings(
            API_DOMAIN="http://localhost:8000",
            SESSION={"JWT": {"ENABLE": True, "ISSUER": "https://localhost:8000/auth"}},
        ):
            for secure, issuer in (
                (False, "http://localhost:8000/auth"),
                (True, "https://localhost:8000/auth"),
            ):
                browser = FrontendClient(host="localhost:8000", secure=secure)
                assert json_of(browser.get(PATH)) == {"status": "OK", **document(issuer)}

    @pytest.mark.parametrize("options", [{"ENABLE": False, "ISSUER": TUNNEL}, {"ENABLE": True}, {}])
    def test_without_one_every_host_is_told_that_of_the_api(self, options: dict[str, Any]) -> None:
        with supertokens_settings(SESSION={"JWT": options}):
            for host in ("api.acme.com", "tunnel.example"):
                answer = json_of(FrontendClient(host=host).get(PATH))
                assert answer == {"status": "OK", **document("https://api.acme.com/auth")}

    def test_the_key_set_is_the_same_at_every_host(self) -> None:
        with supertokens_settings(SESSION=self.ON):
            here, there = (
                json_of(FrontendClient(host=host).get("/auth/jwt/jwks.json"))
                for host in ("api.acme.com", "tunnel.example")
            )

        assert here == there

    @pytest.mark.parametrize("host", ["tunnel.example:99999", "[::1]:80", "tunnel.example."])
    def test_an_odd_host_is_answered(self, host: str) -> None:
        with supertokens_settings(SESSION=self.ON):
            assert json_of(FrontendClient(host=host).get(PATH))["issuer"] == self.TUNNEL

    @override_settings(ALLOWED_HOSTS=["api.acme.com"])
    def test_a_host_that_is_not_allowed_is_refused(self) -> None:
        with supertokens_settings(SESSION=self.ON):
            assert FrontendClient(host="mallory.example").get(PATH).status_code == 400

    def test_an_issuer_of_create_jwt_stays_out_of_it(self) -> None:
        with supertokens_settings(OPENID={"ISSUER": "https://other.example/auth"}, SESSION=self.ON):
            assert decode_jwt(openid.create_jwt({}, 60))[1]["iss"] == "https://other.example/auth"
            assert json_of(FrontendClient(host="other.example").get(PATH))["issuer"] == self.TUNNEL

    def test_the_service_gives_that_of_the_api(self) -> None:
        with supertokens_settings(SESSION=self.ON):
            assert openid.get_open_id_discovery_configuration() == document("https://api.acme.com/auth")


def test_other_methods_are_not_found() -> None:
    assert FrontendClient().post(PATH).status_code == 404


def test_it_can_be_disabled() -> None:
    with supertokens_settings(DISABLED_ENDPOINTS=["openid:configuration"]):
        assert FrontendClient().get(PATH).status_code == 404
