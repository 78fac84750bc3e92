"""``POST /callback/apple``: Apple's form goes on to the website."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from supertokens_django.recipes.multitenancy.models import Tenant
from tests.base import supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.thirdparty.dance import LOOPBACK, post_form

pytestmark = pytest.mark.django_db

TARGET = "https://acme.com/auth/callback/apple"
NO_TARGET = {"message": "The state has no valid frontendRedirectURI"}
ELSEWHERE = {"message": "The frontendRedirectURI of the state is not the callback of this website"}


@pytest.fixture(autouse=True)
def _stage(acme: None) -> Any:
    with supertokens_settings(**LOOPBACK):
        yield


def state_of(target: Any) -> str:
    return base64.b64encode(json.dumps({"state": "f00", "frontendRedirectURI": target}).encode()).decode()


@pytest.fixture
def visitor() -> FrontendClient:
    return FrontendClient("cookie", enforce_csrf_checks=True)


def test_it_sends_the_browser_on_with_the_fields_in_their_order(visitor: FrontendClient) -> None:
    state = state_of(f"{TARGET}?keep=1&code=old")
    answer = post_form(visitor, {"state": state, "code": "c a=b", "user": '{"name":"Ä"}'})

    assert answer.status_code == 303
    assert answer.headers["Location"] == (
        f"{TARGET}?keep=1&code=c+a%3Db&state={quote(state, safe='')}&user=%7B%22name%22%3A%22%C3%84%22%7D"
    )
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.content == b""  # type: ignore[attr-defined]
    assert "no-store" in answer.headers["Cache-Control"]


def test_state_stands_before_code(visitor: FrontendClient) -> None:
    state = state_of(TARGET)
    location = post_form(visitor, {"state": state, "code": "x"}).headers["Location"]
    assert location == f"{TARGET}?state={state.replace('=', '%3D')}&code=x"


def test_an_error_of_apple_goes_on_as_well(visitor: FrontendClient) -> None:
    location = post_form(visitor, {"state": state_of(TARGET), "error": "user_cancelled_authorize"}).headers[
        "Location"
    ]
    assert location.endswith("&error=user_cancelled_authorize")


@pytest.mark.parametrize(
    "encode", [base64.b64encode, base64.urlsafe_b64encode, lambda text: base64.b64encode(text).rstrip(b"=")]
)
def test_any_base64_is_read(visitor: FrontendClient, encode: Any) -> None:
    state = encode(json.dumps({"frontendRedirectURI": TARGET + "?q=???>>>"}).encode()).decode()
    assert post_form(visitor, {"state": state}).status_code == 303


def test_a_tenant_may_be_named(visitor: FrontendClient) -> None:
    Tenant.objects.create(id="acme")
    assert post_form(visitor, {"state": state_of(TARGET)}, "/acme/callback/apple").status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "https://acme.com/auth/callback",
        "https://ACME.com/auth/callback/apple",
        "https://acme.com/auth/callback/apple/",
        "https://acme.com/auth/callback/apple-2?x=y",
    ],
)
def test_every_callback_of_the_website_is_good(visitor: FrontendClient, target: str) -> None:
    assert post_form(visitor, {"state": state_of(target)}).status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/auth/callback/apple",
        "https://acme.com.evil.example/auth/callback/apple",
        "https://acme.com@evil.example/auth/callback/apple",
        "https://user@acme.com/auth/callback/apple",
        "https://acme.com:8443/auth/callback/apple",
        "http://acme.com/auth/callback/apple",
        "//evil.example/auth/callback/apple",
        "/auth/callback/apple",
        "javascript:alert(1)//acme.com/auth/callback/apple",
        "https://acme.com/auth/callbackapple",
        "https://acme.com/elsewhere",
        "https://acme.com/auth/callback/../../elsewhere",
        "https://acme.com/auth/callback/%2e%2e/%2E%2e/elsewhere",
        "https://acme.com/auth/callback/.%2e/.%2E/elsewhere",
        "https://acme.com/auth/callback/%2e%2e%2f%2e%2e%2felsewhere",
        "https://acme.com/auth/callback/%252e%252e/%25252e%25252e/elsewhere",
        "https://acme.com/auth/callback/%5c..%5celsewhere",
        "https://acme.com\\@evil.example/auth/callback/apple",
        "https://acme.com/auth/callback/apple\r\nX: y",
        "https://acme.com/auth/callback/\\evil.example",
        "",
    ],
)
def test_elsewhere_nobody_is_sent(visitor: FrontendClient, target: str) -> None:
    answer = post_form(visitor, {"state": state_of(target), "code": "x"})
    assert (answer.status_code, json_of(answer)) == (400, ELSEWHERE)
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    "state",
    [
        None,
        "",
        "not base64!",
        base64.b64encode(b"not JSON").decode(),
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b"7").decode(),
        base64.b64encode(b"{}").decode(),
        base64.b64encode(b"[" * 5000).decode(),
        base64.b64encode(b'{"frontendRedirectURI": 7}').decode(),
        base64.b64encode(b"\xff\xfe").decode(),
        "A" * 9000,
    ],
)
def test_a_state_that_says_nothing_is_400(visitor: FrontendClient, state: str | None) -> None:
    answer = post_form(visitor, {} if state is None else {"state": state})
    assert (answer.status_code, json_of(answer)) == (400, NO_TARGET)


def test_a_form_that_cannot_be_read_is_400(visitor: FrontendClient) -> None:
    answer = visitor.request(
        "POST", "/auth/callback/apple", body=b"--x\r\nbroken", content_type="multipart/form-data; boundary="
    )
    assert (answer.status_code, json_of(answer)) == (400, {"message": "The form cannot be read"})
    fields = "&".join(f"a{number}=b" for number in range(1100))
    answer = visitor.request(
        "POST",
        "/auth/callback/apple",
        body=fields.encode(),
        content_type="application/x-www-form-urlencoded",
    )
    assert (answer.status_code, json_of(answer)) == (400, {"message": "The form cannot be read"})


def test_the_website_may_depend_on_the_request(visitor: FrontendClient) -> None:
    with supertokens_settings(ORIGIN=lambda request: "https://other.example"):
        assert post_form(visitor, {"state": state_of(TARGET)}).status_code == 400
        there = TARGET.replace("acme.com", "other.example")
        assert post_form(visitor, {"state": state_of(there)}).status_code == 303


def test_only_a_post_is_answered(visitor: FrontendClient) -> None:
    assert visitor.request("GET", "/auth/callback/apple").status_code == 404
    with supertokens_settings(DISABLED_ENDPOINTS=["thirdparty:callback_apple"]):
        assert post_form(visitor, {"state": state_of(TARGET)}).status_code == 404
