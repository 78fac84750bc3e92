"""Sign in with Apple: a form that comes back, a secret that is signed here, a name that is told once."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.auth import get_user_model

from tests.base import Clock
from tests.client import FrontendClient, Mode, json_of
from tests.idp.faults import down
from tests.idp.personalities.apple import Apple
from tests.idp.provider import IdentityProvider
from tests.idp.records import Account
from tests.recipes.thirdparty import dance
from tests.recipes.thirdparty.providers.stage import (
    callback_of,
    present,
    refusal,
    seen,
    sign_in,
    standing,
    tokens_of,
    url_of,
    welcome,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

SCOPE = {"scope": ["openid", "email", "name"]}
FRONTEND = "https://acme.com/auth/callback/apple"


def form_of(idp: IdentityProvider, account: Account) -> dict[str, str]:
    """What Apple lets the browser post."""
    state = base64.b64encode(json.dumps({"state": "b6", "frontendRedirectURI": FRONTEND}).encode()).decode()
    url = url_of(FrontendClient("cookie"), "apple")
    returned = idp.authorize(f"{url}&state={state}", account)
    assert (returned.method, returned.url) == ("POST", callback_of("apple"))
    return returned.params


def test_the_authorisation_url_asks_for_a_form() -> None:
    with standing(Apple) as idp:
        url = url_of(FrontendClient("cookie"), "apple")
    assert url == (
        f"{idp.base}/auth/authorize?client_id=acme"
        "&redirect_uri=https%3A%2F%2Facme.com%2Fauth%2Fcallback%2Fapple&response_type=code"
        "&scope=openid+email&response_mode=form_post"
    )


def test_the_whole_way(clock: Clock, mode: Mode) -> None:
    """Browser, Apple, form, our API, the website, and in."""
    browser = FrontendClient(mode)
    with standing(Apple, client=SCOPE) as idp:
        alice = idp.add_account("001.865", "alice@example.com", name="Alice Liddell")
        form = form_of(idp, alice)
        onward = dance.post_form(browser, form)
        location = urlsplit(onward["Location"])
        assert onward.status_code == 303
        assert f"{location.scheme}://{location.netloc}{location.path}" == FRONTEND
        brought = dict(parse_qsl(location.query))
        assert brought == form
        redirect = {
            "redirectURIOnProviderDashboard": callback_of("apple"),
            "redirectURIQueryParams": brought,
            "pkceCodeVerifier": None,
        }
        answer = json_of(dance.post(browser, {"thirdPartyId": "apple", "redirectURIInfo": redirect}))
    assert answer == welcome("apple", "001.865", "alice@example.com", clock, verified=True)
    user = get_user_model().objects.get()
    assert (user.first_name, user.last_name) == ("Alice", "Liddell")


def test_the_secret_is_a_short_lived_jwt_of_the_key(clock: Clock) -> None:
    with standing(Apple) as idp:
        sign_in(idp, idp.add_account("001.865", "alice@example.com"))
    (exchange,) = idp.asked("token")
    secret = exchange.form["client_secret"]
    assert jwt.get_unverified_header(secret) == {"alg": "ES256", "typ": "JWT", "kid": "KEY1234567"}
    claims = jwt.decode(
        secret, idp.clients["acme"].apple["publicKey"], ["ES256"], audience="https://appleid.apple.com"
    )
    now = int(clock.now)
    assert claims == {
        "iss": "TEAM123456",
        "iat": now,
        "exp": now + 300,
        "aud": "https://appleid.apple.com",
        "sub": "acme",
    }
    assert seen(exchange) == {
        "request": "POST /auth/token",
        "Accept": "application/json",
        "form": {
            "client_id": "acme",
            "client_secret": secret,
            "grant_type": "authorization_code",
            "redirect_uri": callback_of("apple"),
        },
    }
    assert {one.endpoint for one in idp.requests} == {"discovery", "authorize", "token", "jwks"}


def with_key(private_key: Any) -> dict[str, Any]:
    return {"additional_config": {"privateKey": private_key}}


def test_line_breaks_of_the_key_may_be_written_as_n(clock: Clock) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with standing(Apple, client=with_key(pem.replace("\n", "\\n"))) as idp:
        idp.clients["acme"].apple["publicKey"] = public_pem(key)
        answer = sign_in(idp, idp.add_account("001.865", "alice@example.com"))
    assert answer == welcome("apple", "001.865", "alice@example.com", clock, verified=True)


def test_the_key_may_be_in_the_environment(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    monkeypatch.setenv("APPLE_KEY", pem)
    with standing(Apple, client=with_key({"env": "APPLE_KEY"})) as idp:
        idp.clients["acme"].apple["publicKey"] = public_pem(key)
        answer = sign_in(idp, idp.add_account("001.865", "alice@example.com"))
    assert answer == welcome("apple", "001.865", "alice@example.com", clock, verified=True)


@pytest.mark.parametrize("is_in_settings", [True, False], ids=["settings", "environment"])
@pytest.mark.parametrize("kind", ["no key at all", "a key of RSA", "another curve"])
def test_a_key_that_cannot_be_read_is_answered_calmly(
    kind: str, is_in_settings: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = unreadable(kind)
    monkeypatch.setenv("APPLE_KEY", pem)
    key = pem if is_in_settings else {"env": "APPLE_KEY"}
    with standing(Apple, client=with_key(key)), caplog.at_level(logging.ERROR):
        answer = dance.authorisation_url(FrontendClient("cookie"), "apple", redirect_uri=callback_of("apple"))
    assert answer.status_code == 200
    assert json_of(answer) == refusal("Apple")
    text = "Third-party login with apple is misconfigured: has a privateKey that cannot be read"
    assert [record.getMessage() for record in caplog.records] == [text]


def unreadable(kind: str) -> str:
    if kind == "no key at all":
        return "-----BEGIN PRIVATE KEY-----\nMIGT\n-----END PRIVATE KEY-----"
    key: Any = (
        rsa.generate_private_key(65537, 2048) if "RSA" in kind else ec.generate_private_key(ec.SECP384R1())
    )
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def test_the_name_is_told_only_the_first_time(clock: Clock) -> None:
    with standing(Apple, client=SCOPE) as idp:
        alice = idp.add_account("001.865", "alice@example.com", name="Alice Liddell")
        first, second = form_of(idp, alice), form_of(idp, alice)
        assert json.loads(first["user"]) == {
            "email": "alice@example.com",
            "name": {"firstName": "Alice", "lastName": "Liddell"},
        }
        assert "user" not in second
        sign_in(idp, alice)
    assert get_user_model().objects.get().first_name == ""


@pytest.mark.parametrize(
    "user",
    [
        '{"name": {"firstName": "Mallory"}, "email": "alice@example.com"}',
        {"name": {"firstName": "Mallory"}, "email": "alice@example.com", "sub": "001.1"},
        "{",
        "[" * 3000,
        '{"name": 1}',
        '{"name": {"firstName": ["x"], "lastName": {}}}',
        "null",
        17,
        "x" * 100_000,
    ],
    ids=["json", "object", "broken", "deep", "number for a name", "lists", "null", "number", "long"],
)
def test_nothing_but_a_name_is_taken_from_the_browser(user: Any, clock: Clock) -> None:
    with standing(Apple, client=SCOPE) as idp:
        mallory = idp.add_account("001.666", "mallory@example.com")
        params = {**form_of(idp, mallory), "user": user}
        redirect = {"redirectURIOnProviderDashboard": callback_of("apple"), "redirectURIQueryParams": params}
        response = dance.post(
            FrontendClient("cookie"), {"thirdPartyId": "apple", "redirectURIInfo": redirect}
        )
    assert json_of(response) == welcome("apple", "001.666", "mallory@example.com", clock, verified=True)


def test_a_private_address_is_an_address(clock: Clock) -> None:
    with standing(Apple) as idp:
        alice = idp.add_account("001.865", "x7@privaterelay.appleid.com", is_private_email=True)
        answer = sign_in(idp, alice)
    assert answer == welcome("apple", "001.865", "x7@privaterelay.appleid.com", clock, verified=True)


def test_an_email_that_is_not_verified_is_taken_as_such(clock: Clock) -> None:
    """Apple writes booleans as text."""
    with standing(Apple) as idp:
        answer = sign_in(idp, idp.add_account("001.865", "alice@example.com", verified=False))
    assert answer == welcome("apple", "001.865", "alice@example.com", clock, verified=False)


def test_a_user_without_an_email_is_not_signed_in() -> None:
    """Apple's managed accounts may have none."""
    with standing(Apple) as idp:
        assert sign_in(idp, idp.add_account("001.865")) == {"status": "NO_EMAIL_GIVEN_BY_PROVIDER"}


def test_an_email_that_changes_there_changes_here(clock: Clock) -> None:
    with standing(Apple) as idp:
        alice = idp.add_account("001.865", "alice@example.com")
        sign_in(idp, alice)
        alice.email = "liddell@example.com"
        answer = sign_in(idp, alice)
    assert answer == welcome("apple", "001.865", "liddell@example.com", clock, verified=True, is_new=False)


def test_a_device_shows_its_id_token(clock: Clock, mode: Mode) -> None:
    with standing(Apple) as idp:
        alice = idp.add_account("001.865", "alice@example.com")
        tokens = {"id_token": tokens_of(idp, alice)["id_token"]}
        answer = present(tokens, "apple", mode)
    assert answer == welcome("apple", "001.865", "alice@example.com", clock, verified=True)


def test_an_access_token_tells_nothing() -> None:
    with standing(Apple) as idp:
        tokens = tokens_of(idp, idp.add_account("001.865", "alice@example.com"))
        assert present({"access_token": tokens["access_token"]}, "apple") == refusal("Apple")


def test_a_token_of_another_app_is_refused() -> None:
    with standing(Apple) as idp:
        idp.add_client("mallory")
        tokens = tokens_of(idp, idp.add_account("001.865", "alice@example.com"), client_id="mallory")
        assert present(tokens, "apple") == refusal("Apple")


def test_apple_may_be_down() -> None:
    with standing(Apple) as idp:
        alice = idp.add_account("001.865", "alice@example.com")
        idp.fail("token", down)
        assert sign_in(idp, alice) == refusal("Apple")
    assert not get_user_model().objects.exists()


def public_pem(key: ec.EllipticCurvePrivateKey) -> str:
    from cryptography.hazmat.primitives.serialization import PublicFormat

    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
