"""Access tokens of version 2, as a SuperTokens core of long ago has signed them (FDI)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.services import session as sessions
from tests.assertions import (
    assert_try_refresh_token,
    assert_unauthorised,
    assert_unauthorised_and_cleared,
    assert_view_json,
)
from tests.base import PUBLIC, Clock
from tests.client import FrontendClient

HEADER = b'{"alg":"RS256","typ":"JWT","version":"2"}'


def version_2(payload: dict[str, Any], header: bytes = HEADER) -> str:
    """Standard base64 with padding throughout, signed by our dynamic key; there is no ``kid``."""
    signed = b".".join(base64.b64encode(part) for part in (header, json.dumps(payload).encode()))
    key = ring.signing_key(dynamic=True).private_key
    assert key is not None
    signature = key.sign(signed, PKCS1v15(), SHA256())
    return f"{signed.decode()}.{base64.b64encode(signature).decode()}"


def payload_of(frontend: FrontendClient, **changes: Any) -> dict[str, Any]:
    claims = frontend.access_token_payload
    return {
        "userId": claims["sub"],
        "sessionHandle": claims["sessionHandle"],
        "refreshTokenHash1": claims["refreshTokenHash1"],
        "userData": {"x-theme": "dark"},
        "expiryTime": claims["exp"] * 1000,
        "timeCreated": claims["iat"] * 1000,
        **changes,
    }


@pytest.mark.parametrize("path", ["/test/sync", "/test/async"])
def test_it_still_counts(clock: Clock, frontend: FrontendClient, alice: str, path: str) -> None:
    handle, token = frontend.session_handle, version_2(payload_of(frontend))
    frontend.hold_access_token(token)

    expected = {"session": handle, "userId": alice, "tenantId": PUBLIC, "payload": {"x-theme": "dark"}}
    assert_view_json(frontend.get(path), expected)


def test_the_database_knows_it(clock: Clock, frontend: FrontendClient) -> None:
    frontend.hold_access_token(version_2(payload_of(frontend)))

    assert frontend.get("/test/checked").status_code == 200


def test_when_it_is_revoked_the_database_says_so(frontend: FrontendClient) -> None:
    token = version_2(payload_of(frontend))
    sessions.revoke_session(frontend.session_handle)
    frontend.hold_access_token(token)

    assert frontend.get("/test/sync").status_code == 200
    assert_unauthorised_and_cleared(frontend.get("/test/checked"))


def test_when_it_has_expired_it_asks_for_a_refresh(clock: Clock, frontend: FrontendClient) -> None:
    frontend.hold_access_token(version_2(payload_of(frontend)))
    clock.advance(3601)

    assert_try_refresh_token(frontend.get("/test/sync"))


def test_when_its_signature_is_not_ours_it_asks_for_a_refresh(frontend: FrontendClient) -> None:
    head, _, signature = version_2(payload_of(frontend)).rpartition(".")
    frontend.hold_access_token(f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}")

    assert_try_refresh_token(frontend.get("/test/sync"))


@pytest.mark.parametrize(
    "change",
    [
        {"userId": None},
        {"sessionHandle": 1},
        {"refreshTokenHash1": None},
        {"userData": None},
        {"expiryTime": "soon"},
        {"timeCreated": None},
    ],
)
def test_with_a_claim_of_the_wrong_type_it_is_no_token(
    frontend: FrontendClient, change: dict[str, Any]
) -> None:
    frontend.hold_access_token(version_2(payload_of(frontend, **change)))

    assert_unauthorised(frontend.get("/test/sync"))


def test_only_its_one_exact_header_is_known(frontend: FrontendClient) -> None:
    spaced = b'{"alg": "RS256","typ":"JWT","version":"2"}'
    frontend.hold_access_token(version_2(payload_of(frontend), header=spaced))

    assert_unauthorised(frontend.get("/test/sync"))
