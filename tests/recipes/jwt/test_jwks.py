"""``GET /auth/jwt/jwks.json``: the public keys, for anyone (FDI; RFC 7517)."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt as pyjwt
import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path

from supertokens_django.services import jwt as jwt_service
from supertokens_django.services import session as sessions
from tests.base import PUBLIC, Clock, supertokens_settings
from tests.client import FrontendClient, Stack, json_of, session_headers
from tests.cookies import set_cookies

JWKS = "/auth/jwt/jwks.json"
A_WEEK = 168 * 3600


def keys_of(browser: FrontendClient) -> list[dict[str, str]]:
    keys: list[dict[str, str]] = json_of(browser.get(JWKS))["keys"]
    return keys


def test_it_answers_anyone_with_cacheable_public_keys(clock: Clock, stack: Stack) -> None:
    browser = FrontendClient(stack=stack)

    response = browser.get(JWKS, headers={"origin": "https://anywhere.example"})

    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == f"max-age={A_WEEK - 60}, must-revalidate"
    assert (set_cookies(response), session_headers(response)) == ({}, {})
    body = json_of(response)
    assert list(body) == ["keys"]
    assert [sorted(key) for key in body["keys"]] == [["alg", "e", "kid", "kty", "n", "use"]] * 2
    for key in body["keys"]:
        assert (key["kty"], key["alg"], key["use"], key["e"]) == ("RSA", "RS256", "sig", "AQAB")
        assert len(base64.urlsafe_b64decode(key["n"] + "==")) == 256
        assert "=" not in key["n"]


def test_the_dynamic_key_comes_first_and_the_static_one_after_it(clock: Clock) -> None:
    kids = [key["kid"] for key in keys_of(FrontendClient())]

    assert kids[0] == f"d-{clock.milliseconds}"
    assert [kid[:2] for kid in kids] == ["d-", "s-"]


def test_the_keys_stay_the_same(clock: Clock) -> None:
    browser = FrontendClient()
    before = keys_of(browser)
    clock.advance(3600)

    assert keys_of(browser) == before


def test_another_service_verifies_access_tokens_with_them(frontend: FrontendClient, alice: str) -> None:
    keys = pyjwt.PyJWKSet.from_dict(json_of(frontend.get(JWKS)))
    key = keys[frontend.access_token_header["kid"]]

    claims = pyjwt.decode(
        frontend.access_token or "", key, algorithms=["RS256"], issuer="https://api.acme.com/auth"
    )

    assert claims == frontend.access_token_payload
    assert claims["sub"] == alice


def test_it_may_be_cached_until_the_next_key_is_due(clock: Clock) -> None:
    browser = FrontendClient()
    browser.get(JWKS)
    for elapsed, rest in ((1000, A_WEEK - 60 - 1000), (A_WEEK - 1000 - 61, 1)):
        clock.advance(elapsed)
        assert browser.get(JWKS).headers["Cache-Control"] == f"max-age={rest}, must-revalidate"


def test_no_private_part_is_published() -> None:
    content: Any = FrontendClient().get(JWKS)

    assert not set(json.loads(content.content)["keys"][0]) & {"d", "p", "q", "dp", "dq", "qi"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_not_found(method: str) -> None:
    assert FrontendClient().request(method, JWKS).status_code == 404


def own_page(request: HttpRequest, **_: str) -> HttpResponse:
    return HttpResponse("of the project")


class OwnPages:
    """The project answers where ours are switched off."""

    urlpatterns = (
        path("auth/", include("supertokens_django.urls")),
        path("auth/jwt/jwks.json", own_page),
        path("auth/.well-known/openid-configuration", own_page),
    )


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [("jwt:jwks", JWKS), ("openid:configuration", "/auth/.well-known/openid-configuration")],
)
def test_it_can_be_disabled_and_the_project_answers_instead(endpoint: str, url: str) -> None:
    with supertokens_settings(DISABLED_ENDPOINTS=[endpoint]):
        assert FrontendClient().get(url).status_code == 404
        with override_settings(ROOT_URLCONF=OwnPages):
            assert getattr(FrontendClient().get(url), "content", b"") == b"of the project"
    with override_settings(ROOT_URLCONF=OwnPages):
        assert list(json_of(FrontendClient().get(url)))


def test_the_service_says_how_long_it_may_be_cached(clock: Clock) -> None:
    jwt_service.get_jwks()
    assert jwt_service.get_jwks_validity_in_seconds() == A_WEEK - 60
    clock.advance(600)
    jwt_service.rotate_signing_key()
    assert jwt_service.get_jwks_validity_in_seconds() == A_WEEK - 60
    jwt_service.retire_signing_key(jwt_service.list_signing_keys()[0].kid)
    assert jwt_service.get_jwks_validity_in_seconds() == A_WEEK - 60 - 600  # the one before signs on


def test_the_service_gives_the_same_keys() -> None:
    assert jwt_service.get_jwks() == json_of(FrontendClient().get(JWKS))


def test_a_database_dump_holds_no_private_key(alice: str) -> None:
    """Signing keys are encrypted at rest; nothing in any table is a key or a token."""
    from django.db import connection

    made = sessions.create_new_session_without_request_response(PUBLIC, alice)
    tokens = made.get_all_session_tokens_dangerously()
    jwt_service.create_jwt({})
    dump = ""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            dump += repr(cursor.fetchall())

    assert made.get_handle() in dump
    for secret in (
        "PRIVATE KEY",
        "MIIEv",
        '"d":',
        tokens["accessToken"],
        tokens["refreshToken"],
        "wonderland 1865",
    ):
        assert secret not in dump
