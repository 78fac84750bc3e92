"""Whatever comes in at third-party login, a documented answer goes out and nothing is half-written."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from urllib.parse import quote_plus

import pytest
from django.http import HttpResponseBase
from hypothesis import example, given
from hypothesis import strategies as st

from tests.base import supertokens_settings
from tests.client import FrontendClient
from tests.flow.rows import writing_statements
from tests.properties import strategies
from tests.properties.strategies import TROUBLE
from tests.properties.test_bad_input import many, undone
from tests.recipes.thirdparty.dance import LOOPBACK

pytestmark = pytest.mark.django_db

NOWHERE = "http://127.0.0.1:1"
"""Nobody listens there, so that it is known at once."""
PROVIDER = {
    "third_party_id": "custom",
    "authorization_endpoint": f"{NOWHERE}/authorize",
    "token_endpoint": f"{NOWHERE}/token",
    "user_info_endpoint": f"{NOWHERE}/user",
    "jwks_uri": f"{NOWHERE}/jwks",
    "clients": [{"client_id": "acme", "client_secret": "s"}, {"client_id": "ios", "client_type": "ios"}],
}
PLACES = [
    "%s",
    '{"thirdPartyId": %s}',
    '{"thirdPartyId": "custom", "redirectURIInfo": %s}',
    '{"thirdPartyId": "custom", "oAuthTokens": %s}',
    '{"thirdPartyId": "custom", "clientType": %s, "oAuthTokens": {"id_token": "x"}}',
    '{"thirdPartyId": "custom", "clientType": "ios", "oAuthTokens": {"id_token": %s}}',
    '{"thirdPartyId": "custom", "clientType": "ios", "oAuthTokens": {"access_token": %s}}',
    '{"thirdPartyId": "custom", "clientType": "ios", "oAuthTokens": {"id_token": "x"}, '
    '"shouldTryLinkingWithSessionUser": %s}',
    '{"thirdPartyId": "custom", "clientType": "ios", "redirectURIInfo": '
    '{"redirectURIOnProviderDashboard": %s, "redirectURIQueryParams": {"code": "x"}}}',
    '{"thirdPartyId": "custom", "clientType": "ios", "redirectURIInfo": '
    '{"redirectURIOnProviderDashboard": "https://acme.com", "redirectURIQueryParams": %s}}',
    '{"thirdPartyId": "custom", "clientType": "ios", "redirectURIInfo": '
    '{"redirectURIOnProviderDashboard": "https://acme.com", "redirectURIQueryParams": {"code": %s}}}',
    '{"thirdPartyId": "custom", "clientType": "ios", "redirectURIInfo": {"redirectURIOnProviderDashboard": '
    '"https://acme.com", "redirectURIQueryParams": {"code": "x"}, "pkceCodeVerifier": %s}}',
]


@pytest.fixture
def client(acme: None) -> Iterator[FrontendClient]:
    """A client whose server errors reach the test as exceptions; the provider does not answer."""
    with supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": [PROVIDER]}):
        yield FrontendClient("cookie")


def judge(send: Callable[[], HttpResponseBase], statuses: set[int]) -> None:
    """Send, and compare the answer and the database with what is documented; nobody gets in here."""
    with undone(), writing_statements() as written:
        response = send()
    assert response.status_code in statuses
    assert written == []
    if response.status_code in (200, 400):
        body = json.loads(response.content)  # type: ignore[attr-defined]
        assert isinstance(body["message"] if response.status_code == 400 else body["status"], str)


class TestSignInUp:
    @many
    @given(body=strategies.bodies)
    def test_any_body_gets_a_documented_answer(self, client: FrontendClient, body: bytes) -> None:
        judge(lambda: client.request("POST", "/auth/signinup", body=body), {200, 400, 401})

    @many
    @given(place=st.sampled_from(PLACES), value=strategies.json_texts)
    def test_any_value_in_any_place(self, client: FrontendClient, place: str, value: str) -> None:
        body = place.replace("%s", value).encode("utf-8", "surrogatepass")
        judge(lambda: client.request("POST", "/auth/signinup", body=body), {200, 400, 401})

    @pytest.mark.parametrize("place", PLACES)
    def test_every_known_troublemaker_in_every_place(self, client: FrontendClient, place: str) -> None:
        for trouble in TROUBLE:
            body = place.replace("%s", trouble).encode("utf-8", "surrogatepass")
            judge(lambda body=body: client.request("POST", "/auth/signinup", body=body), {200, 400, 401})  # type: ignore[misc]

    @many
    @given(token=strategies.tokens)
    def test_any_token_of_a_device(self, client: FrontendClient, token: str) -> None:
        tokens = {"id_token": token, "access_token": token}
        body = {"thirdPartyId": "custom", "clientType": "ios", "oAuthTokens": tokens}
        raw = json.dumps(body).encode()
        judge(lambda: client.request("POST", "/auth/signinup", body=raw), {200, 400})


@many
@given(name=strategies.any_text, client_type=strategies.any_text, target=strategies.any_text)
@example(name="custom", client_type="ios", target="\x00")
@example(name="custom", client_type="ios", target="a" * 100_000)
@example(name="custom", client_type="ios", target="javascript:alert(1)")
@example(name="custom\x00", client_type="ios", target="x")
def test_any_query_gets_a_documented_answer(
    client: FrontendClient, name: str, client_type: str, target: str
) -> None:
    values = [quote_plus(text, errors="replace") for text in (name, client_type, target)]
    query = "thirdPartyId={}&clientType={}&redirectURIOnProviderDashboard={}".format(*values)
    judge(lambda: client.get(f"/auth/authorisationurl?{query}"), {200, 400})


@many
@given(state=st.one_of(strategies.any_text, strategies.json_texts), field=strategies.any_text)
@example(state='{"frontendRedirectURI": "https://acme.com/auth/callback/apple"}', field="\r\nX: y")
@example(state='{"frontendRedirectURI": "https://[acme.com/auth/callback/apple"}', field="x")
@example(state='{"frontendRedirectURI": "https://acme.com/auth/callback/apple\\u0000"}', field="x")
@example(state='{"frontendRedirectURI": "https://acme.com/auth/callback/\\ud800"}', field="x")
def test_any_form_of_apple_gets_a_documented_answer(client: FrontendClient, state: str, field: str) -> None:
    for text in (state, base64.b64encode(state.encode("utf-8", "replace")).decode()):
        encoded = [quote_plus(part, errors="replace") for part in (text, field, field)]
        body = "state={}&code={}&{}=x".format(*encoded).encode()

        def send(body: bytes = body) -> HttpResponseBase:
            form = "application/x-www-form-urlencoded"
            return client.request("POST", "/auth/callback/apple", body=body, content_type=form)

        judge(send, {303, 400})
