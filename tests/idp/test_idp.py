"""The provider of the tests is one: what it insists on, and how its personalities answer."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
import requests
from jwt.algorithms import RSAAlgorithm

from tests.idp.faults import down, huge, server_error
from tests.idp.lies import ALL as LIES
from tests.idp.personalities.apple import Apple
from tests.idp.personalities.base import OAuth2, Personality
from tests.idp.personalities.catalogue import ALL, BUILT_IN
from tests.idp.personalities.github import GitHub
from tests.idp.personalities.twitter import Twitter
from tests.idp.provider import IdentityProvider, serving
from tests.idp.records import Client
from tests.idp.visitor import Refused

CALLBACK = "https://acme.com/auth/callback/here"


class Party:
    """A client that does everything right unless told otherwise."""

    def __init__(self, idp: IdentityProvider, client: Client, scope: str = "openid email profile") -> None:
        self.idp, self.client, self.scope = idp, client, scope
        self.verifier = secrets.token_urlsafe(48)

    def url(self, **changes: Any) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=")
        sent = {
            "client_id": self.client.client_id, "redirect_uri": CALLBACK, "response_type": "code",
            "scope": self.scope, "state": "the-state", "code_challenge": challenge.decode(),
            "code_challenge_method": "S256", "response_mode": "form_post" if self.client.apple else None, **changes,
        }  # fmt: skip
        query = urlencode({name: value for name, value in sent.items() if value is not None})
        return f"{self.idp.url(self.idp.personality.paths.authorize)}?{query}"

    def token(self, **changes: Any) -> requests.Response:
        sent = {
            "grant_type": "authorization_code", "client_id": self.client.client_id, "redirect_uri": CALLBACK,
            "client_secret": self.secret(), "code_verifier": self.verifier, **changes,
        }  # fmt: skip
        basic = "client_secret_post" not in self.client.auth_methods and not self.client.apple
        login = (self.client.client_id, sent.pop("client_secret")) if basic else None
        form = {name: value for name, value in sent.items() if value is not None}
        headers = {"Accept": "application/json"}
        return requests.post(
            self.idp.url(self.idp.personality.paths.token), form, auth=login, headers=headers, timeout=10
        )

    def secret(self, **changes: Any) -> str | None:
        if not (apple := self.client.apple):
            return self.client.client_secret
        now = int(time.time())
        claims = {
            "iss": apple["teamId"], "sub": self.client.client_id, "aud": "https://appleid.apple.com", "iat": now,
            "exp": now + 60, **changes,
        }  # fmt: skip
        kid = claims.pop("kid", apple["keyId"])
        return jwt.encode(claims, apple["privateKey"], "ES256", headers={"kid": kid})


@pytest.fixture
def idp() -> Iterator[IdentityProvider]:
    with serving(Personality) as running:
        yield running


@pytest.fixture
def party(idp: IdentityProvider) -> Party:
    idp.add_account("1", "alice@example.com", name="Alice Liddell")
    return Party(idp, idp.add_client(redirect_uris=[CALLBACK]))


def decoded(idp: IdentityProvider, id_token: str, **kwargs: Any) -> dict[str, Any]:
    jwks = requests.get(idp.url(idp.personality.paths.jwks), timeout=10).json()
    kid = jwt.get_unverified_header(id_token)["kid"]
    key = next(one for one in jwks["keys"] if one["kid"] == kid)
    return jwt.decode(id_token, RSAAlgorithm.from_jwk(key), ["RS256"], audience="acme", **kwargs)  # type: ignore[arg-type]


class TestTheCodeGrant:
    def test_a_code_is_worth_tokens_once(self, idp: IdentityProvider, party: Party) -> None:
        back = idp.authorize(party.url(nonce="n"), idp.accounts["1"])
        assert (back.method, back.url.partition("?")[0], back.params["state"]) == (
            "GET",
            CALLBACK,
            "the-state",
        )
        answer = party.token(code=back.params["code"])
        assert answer.status_code == 200
        claims = decoded(idp, answer.json()["id_token"], issuer=idp.base)
        assert (claims["sub"], claims["nonce"], claims["email_verified"]) == ("1", "n", True)
        again = party.token(code=back.params["code"])
        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")

    @pytest.mark.parametrize(
        "change",
        [
            {"code_verifier": "x" * 64}, {"code_verifier": None}, {"redirect_uri": "https://acme.com/other"},
            {"client_secret": "wrong"}, {"client_secret": None}, {"client_id": "other"}, {"code": "guessed"},
        ],
    )  # fmt: skip
    def test_it_is_bound_to_client_address_and_verifier(
        self, idp: IdentityProvider, party: Party, change: dict[str, Any]
    ) -> None:
        idp.add_client("other", secret="acme-secret", redirect_uris=[CALLBACK])
        back = idp.authorize(party.url(), idp.accounts["1"])
        assert party.token(**{"code": back.params["code"], **change}).status_code in (400, 401)

    def test_a_cancelling_user_is_sent_back_with_an_error(self, idp: IdentityProvider, party: Party) -> None:
        back = idp.authorize(party.url(), idp.accounts["1"], consent=False)
        assert (back.params["error"], back.params["state"]) == ("access_denied", "the-state")

    def test_nobody_is_sent_to_an_address_that_is_not_registered(
        self, idp: IdentityProvider, party: Party
    ) -> None:
        with pytest.raises(Refused, match="not supported by client"):
            idp.authorize(party.url(redirect_uri=CALLBACK + "/"), idp.accounts["1"])

    @pytest.mark.parametrize("method", ["plain", None])
    def test_a_challenge_must_be_of_sha256(
        self, idp: IdentityProvider, party: Party, method: str | None
    ) -> None:
        back = idp.authorize(party.url(code_challenge_method=method), idp.accounts["1"])
        assert back.params["error"] == "invalid_request"

    def test_a_public_client_must_send_one(self, idp: IdentityProvider) -> None:
        alice = idp.add_account("1", "alice@example.com")
        party = Party(idp, idp.add_client("app", secret=None, redirect_uris=[CALLBACK]))
        back = idp.authorize(party.url(code_challenge=None, code_challenge_method=None), alice)
        assert back.params["error"] == "invalid_request"
        back = idp.authorize(party.url(), alice)
        assert party.token(code=back.params["code"]).status_code == 200

    def test_a_password_is_asked_for(self, idp: IdentityProvider, party: Party) -> None:
        answer = requests.post(
            party.url(), {"step": "sign_in", "login": "1", "password": "guess"}, timeout=10
        )
        assert "E-mail or password is wrong." in answer.text


class TestRefreshing:
    def test_a_refresh_token_stays_or_is_rotated(self, idp: IdentityProvider) -> None:
        alice = idp.add_account("1", "alice@example.com")
        party = Party(idp, idp.add_client(redirect_uris=[CALLBACK], refresh=True))
        tokens = party.token(code=idp.authorize(party.url(), alice).params["code"]).json()
        first = tokens["refresh_token"]
        refreshing = {"grant_type": "refresh_token", "redirect_uri": None, "code_verifier": None}
        second = party.token(refresh_token=first, **refreshing).json()
        assert second["access_token"] != tokens["access_token"]
        assert "refresh_token" not in second
        idp.rotates_refresh_tokens = True
        third = party.token(refresh_token=first, **refreshing).json()
        assert third["refresh_token"] != first
        assert party.token(refresh_token=first, **refreshing).json()["error"] == "invalid_grant"
        assert party.token(refresh_token=third["refresh_token"], **refreshing).status_code == 200


class TestKeys:
    def test_they_roll_over(self, idp: IdentityProvider, party: Party) -> None:
        before = idp.keys.sign({"aud": "acme", "sub": "1"})
        idp.rotate_keys(keep_old=True)
        assert decoded(idp, before)["sub"] == "1"
        idp.rotate_keys(keep_old=False)
        with pytest.raises(StopIteration):
            decoded(idp, before)
        assert decoded(idp, idp.keys.sign({"aud": "acme", "sub": "1"}))["sub"] == "1"

    @pytest.mark.parametrize("name", LIES)
    def test_a_lie_is_one(self, idp: IdentityProvider, party: Party, name: str) -> None:
        idp.lie(LIES[name])
        back = idp.authorize(party.url(), idp.accounts["1"])
        sent = party.token(code=back.params["code"]).json()["id_token"]
        assert not self.believable(idp, sent)

    def test_an_honest_token_is_none(self, idp: IdentityProvider, party: Party) -> None:
        back = idp.authorize(party.url(), idp.accounts["1"])
        assert self.believable(idp, party.token(code=back.params["code"]).json()["id_token"])

    def believable(self, idp: IdentityProvider, id_token: str) -> bool:
        options = {"require": ["iss", "aud", "exp", "sub"], "verify_iat": True}
        try:
            claims = decoded(idp, id_token, issuer=idp.base, options=options)
        except (jwt.InvalidTokenError, StopIteration):
            return False
        return {claims.get("azp", "acme"), str(claims["aud"])} == {"acme"}


class TestFaults:
    def test_an_endpoint_fails_as_often_as_it_is_told(self, idp: IdentityProvider) -> None:
        url = idp.url("/jwks")
        idp.fail("jwks", server_error, times=1)
        assert [requests.get(url, timeout=10).status_code for _ in range(2)] == [500, 200]
        idp.fail("jwks", huge)
        assert len(requests.get(url, timeout=10).content) > 3_000_000
        idp.fail("jwks", down)
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=10)
        idp.heal()
        assert requests.get(url, timeout=10).status_code == 200
        assert len(idp.asked("jwks")) == 5


class TestPersonalities:
    @pytest.mark.parametrize("personality", ALL, ids=lambda one: one.__name__)
    def test_each_lets_a_user_sign_in(self, personality: type[Personality]) -> None:
        with serving(personality) as idp:
            alice = idp.add_account("1", "alice@example.com", name="Alice Liddell")
            client = idp.add_client(redirect_uris=[CALLBACK])
            party = Party(idp, client, "openid email name" if client.apple else "openid email profile")
            back = idp.authorize(party.url(), alice)
            tokens = party.token(code=back.params["code"]).json()
            assert tokens["access_token"]
            if idp.personality.is_oidc:
                assert decoded(idp, tokens["id_token"])["sub"] == "1"
            if personality is not Apple:
                answer = requests.get(
                    idp.url(personality.paths.userinfo),
                    params={"access_token": tokens["access_token"], "fields": "id,email"},
                    headers={"Authorization": f"Bearer {tokens['access_token']}"},
                    timeout=10,
                )
                assert re.search(r'"(sub|id|uuid)": ?"?1"?', answer.text)
                refused = requests.get(idp.url(personality.paths.userinfo), timeout=10)
                assert refused.status_code in (400, 401)

    def test_there_is_one_for_each_provider_that_the_project_knows(self) -> None:
        assert len({one.third_party_id for one in BUILT_IN}) == 13

    def test_github_answers_in_a_form_unless_asked_for_json_and_errs_with_200(self) -> None:
        with serving(GitHub) as idp:
            idp.add_client()
            wrong = {
                "grant_type": "authorization_code",
                "client_id": "acme",
                "client_secret": "acme-secret",
                "code": "x",
            }
            answer = requests.post(idp.url("/login/oauth/access_token"), wrong, timeout=10)
            assert (answer.status_code, answer.text.partition("&")[0]) == (200, "error=bad_verification_code")

    def test_apple_introduces_the_user_once_and_checks_the_secret(self) -> None:
        with serving(Apple) as idp:
            alice = idp.add_account("001.a", "alice@example.com", name="Alice Liddell")
            party = Party(idp, idp.add_client(redirect_uris=[CALLBACK]), "openid email name")
            first = idp.authorize(party.url(), alice)
            assert (first.method, first.url) == ("POST", CALLBACK)
            assert first.params["user"] == (
                '{"email": "alice@example.com", "name": {"firstName": "Alice", "lastName": "Liddell"}}'
            )
            assert "user" not in idp.authorize(party.url(), alice).params
            for change in (
                {"iss": "x"}, {"sub": "x"}, {"aud": "x"}, {"kid": "x"}, {"exp": 1},
                {"exp": int(time.time()) + 16_000_000},
            ):  # fmt: skip
                refused = party.token(code=first.params["code"], client_secret=party.secret(**change))
                assert (refused.status_code, refused.json()) == (400, {"error": "invalid_client"})
            assert party.token(code=first.params["code"]).status_code == 200
            with pytest.raises(Refused, match="response_mode must be form_post"):
                idp.authorize(party.url(response_mode=None), alice)

    def test_twitter_takes_neither_a_secret_in_the_body_nor_a_request_without_pkce(self) -> None:
        with serving(Twitter) as idp:
            alice = idp.add_account("1")
            party = Party(idp, idp.add_client(redirect_uris=[CALLBACK]), "users.read")
            back = idp.authorize(party.url(code_challenge=None, code_challenge_method=None), alice)
            assert back.params["error"] == "invalid_request"
            code = idp.authorize(party.url(), alice).params["code"]
            posted = {"grant_type": "authorization_code", "code": code, "client_id": "acme"}
            posted |= {
                "client_secret": "acme-secret",
                "code_verifier": party.verifier,
                "redirect_uri": CALLBACK,
            }
            assert requests.post(idp.url("/2/oauth2/token"), posted, timeout=10).status_code == 401

    def test_an_oauth2_provider_publishes_no_keys(self) -> None:
        with serving(OAuth2) as idp:
            assert requests.get(idp.url("/jwks"), timeout=10).status_code == 404
