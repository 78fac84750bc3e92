"""A provider that is down, slow or lying, and clients that play with codes: a calm answer, and nothing happens."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponseBase

from supertokens_django.recipes.session.models import Session
from supertokens_django.recipes.thirdparty.exceptions import ProviderFailure
from supertokens_django.recipes.thirdparty.models import ProviderTokens
from supertokens_django.recipes.thirdparty.providers.base import Provider
from supertokens_django.services import thirdparty
from supertokens_django.users.models import LoginMethod, User, VerifiedEmail
from tests.assertions import assert_json
from tests.base import supertokens_settings
from tests.client import FrontendClient, json_of, session_headers
from tests.cookies import set_cookies
from tests.idp import faults, lies
from tests.idp.faults import Fault, answers, oauth_error
from tests.idp.lies import Lie, claiming
from tests.idp.personalities.base import Personality
from tests.idp.provider import IdentityProvider, serving
from tests.idp.records import Account
from tests.recipes.thirdparty.dance import CALLBACK, LOOPBACK, authorisation_url, code_of, post, sign_in

pytestmark = pytest.mark.django_db

SORRY = {
    "status": "GENERAL_ERROR",
    "message": "Signing in with Custom did not work. Please try again or use another way.",
}
TABLES = (User, LoginMethod, VerifiedEmail, Session, ProviderTokens)

FAULTS: dict[str, Fault] = {
    "down": faults.down,
    "an error": faults.server_error,
    "unavailable": faults.unavailable,
    "a page": faults.html,
    "a huge answer": faults.huge,
    "deep JSON": faults.deep,
    "a list": faults.a_list,
    "an empty object": faults.empty,
    "forbidden": faults.forbidden,
    "a redirect elsewhere": faults.redirect_elsewhere,
    "nothing": answers(200, ""),
    "no content": answers(204, ""),
    "null": answers(200, "null"),
    "a text": answers(200, '"hello"'),
    "a number": answers(200, "17"),
    "bytes that are no text": answers(200, b'{"sub": "\xff"}'),
    "another charset": answers(200, "{}", "application/json; charset=klingon"),
}  # fmt: skip
TOKEN_FAULTS: dict[str, Fault] = {
    **FAULTS,
    "an error of OAuth": oauth_error("invalid_grant", "The code was used."),
    "an error with status 200": oauth_error("invalid_client", status=200),
    "an error of another kind": answers(400, '{"error": {"message": "no", "code": 100}}'),
    "an error that is a number": answers(400, '{"error": 7, "error_description": []}'),
    "an access token that is a number": answers(200, '{"access_token": 7}'),
    "an access token that is null": answers(200, '{"access_token": null, "token_type": "Bearer"}'),
    "an access token that is empty": answers(200, '{"access_token": ""}'),
    "an access token with a line break": answers(200, '{"access_token": "a\\r\\nX-Evil: 1"}'),
    "an access token in letters": answers(200, '{"access_token": "\\u00e4\\ud83d\\ude00"}'),
    "an access token that is half a letter": answers(200, '{"access_token": "\\ud800"}'),
    "an ID token that is a number": answers(200, '{"access_token": "x", "id_token": 7}'),
    "an ID token that is a list": answers(200, '{"id_token": ["a.b.c"]}'),
    "a lifetime that is a text": answers(200, '{"access_token": "x", "expires_in": "soon"}'),
    "a lifetime that is endless": answers(200, '{"access_token": "x", "expires_in": 1e999}'),
    "a type of token": answers(200, '{"access_token": "x", "token_type": "mac"}'),
}
USER_FAULTS: dict[str, Fault] = {
    **FAULTS,
    "somebody else": answers(200, '{"sub": "somebody-else", "email": "bob@example.com"}'),
    "a user without an id": answers(200, '{"sub": null, "email": "alice@example.com"}'),
    "a user id that is a list": answers(200, '{"sub": ["1"], "email": "alice@example.com"}'),
    "a user id that is too long": answers(200, '{"sub": "%s", "email": "a@example.com"}' % ("1" * 300)),
    "a user id with a null byte": answers(200, '{"sub": "1\\u0000", "email": "a@example.com"}'),
    "a user id that is half a letter": answers(200, '{"sub": "\\ud800", "email": "a@example.com"}'),
    "an e-mail that is a list": answers(200, '{"sub": "1", "email": ["alice@example.com"]}'),
    "an e-mail that is none": answers(200, '{"sub": "1", "email": "alice"}'),
    "an e-mail with a null byte": answers(200, '{"sub": "1", "email": "a\\u0000@example.com"}'),
    "an e-mail that is too long": answers(200, '{"sub": "1", "email": "%s@example.com"}' % ("a" * 400)),
    "an e-mail with a line break": answers(
        200, '{"sub": "1", "email": "a@example.com\\nBcc: b@example.com"}'
    ),
}


@pytest.fixture
def alice(oidc: IdentityProvider) -> Account:
    return oidc.add_account("1", "alice@example.com", name="Alice Liddell")


@pytest.fixture
def bearer(oauth2: IdentityProvider) -> Account:
    """Alice at the provider without ID tokens, where all depends on the user info."""
    return oauth2.add_account("1", "alice@example.com", name="Alice Liddell")


@pytest.fixture(autouse=True)
def _log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def assert_nothing_happened(browser: FrontendClient, answer: HttpResponseBase) -> None:
    """Nobody is signed in, and no table has a row."""
    assert not browser.is_signed_in
    assert (session_headers(answer), set_cookies(answer)) == ({}, {})
    assert {table.__name__: table.objects.count() for table in TABLES} == dict.fromkeys(
        (table.__name__ for table in TABLES), 0
    )


def assert_logged_once(
    caplog: pytest.LogCaptureFixture, idp: IdentityProvider, level: str = "WARNING"
) -> None:
    """The project reads what happened, and no secret; the provider runs in another thread, and logs what it likes."""
    ours = [one for one in caplog.records if one.thread == threading.get_ident()]
    told = [one for one in ours if one.name == "supertokens_django"]
    assert [one.levelname for one in told] == [level], [one.getMessage() for one in told]
    assert told[0].getMessage().startswith("Third-party login with custom ")
    assert told[0].exc_info is None
    text = "\n".join(one.getMessage() for one in ours)
    secrets = {*idp.handed_out, *(client.client_secret or "" for client in idp.clients.values())} - {""}
    assert [secret for secret in secrets if secret in text] == []


def assert_refused(
    browser: FrontendClient, answer: HttpResponseBase, caplog: pytest.LogCaptureFixture, idp: IdentityProvider
) -> None:
    assert_json(answer, 200, SORRY)
    assert_nothing_happened(browser, answer)
    assert_logged_once(caplog, idp)


class TestTheTokenEndpoint:
    @pytest.mark.parametrize("fault", TOKEN_FAULTS.values(), ids=TOKEN_FAULTS)
    def test_whatever_it_answers_is_refused(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
        fault: Fault,
    ) -> None:
        info = code_of(browser, oidc, alice)
        oidc.fail("token", fault)
        answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
        assert_refused(browser, answer, caplog, oidc)
        assert len(oidc.asked("token")) == 1  # a code is good once: asking again would be a replay

    def test_it_may_be_too_slow(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        info = code_of(browser, oidc, alice)
        for fault in (faults.slow, faults.silent):
            oidc.fail("token", fault)
            caplog.clear()
            with supertokens_settings(OUTGOING={"TIMEOUT": 0.2, "DEADLINE": 0.3}):
                answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
            assert_refused(browser, answer, caplog, oidc)

    def test_signing_in_works_again_when_it_does(
        self, oidc: IdentityProvider, browser: FrontendClient, alice: Account
    ) -> None:
        oidc.fail("token", faults.down, times=1)
        assert_json(sign_in(browser, oidc, alice), 200, SORRY)
        assert json_of(sign_in(browser, oidc, alice))["status"] == "OK"


class TestTheDiscoveryDocument:
    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
    def test_without_it_there_is_no_authorisation_url(
        self, oidc: IdentityProvider, browser: FrontendClient, caplog: pytest.LogCaptureFixture, fault: Fault
    ) -> None:
        oidc.fail("discovery", fault)
        answer = authorisation_url(browser)
        assert_json(answer, 200, SORRY)
        assert_nothing_happened(browser, answer)
        level = "ERROR" if json_object(fault) else "WARNING"
        assert_logged_once(caplog, oidc, level)

    @pytest.mark.parametrize(
        "endpoint", ["javascript:alert(1)", "data:text/html,hi", "//evil.example", 7, None]
    )
    def test_no_browser_is_sent_to_what_is_no_website(
        self, oidc: IdentityProvider, browser: FrontendClient, endpoint: Any
    ) -> None:
        document = {**oidc.personality.discovery(), "authorization_endpoint": endpoint}
        oidc.fail("discovery", answers(200, json.dumps(document)))
        assert_json(authorisation_url(browser), 200, SORRY)

    def test_it_is_believed_for_a_while(
        self, oidc: IdentityProvider, browser: FrontendClient, alice: Account
    ) -> None:
        assert json_of(sign_in(browser, oidc, alice))["status"] == "OK"
        oidc.fail("discovery", faults.down)
        assert json_of(sign_in(browser, oidc, alice))["status"] == "OK"
        assert len(oidc.asked("discovery")) == 1

    def test_its_endpoints_are_not_asked_where_they_are_not_public(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """A document that lies leads the server to the metadata service of its cloud, or to a database."""
        info = code_of(browser, oidc, alice)
        caplog.clear()
        for target in ("http://169.254.169.254/token", "http://[::1]:6379/", "http://10.0.0.1/"):
            config = oidc.settings(oidc.clients["acme"], token_endpoint=target)
            with supertokens_settings(THIRDPARTY={"PROVIDERS": [config]}):
                answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
            assert_refused(browser, answer, caplog, oidc)
            assert "has no public address" in caplog.text
            caplog.clear()


class TestTheKeys:
    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
    def test_without_them_no_id_token_is_believed(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
        fault: Fault,
    ) -> None:
        oidc.fail("jwks", fault)
        assert_refused(browser, sign_in(browser, oidc, alice), caplog, oidc)

    @pytest.mark.parametrize(
        "keys",
        [
            {"keys": []}, {"keys": {}}, {"keys": None}, {"keys": [7, None, "x", {}]},
            {"keys": [{"kty": "RSA", "kid": "key-0", "n": "!", "e": "!"}]},
            {"keys": [{"kty": "RSA", "kid": "key-0", "n": 7, "e": []}]},
            {"keys": [{"kty": "oct", "kid": "key-0", "k": "c2VjcmV0"}]},
            {"keys": [{"kty": "klingon", "kid": "key-0"}]},
        ],
    )  # fmt: skip
    def test_nonsense_in_the_place_of_a_key_is_none(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
        keys: Any,
    ) -> None:
        oidc.fail("jwks", answers(200, json.dumps(keys)))
        assert_refused(browser, sign_in(browser, oidc, alice), caplog, oidc)

    @pytest.mark.parametrize("keep_old", [True, False])
    def test_they_may_roll_over_while_somebody_signs_in(
        self, oidc: IdentityProvider, browser: FrontendClient, alice: Account, keep_old: bool
    ) -> None:
        assert json_of(sign_in(browser, oidc, alice))["status"] == "OK"
        info = code_of(browser, oidc, alice)
        oidc.rotate_keys(keep_old=keep_old)
        answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
        assert json_of(answer)["status"] == "OK"
        assert len(oidc.asked("jwks")) == 2

    def test_a_key_that_was_withdrawn_is_not_believed(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        oidc.lie(lies.with_an_unknown_key_id)
        for _ in range(3):
            caplog.clear()
            assert_refused(browser, sign_in(browser, oidc, alice), caplog, oidc)
        assert len(oidc.asked("jwks")) <= 2  # whoever sends nonsense does not make us ask each time


class TestTheIdToken:
    @pytest.mark.parametrize("lie", lies.ALL.values(), ids=lies.ALL)
    def test_a_lie_is_not_believed(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
        lie: Lie,
    ) -> None:
        oidc.lie(lie)
        assert_refused(browser, sign_in(browser, oidc, alice), caplog, oidc)

    @pytest.mark.parametrize("lie", lies.ALL.values(), ids=lies.ALL)
    def test_nor_from_a_device(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
        lie: Lie,
    ) -> None:
        oidc.lie(lie)
        token = device_tokens(oidc, alice)["id_token"]
        answer = post(browser, {"thirdPartyId": "custom", "oAuthTokens": {"id_token": token}})
        if lie is lies.authorised_for_another:
            # Google's Android apps have an id of their own: they are the party, and our server is the audience.
            # https://developers.google.com/identity/protocols/oauth2/cross-client-identity
            assert json_of(answer)["status"] == "OK"
            return
        assert_refused(browser, answer, caplog, oidc)

    def test_hs256_with_the_client_secret_is_not_taken(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        oidc.lie(lies.signed_with_the_client_secret("acme-secret"))
        assert_refused(browser, sign_in(browser, oidc, alice), caplog, oidc)

    @pytest.mark.parametrize(
        "claims",
        [
            {"exp": "tomorrow"}, {"exp": True}, {"iat": "today"}, {"nbf": []}, {"aud": {"acme": 1}},
            {"aud": [["acme"]]}, {"iss": ["x"]}, {"azp": ["acme"]}, {"sub": ""}, {"sub": "1\x00"}, {"sub": "1" * 300},
            {"email": ["a@b.c"]}, {"email": "alice"}, {"exp": 10**40}, {"iat": -(10**40)},
        ],
    )  # fmt: skip
    def test_claims_of_the_wrong_kind_are_refused_or_harmless(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
        claims: dict[str, Any],
    ) -> None:
        oidc.lie(claiming(**claims))
        answer = sign_in(browser, oidc, alice)
        if claims in ({"exp": 10**40}, {"iat": -(10**40)}):  # foolish, but for nobody else
            assert json_of(answer)["status"] == "OK"
            return
        assert_refused(browser, answer, caplog, oidc)


class TestTheUserInfo:
    @pytest.mark.parametrize("fault", USER_FAULTS.values(), ids=USER_FAULTS)
    def test_whatever_it_answers_is_refused(
        self,
        oauth2: IdentityProvider,
        browser: FrontendClient,
        bearer: Account,
        caplog: pytest.LogCaptureFixture,
        fault: Fault,
    ) -> None:
        oauth2.fail("userinfo", fault)
        answer = sign_in(browser, oauth2, bearer)
        if json_of(answer)["status"] == "OK":
            assert fault is USER_FAULTS["somebody else"]  # without an ID token nobody can tell
            return
        assert_refused(browser, answer, caplog, oauth2)

    def test_it_is_asked_once_more_where_a_gateway_failed(
        self, oauth2: IdentityProvider, browser: FrontendClient, bearer: Account
    ) -> None:
        oauth2.fail("userinfo", faults.unavailable, times=1)
        assert json_of(sign_in(browser, oauth2, bearer))["status"] == "OK"

    def test_it_must_be_of_the_user_of_the_id_token(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        oidc.fail("userinfo", USER_FAULTS["somebody else"])
        assert_refused(browser, sign_in(browser, oidc, alice), caplog, oidc)

    def test_without_an_email_the_frontend_is_told(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        answer = sign_in(browser, oidc, oidc.add_account("2"))
        assert_json(answer, 200, {"status": "NO_EMAIL_GIVEN_BY_PROVIDER"})
        assert_nothing_happened(browser, answer)

    def test_an_email_that_is_not_verified_there_is_not_verified_here(
        self, oidc: IdentityProvider, browser: FrontendClient
    ) -> None:
        body = json_of(sign_in(browser, oidc, oidc.add_account("2", "bob@example.com", verified=False)))
        assert [one["verified"] for one in body["user"]["loginMethods"]] == [False]
        assert not VerifiedEmail.objects.exists()


class TestTheCode:
    def test_it_is_good_once(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        info = code_of(browser, oidc, alice)
        body = {"thirdPartyId": "custom", "redirectURIInfo": info}
        assert json_of(post(browser, body))["status"] == "OK"
        caplog.clear()
        thief = FrontendClient(browser.mode)
        answer = post(thief, body)
        assert_json(answer, 200, SORRY)
        assert (session_headers(answer), set_cookies(answer)) == ({}, {})
        assert (User.objects.count(), Session.objects.count()) == (1, 1)
        assert_logged_once(caplog, oidc)

    def test_that_of_another_client_is_worth_nothing(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        oidc.add_client("other", secret="other-secret", redirect_uris=[CALLBACK])
        begun = json_of(authorisation_url(browser))["urlWithQueryParams"]
        back = oidc.authorize(begun.replace("client_id=acme", "client_id=other"), alice)
        info = {"redirectURIOnProviderDashboard": CALLBACK, "redirectURIQueryParams": back.params}
        answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
        assert_refused(browser, answer, caplog, oidc)

    def test_that_of_another_address_is_worth_nothing(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        info = {
            **code_of(browser, oidc, alice),
            "redirectURIOnProviderDashboard": "https://acme.com/elsewhere",
        }
        answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
        assert_refused(browser, answer, caplog, oidc)

    @pytest.mark.parametrize("verifier", ["x" * 64, None, "", "ü"])
    def test_without_its_verifier_it_is_worth_nothing(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
        verifier: str | None,
    ) -> None:
        app = oidc.add_client("app", secret=None, redirect_uris=[CALLBACK])
        with supertokens_settings(THIRDPARTY={"PROVIDERS": [oidc.settings(app)]}):
            info = code_of(browser, oidc, alice)
            stolen = {"thirdPartyId": "custom", "redirectURIInfo": {**info, "pkceCodeVerifier": verifier}}
            assert_refused(browser, post(browser, stolen), caplog, oidc)
            answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
            assert json_of(answer)["status"] == "OK"

    def test_a_user_who_cancelled_is_told_calmly(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        begun = json_of(authorisation_url(browser))["urlWithQueryParams"]
        back = oidc.authorize(begun, alice, consent=False)
        info = {"redirectURIOnProviderDashboard": CALLBACK, "redirectURIQueryParams": back.params}
        answer = post(browser, {"thirdPartyId": "custom", "redirectURIInfo": info})
        assert_refused(browser, answer, caplog, oidc)
        assert oidc.asked("token") == []


class TestTokensFromADevice:
    def test_an_id_token_for_a_client_of_ours_signs_in(
        self, oidc: IdentityProvider, browser: FrontendClient, alice: Account
    ) -> None:
        token = device_tokens(oidc, alice)["id_token"]
        answer = post(browser, {"thirdPartyId": "custom", "oAuthTokens": {"id_token": token}})
        assert json_of(answer)["status"] == "OK"

    def test_one_for_another_audience_does_not(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Mallory's own app has got it, from a user who trusts her with a name and nothing else."""
        tokens = device_tokens(oidc, alice, "mallorys-app")
        for given in ({"id_token": tokens["id_token"]}, {"access_token": tokens["access_token"]}, tokens):
            caplog.clear()
            answer = post(browser, {"thirdPartyId": "custom", "oAuthTokens": given})
            assert_refused(browser, answer, caplog, oidc)

    def test_an_access_token_beside_the_id_token_of_somebody_else_does_not(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        alice: Account,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        mallory = device_tokens(oidc, oidc.add_account("666", "mallory@example.com"))
        given = {
            "id_token": mallory["id_token"],
            "access_token": device_tokens(oidc, alice, "mallorys-app")["access_token"],
        }
        answer = post(browser, {"thirdPartyId": "custom", "oAuthTokens": given})
        assert_refused(browser, answer, caplog, oidc)

    @pytest.mark.parametrize(
        "token", ["", "x", "a.b.c", "....", "\x00", "ü", "eyJhbGciOiJub25lIn0..", "x" * 100_000]
    )
    def test_nonsense_is_refused(
        self,
        oidc: IdentityProvider,
        browser: FrontendClient,
        caplog: pytest.LogCaptureFixture,
        token: str,
    ) -> None:
        answer = post(browser, {"thirdPartyId": "custom", "oAuthTokens": {"id_token": token}})
        if token in ("", "\x00"):
            assert answer.status_code == 400
            assert_nothing_happened(browser, answer)
            return
        assert_refused(browser, answer, caplog, oidc)


class TestTheNonce:
    """The pages send one along; frontends of SuperTokens do not (FDI has no place for it)."""

    @pytest.fixture
    def tokens(self, oidc: IdentityProvider, alice: Account) -> Callable[[], dict[str, Any]]:
        """Tokens of a dance that was begun with the nonce "ours"."""

        def dance() -> dict[str, Any]:
            begun = provider().authorisation_url(CALLBACK, state="s", nonce="ours")
            back = oidc.authorize(begun.url, alice)
            return provider().exchange_code(CALLBACK, back.params, begun.pkce_code_verifier)

        return dance

    def test_it_comes_back_in_the_id_token(self, tokens: Callable[[], dict[str, Any]]) -> None:
        assert provider().user_info(tokens(), nonce="ours").third_party_user_id == "1"

    @pytest.mark.parametrize("lie", [lies.wrong_nonce, lies.no_nonce])
    def test_a_token_of_another_dance_is_not_believed(
        self, oidc: IdentityProvider, tokens: Callable[[], dict[str, Any]], lie: Lie
    ) -> None:
        oidc.lie(lie)
        with pytest.raises(ProviderFailure) as caught:
            provider().user_info(tokens(), nonce="ours")
        assert caught.value.reason == "the ID token has another nonce"

    def test_without_an_id_token_there_is_nobody(self, tokens: Callable[[], dict[str, Any]]) -> None:
        """Else whoever can take it away would have the nonce compared by nobody."""
        stripped = {name: value for name, value in tokens().items() if name != "id_token"}
        with pytest.raises(ProviderFailure):
            provider().user_info(stripped, nonce="ours")

    def test_where_no_keys_are_known_there_is_nothing_to_compare(
        self, oauth2: IdentityProvider, bearer: Account
    ) -> None:
        """LinkedIn is such a one: the pages ask it for ``openid``, and its ID token is not read."""
        begun = provider().authorisation_url(CALLBACK, nonce="ours")
        back = oauth2.authorize(begun.url, bearer)
        tokens = provider().exchange_code(CALLBACK, back.params, begun.pkce_code_verifier)
        assert provider().user_info(tokens, nonce="ours").third_party_user_id == "1"


def provider() -> Provider:
    found = thirdparty.get_provider("public", "custom")
    assert found is not None
    return found


def device_tokens(idp: IdentityProvider, account: Account, client_id: str = "acme") -> dict[str, Any]:
    """What an app on a phone has got from the provider, by a client of its own."""
    if client_id not in idp.clients:
        idp.add_client(client_id, secret=None)
    return idp.issue(account, client_id, "openid email")


def json_object(fault: Fault) -> bool:
    """Whether a fault is a JSON object after all: then it is the project that has not configured what is missing."""
    return fault in (faults.empty, FAULTS["another charset"])


def test_every_other_provider_works_while_one_is_down(browser: FrontendClient, acme: None) -> None:
    with serving(Personality) as broken, serving(Personality) as sound:
        configs = []
        for idp, name in ((broken, "broken"), (sound, "sound")):
            client = idp.add_client(redirect_uris=[CALLBACK])
            configs.append(idp.settings(client, third_party_id=name, name=name.title()))
            idp.fail("discovery", faults.down) if idp is broken else None
        with supertokens_settings(**LOOPBACK, THIRDPARTY={"PROVIDERS": configs}):
            alice = sound.add_account("1", "alice@example.com")
            assert json_of(authorisation_url(browser, "broken"))["status"] == "GENERAL_ERROR"
            assert json_of(sign_in(browser, sound, alice, third_party_id="sound"))["status"] == "OK"
