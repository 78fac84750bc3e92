"""Services in Python that know the address of the API, or of the issuer, and nothing else."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen

import jwt
import pytest

from supertokens_django.services import jwt as jwts
from supertokens_django.services import session as sessions
from tests.base import ISSUER, PUBLIC
from tests.client import FrontendClient


def discovered(issuer: str) -> dict[str, Any]:
    """What the issuer says about itself (OpenID Connect Discovery 1.0 §4)."""
    with urlopen(f"{issuer}/.well-known/openid-configuration") as answer:
        document: dict[str, Any] = json.load(answer)
    assert document["issuer"] == issuer  # §4.3: else it is not to be trusted
    return document


def verified(token: str, issuer: str) -> dict[str, Any]:
    """The claims of a token of this issuer."""
    key = jwt.PyJWKClient(discovered(issuer)["jwks_uri"]).get_signing_key_from_jwt(token)
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], issuer=issuer)
    return claims


def access_token(**payload: Any) -> str:
    return sessions.create_new_session_without_request_response(PUBLIC, "alice", payload).get_access_token()


@pytest.mark.parametrize("is_dynamic", [True, False])
def test_a_session_is_verified_by_the_key_set(api: str, is_dynamic: bool) -> None:
    from tests.base import supertokens_settings

    with supertokens_settings(SESSION={"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": is_dynamic}):
        claims = verified(access_token(plan="pro"), f"{api}/auth")

    assert (claims["sub"], claims["plan"]) == ("alice", "pro")


def test_a_jwt_of_the_projects_own_is_verified_by_the_key_set(api: str) -> None:
    from supertokens_django.services import openid

    assert verified(openid.create_jwt({"service": "billing"}, 60), f"{api}/auth")["service"] == "billing"


def test_another_issuer_is_not_believed(api: str) -> None:
    token = jwts.create_jwt({"iss": "https://mallory.example", "sub": "alice"}, 60)

    with pytest.raises(jwt.InvalidIssuerError):
        verified(token, f"{api}/auth")


def test_a_token_that_was_tampered_with_is_refused(api: str) -> None:
    from tests.forgery import with_claims

    with pytest.raises(jwt.InvalidSignatureError):
        verified(with_claims(access_token(), payload={"sub": "mallory"}), f"{api}/auth")


class TestTheJwtInsideAnAccessToken:
    """With an issuer that is not the API's own."""

    def test_who_knows_the_issuer_alone_verifies_it(self, tunnel: str) -> None:
        made = sessions.create_new_session_without_request_response(PUBLIC, "alice", {"plan": "pro"})

        claims = verified(made.get_access_token_payload()["jwt"], tunnel)

        assert (claims["sub"], claims["plan"], claims["iss"]) == ("alice", "pro", tunnel)

    def test_everything_that_the_document_names_is_below_the_issuer(self, tunnel: str) -> None:
        urls = [value for value in discovered(tunnel).values() if str(value).startswith("http")]

        assert len(urls) == 8
        assert [url for url in urls if url != tunnel and not url.startswith(f"{tunnel}/")] == []

    def test_the_session_itself_is_still_the_apis(self, tunnel: str) -> None:
        """Who asks at the API's own host is told of its issuer, and finds the keys of the session's token there."""
        path = "/auth/.well-known/openid-configuration"
        with urlopen(
            Request(tunnel.removesuffix("/auth") + path, headers={"Host": "api.acme.com"})
        ) as answer:
            document = json.load(answer)
        key_set = document["jwks_uri"].removeprefix("https://api.acme.com")
        with urlopen(tunnel.removesuffix("/auth") + key_set) as answer:
            keys = jwt.PyJWKSet.from_dict(json.load(answer))
        token = access_token()

        claims = jwt.decode(
            token, keys[jwt.get_unverified_header(token)["kid"]], algorithms=["RS256"], issuer=ISSUER
        )

        assert (document["issuer"], claims["sub"]) == (ISSUER, "alice")

    def test_it_is_no_session(self, tunnel: str) -> None:
        made = sessions.create_new_session_without_request_response(PUBLIC, "alice")
        nested = made.get_access_token_payload()["jwt"]

        for headers in ({"authorization": f"Bearer {nested}"}, {"cookie": f"sAccessToken={nested}"}):
            assert FrontendClient().get("/test/sync", headers=headers).status_code == 401
