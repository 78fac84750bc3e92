"""Services in Node, by jsonwebtoken and jwks-rsa, as docs/verifying.md says."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from supertokens_django.services import openid
from supertokens_django.services import session as sessions
from tests.base import PUBLIC, supertokens_settings
from tests.docs.snippets import snippets_of
from tests.forgery import with_claims
from tests.verifiers.node import require_node, run_module

REPORT = """
const report = [];
for (const token of JSON.parse(process.env.TOKENS)) {
    report.push(await verifiedSession(token).then((payload) => payload, (error) => error.message));
}
console.log(JSON.stringify(report));
"""
BY_PEM = """
import jwt from "jsonwebtoken";
const { PEM, ISSUER, TOKENS } = process.env;
const report = JSON.parse(TOKENS).map((token) => {
    try {
        return jwt.verify(token, PEM, { algorithms: ["RS256"], issuer: ISSUER });
    } catch (error) {
        return error.message;
    }
});
console.log(JSON.stringify(report));
"""
STATIC: dict[str, Any] = {"USE_DYNAMIC_ACCESS_TOKEN_SIGNING_KEY": False}


@pytest.fixture(autouse=True)
def _node() -> None:
    require_node()


def the_page() -> str:
    (snippet,) = (found for found in snippets_of("docs/verifying.md") if found.language == "javascript")
    return snippet.code


def made(**payload: Any) -> Any:
    return sessions.create_new_session_without_request_response(PUBLIC, "alice", payload)


def test_sessions_of_both_kinds_of_key_are_verified_by_the_key_set(api: str, tmp_path: Path) -> None:
    dynamic = made(plan="pro").get_access_token()
    with supertokens_settings(SESSION=STATIC):
        static = made(plan="free").get_access_token()

    report = run_module(
        the_page() + REPORT, tmp_path, ISSUER=f"{api}/auth", TOKENS=json.dumps([dynamic, static])
    )

    assert [(payload["sub"], payload["plan"]) for payload in report] == [("alice", "pro"), ("alice", "free")]


def test_what_is_no_session_of_this_issuer_is_refused(api: str, tmp_path: Path) -> None:
    token = made().get_access_token()
    unsigned = with_claims(token, header={"alg": "none"}).rpartition(".")[0] + "."
    bad = [
        with_claims(token, payload={"sub": "mallory"}),
        with_claims(token, header={"kid": "d-1700000000000"}),
        unsigned,
        openid.create_jwt({"sub": "alice"}, 60),
        openid.create_jwt({"sub": "alice", "iss": "https://mallory.example"}, 60),
        openid.create_jwt({"sub": "alice", "exp": 1}),
    ]

    report = run_module(the_page() + REPORT, tmp_path, ISSUER=f"{api}/auth", TOKENS=json.dumps(bad))

    assert report == [
        "invalid signature",
        "error in secret or public key callback: Unable to find a signing key that matches 'd-1700000000000'",
        "jwt signature is required",
        "not a session",
        f"jwt issuer invalid. expected: {api}/auth",
        "jwt expired",
    ]


def test_the_jwt_inside_is_verified_by_who_knows_its_issuer_alone(tunnel: str, tmp_path: Path) -> None:
    """A gateway: it reads the discovery document, then the keys that this names."""
    gateway = """
        import jwt from "jsonwebtoken";
        import jwksClient from "jwks-rsa";
        const { ISSUER, TOKENS } = process.env;
        const document = await (await fetch(`${ISSUER}/.well-known/openid-configuration`)).json();
        const keys = jwksClient({ jwksUri: document.jwks_uri });
        const [token] = JSON.parse(TOKENS);
        const key = await keys.getSigningKey(jwt.decode(token, { complete: true }).header.kid);
        const payload = jwt.verify(token, key.getPublicKey(), { algorithms: ["RS256"], issuer: document.issuer });
        console.log(JSON.stringify([document.issuer, payload]));
    """
    token = made(plan="pro").get_access_token_payload()["jwt"]

    issuer, payload = run_module(gateway, tmp_path, ISSUER=tunnel, TOKENS=json.dumps([token]))

    assert issuer == tunnel
    assert (payload["sub"], payload["plan"], payload["iss"]) == ("alice", "pro", tunnel)


def test_a_pem_of_the_static_key_is_enough(api: str, tmp_path: Path) -> None:
    out = io.StringIO()
    with supertokens_settings(SESSION=STATIC):
        static = made(**{"st-ev": {"v": True, "t": 1768478400000}}).get_access_token()
        call_command("supertokens_keys", "export", stdout=out)
    dynamic = made().get_access_token()

    good, bad = run_module(
        BY_PEM, tmp_path, ISSUER=f"{api}/auth", PEM=out.getvalue(), TOKENS=json.dumps([static, dynamic])
    )

    assert (good["sub"], good["st-ev"]["v"]) == ("alice", True)
    assert bad == "invalid signature"
