"""Sign in with Twitter: always with PKCE, the secret in the header, and no e-mail."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.base import Clock
from tests.client import FrontendClient, Mode, json_of
from tests.idp.personalities.twitter import Twitter
from tests.recipes.thirdparty import dance
from tests.recipes.thirdparty.providers.stage import (
    NO_EMAIL,
    basic,
    callback_of,
    present,
    refusal,
    seen,
    sign_in,
    standing,
    tokens_of,
    welcome,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

EMAIL = "2244994945.twitter@stfakeemail.supertokens.com"


def test_the_browser_goes_there_with_a_challenge() -> None:
    with standing(Twitter) as idp:
        answer = json_of(
            dance.authorisation_url(FrontendClient("cookie"), "twitter", redirect_uri=callback_of("twitter"))
        )
    digest = hashlib.sha256(answer["pkceCodeVerifier"].encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert len(answer["pkceCodeVerifier"]) == 64
    assert answer["urlWithQueryParams"] == (
        f"{idp.base}/i/oauth2/authorize?client_id=acme"
        "&redirect_uri=https%3A%2F%2Facme.com%2Fauth%2Fcallback%2Ftwitter&response_type=code"
        f"&scope=users.read+tweet.read&code_challenge={challenge}&code_challenge_method=S256"
    )


def test_the_user_is_signed_in_with_an_email_that_is_made_up(clock: Clock, mode: Mode) -> None:
    with standing(Twitter) as idp:
        answer = sign_in(idp, idp.add_account("2244994945", name="Alice Liddell"), mode=mode)
    assert answer == welcome("twitter", "2244994945", EMAIL, clock, verified=True)


def test_the_provider_is_asked_in_its_manner() -> None:
    with standing(Twitter) as idp:
        sign_in(idp, idp.add_account("2244994945", name="Alice Liddell"))
    (exchange,), (user,), (begun,) = idp.asked("token"), idp.asked("userinfo"), idp.asked("authorize")[:1]
    assert exchange.form.keys() == {"client_id", "grant_type", "code", "redirect_uri", "code_verifier"}
    digest = hashlib.sha256(exchange.form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == begun.query["code_challenge"]
    assert exchange.headers["Authorization"] == basic("acme", "acme-secret")
    (token,) = idp.tokens
    assert seen(user) == {
        "request": "GET /2/users/me",
        "Authorization": f"Bearer {token}",
        "Accept": "application/json",
    }


def test_a_project_may_insist_on_an_email() -> None:
    with standing(Twitter, require_email=True) as idp:
        assert sign_in(idp, idp.add_account("2244994945", name="Alice")) == NO_EMAIL


def test_pkce_can_be_switched_off() -> None:
    with standing(Twitter, client={"force_pkce": False}):
        answer = dance.authorisation_url(
            FrontendClient("cookie"), "twitter", redirect_uri=callback_of("twitter")
        )
    found = json_of(answer)
    assert found["pkceCodeVerifier"] is None
    assert "code_challenge" not in dict(parse_qsl(urlsplit(found["urlWithQueryParams"]).query))


def test_nobody_can_tell_whose_a_device_s_token_is() -> None:
    with standing(Twitter) as idp:
        tokens = tokens_of(idp, idp.add_account("2244994945", name="Alice"))
        assert present(tokens, "twitter") == refusal("Twitter")
