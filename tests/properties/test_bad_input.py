"""Whatever comes in, a documented answer goes out and nothing is half-written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from supertokens_django.recipes.emailpassword.models import Password
from supertokens_django.services import passwordless
from supertokens_django.users.models import DjangoUserLink, LoginIdentity, LoginMethod, User
from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient, Stack
from tests.flow.rows import every_row, writing_statements
from tests.properties import strategies
from tests.properties.strategies import HUGE_INTEGER, TROUBLE
from tests.settings import TEST_DATABASE

pytestmark = pytest.mark.django_db

POSTS = [
    "/auth/signup",
    "/auth/signin",
    "/auth/user/password/reset/token",
    "/auth/user/password/reset",
    "/auth/signinup/code",
    "/auth/signinup/code/resend",
    "/auth/signinup/code/consume",
    "/auth/session/refresh",
    "/auth/signout",
]
GETS = [
    "/auth/emailpassword/email/exists",
    "/auth/signup/email/exists",
    "/auth/passwordless/email/exists",
    "/auth/passwordless/phonenumber/exists",
    "/auth/jwt/jwks.json",
    "/auth/.well-known/openid-configuration",
]
HEADERS = [
    "rid",
    "fdi-version",
    "st-auth-mode",
    "anti-csrf",
    "authorization",
    "cookie",
    "content-type",
    "user-agent",
    "origin",
    "referer",
    "accept-language",
    "x-forwarded-for",
    "x-forwarded-proto",
    "content-length",
]
COUNTED = ("INCORRECT_USER_INPUT_CODE_ERROR", "EXPIRED_USER_INPUT_CODE_ERROR")
DEVICES = "supertokens_django.PasswordlessDevice"
ACCOUNT = (User, LoginMethod, LoginIdentity, Password, DjangoUserLink)
DOCUMENTED = {200, 400, 401, 403, 404}

many = settings(
    max_examples=25 if TEST_DATABASE == "sqlite" else 8,  # looking at every table takes longer elsewhere
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@pytest.fixture(autouse=True)
def _codes_can_be_asked_for(acme: None) -> Iterator[None]:
    with supertokens_settings(
        RECIPES=["emailpassword", "passwordless"], PASSWORDLESS={"CONTACT_METHOD": "EMAIL_OR_PHONE"}
    ):
        yield


@pytest.fixture
def client(acme: None, alice: str, stack: Stack) -> FrontendClient:
    """A client whose server errors reach the test as exceptions. Alice has an account, and the keys exist."""
    FrontendClient("header").sign_in(ALICE.email, ALICE.password)
    return FrontendClient("cookie", stack=stack)


@pytest.fixture
def wsgi_client(acme: None, alice: str) -> FrontendClient:
    """The same under WSGI only, for tests that send every known piece of bad input one by one."""
    FrontendClient("header").sign_in(ALICE.email, ALICE.password)
    return FrontendClient("cookie")


@contextmanager
def undone() -> Iterator[None]:
    """What an example writes is gone before the next one."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def judge(send: Callable[[], HttpResponseBase]) -> None:
    """Send, and compare the answer and the database with what is documented."""
    with undone(), writing_statements() as written:
        response = send()
        assert response.status_code in DOCUMENTED
        after = every_row() if written else None
        counts = {model.objects.count() for model in ACCOUNT} if written else {0}
    status = None
    if response.status_code != 404:
        body = json.loads(response.content)  # type: ignore[attr-defined]
        status = body.get("status")
        if response.status_code == 200:
            assert status or "keys" in body or body == {}
        else:
            assert isinstance(body["message"], str)
            assert body["message"]
    assert len(counts) == 1
    if after is not None and (response.status_code != 200 or status not in ("OK", None)):
        before = every_row()
        if status in COUNTED:
            del before[DEVICES], after[DEVICES]
        assert after == before


def test_nothing_is_written_unseen(client: FrontendClient) -> None:
    with undone(), writing_statements() as written:
        assert client.sign_up("new@example.com", "wonderland 1865").status_code == 200
    assert len(written) > len(ACCOUNT)


@pytest.mark.parametrize("path", POSTS)
class TestBodies:
    @many
    @given(body=strategies.bodies)
    @example(
        body=b'{"formFields":[{"id":"email","value":"\xed\xa0\x80@example.com"},{"id":"password","value":"a1234567"}]}'
    )
    @example(
        body=b'{"formFields":[{"id":"email","value":"a@example.com"},{"id":"password","value":"\xed\xa0\x80a1234567"}]}'
    )
    @example(body=b'{"formFields":' + b"[" * 100_000)
    @example(body=b'{"formFields":' + HUGE_INTEGER.encode() + b"}")
    @example(body=b"\x00" * 100)
    def test_any_body_gets_a_documented_answer(self, client: FrontendClient, path: str, body: bytes) -> None:
        judge(lambda: client.request("POST", path, body=body))

    def test_every_known_troublemaker_in_every_place(self, wsgi_client: FrontendClient, path: str) -> None:
        places = [
            "%s",
            '{"formFields": %s}',
            '{"formFields": [%s]}',
            '{"formFields": [{"id": %s, "value": "x"}]}',
            '{"formFields": [{"id": "email", "value": %s}, {"id": "password", "value": "wonderland 1865"}]}',
            '{"formFields": [{"id": "email", "value": "new@example.com"}, {"id": "password", "value": %s}]}',
            '{"formFields": [{"id": "password", "value": "wonderland 1865"}], "token": %s}',
            '{"formFields": [{"id": "email", "value": "alice@example.com"}, '
            '{"id": "password", "value": "wonderland 1865"}], "shouldTryLinkingWithSessionUser": %s}',
        ]
        if path.startswith("/auth/signinup"):
            places = [
                '{"email": %s}',
                '{"phoneNumber": %s}',
                '{"email": "new@example.com", "phoneNumber": %s}',
                '{"preAuthSessionId": %s, "deviceId": "AAAA", "userInputCode": "123456"}',
                '{"preAuthSessionId": "KNOWN", "deviceId": %s, "userInputCode": "123456"}',
                '{"preAuthSessionId": "KNOWN", "deviceId": "DEVICE", "userInputCode": %s}',
                '{"preAuthSessionId": "KNOWN", "linkCode": %s}',
            ]
        known = passwordless.create_code("public", ALICE.email)
        for place in places:
            for trouble in TROUBLE:
                place = place.replace("KNOWN", known.pre_auth_session_id).replace("DEVICE", known.device_id)
                body = place.replace("%s", trouble).encode("utf-8", "surrogatepass")
                judge(lambda body=body: wsgi_client.request("POST", path, body=body))  # type: ignore[misc]


@many
@given(path=st.sampled_from(GETS), query=st.one_of(strategies.paths, strategies.any_text))
@example(path=GETS[0], query="email=%00")
@example(path=GETS[0], query="email=a%00@example.com")
@example(path=GETS[0], query="email=%ed%a0%80@example.com")
@example(path=GETS[0], query="email=" + "a" * 100_000)
@example(path=GETS[0], query="&".join(f"a{number}=1" for number in range(2_000)))
def test_any_query_gets_a_documented_answer(client: FrontendClient, path: str, query: str) -> None:
    encoded = query.encode("utf-8", "replace").decode("latin-1").replace("#", "%23")
    judge(lambda: client.get(f"{path}?{encoded}"))
    judge(lambda: client.get(f"{path}?email={encoded}"))


@many
@given(
    path=st.sampled_from([*POSTS, *GETS]),
    headers=st.dictionaries(st.sampled_from(HEADERS), strategies.header_values, max_size=4),
)
@example(path="/auth/session/refresh", headers={"cookie": "sRefreshToken=\xff\xfe; sAccessToken=\xc3\x28"})
@example(path="/auth/signout", headers={"cookie": "sAccessToken=%ff%00%0d%0a"})
@example(path="/auth/signup", headers={"content-type": "application/json; charset=klingon"})
@example(path="/auth/signup", headers={"content-length": "nine"})
@example(path="/auth/signin", headers={"user-agent": "a\x00b"})
def test_any_header_gets_a_documented_answer(
    client: FrontendClient, path: str, headers: dict[str, str]
) -> None:
    # Django's test clients take no other content types.
    content_type = headers.pop("content-type", "application/json").encode("ascii", "ignore").decode()
    method = "POST" if path in POSTS else "GET"
    fields = [{"id": "email", "value": ALICE.email}, {"id": "password", "value": ALICE.password}]
    body = json.dumps({"formFields": fields}).encode()

    def send() -> HttpResponseBase:
        return client.request(method, path, body=body, content_type=content_type, headers=headers)

    judge(send)


SESSION_PATHS = [
    "/auth/session/refresh",
    "/auth/signout",
    "/test/sync",
    "/test/checked",
    "/test/optional",
    "/auth/signin",
]


@many
@given(
    path=st.sampled_from(SESSION_PATHS),
    token=strategies.tokens,
    place=st.sampled_from(["bearer", "access", "refresh"]),
)
def test_any_token_gets_a_documented_answer(
    client: FrontendClient, path: str, token: str, place: str
) -> None:
    header = {
        "bearer": {"authorization": f"Bearer {token}"},
        "access": {"cookie": f"sAccessToken={token}"},
        "refresh": {"cookie": f"sRefreshToken={token}"},
    }[place]
    response: Any = None
    with undone(), writing_statements() as written:
        # Before FDI 3.1 a sign-in reads the session as well.
        response = client.request(
            "POST", path, body=b"{}", headers={**header, "fdi-version": "3.0", "rid": "session"}
        )
    assert written == []
    assert response.status_code in DOCUMENTED
    assert response.status_code == 401 or path in ("/test/optional", "/auth/signin")


@settings(many, max_examples=10)
@given(segments=st.lists(strategies.paths, min_size=1, max_size=3))
@example(segments=["%00"])
@example(segments=["%ff"])
@example(segments=["public%00"])
@example(segments=["a" * 65])
@example(segments=["a" * 100_000])
def test_any_path_gets_a_documented_answer(client: FrontendClient, segments: list[str]) -> None:
    joined = "/".join(segments)
    judge(lambda: client.get(f"/auth/{joined}"))
    for path in (*POSTS[:4], *GETS[:2]):
        recipe_path = path.removeprefix("/auth")
        method = "POST" if path in POSTS else "GET"
        fields = [{"id": "email", "value": ALICE.email}, {"id": "password", "value": ALICE.password}]
        needed = [field for field in fields if field["id"] in _fields_of(path)]
        body = json.dumps({"formFields": needed, "token": "x"}).encode()

        def send(
            method: str = method, recipe_path: str = recipe_path, body: bytes = body
        ) -> HttpResponseBase:
            return client.request(method, f"/auth/{joined}{recipe_path}?email=a@b.io", body=body)

        judge(send)


def _fields_of(path: str) -> tuple[str, ...]:
    return {"/auth/user/password/reset/token": ("email",), "/auth/user/password/reset": ("password",)}.get(
        path, ("email", "password")
    )


@many
@given(token=st.one_of(strategies.any_text, strategies.tokens))
def test_any_reset_token_that_was_not_issued_is_invalid(client: FrontendClient, token: str) -> None:
    body = {"formFields": [{"id": "password", "value": "rabbit hole 1"}], "token": token, "method": "token"}
    with undone(), writing_statements() as written:
        response = client.request("POST", "/auth/user/password/reset", json_body=body)
    assert written == []
    answer = json.loads(response.content)  # type: ignore[attr-defined]
    assert answer == {"status": "RESET_PASSWORD_INVALID_TOKEN_ERROR"} or response.status_code == 400
