"""Whatever is sent to a page, the answer is a page, a redirect or a plain refusal; never a server error."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supertokens_django.services import users
from tests.client import FrontendClient, Stack
from tests.pages.visiting import Page, Visitor

pytestmark = pytest.mark.django_db

PATHS = [
    "/auth/",
    "/auth/?show=signup",
    "/auth/sign-out",
    "/auth/reset-password",
    "/auth/reset-password?token=x",
]
ANSWERS = {200, 302, 400, 404}

queries = st.dictionaries(
    st.sampled_from(["show", "next", "redirectToPath", "tenantId", "token", "notice"]), st.text(max_size=20)
)
fields = st.dictionaries(st.sampled_from(["email", "password", "formFields", "", "x"]), st.text(max_size=20))


def post(visitor: Visitor, path: str, body: bytes, content_type: str) -> Page:
    """Send a body as it is, with the token that the CSRF check wants."""
    visitor.open("/auth/")
    headers = {
        "host": "acme.com",
        "origin": "https://acme.com",
        "x-csrftoken": str(visitor.jar.get("csrftoken")),
        "cookie": f"csrftoken={visitor.jar.get('csrftoken')}",
    }
    response: Any = visitor._client.generic("POST", path, body, content_type, secure=True, headers=headers)
    return Page(path, response)


@given(query=queries, form=fields, path=st.sampled_from(PATHS))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_form_at_any_address(query: dict[str, str], form: dict[str, str], path: str) -> None:
    visitor = Visitor()
    joint = "&" if "?" in path else "?"
    encoded = "&".join(f"{name}={quote(value, errors='surrogatepass')}" for name, value in query.items())
    address = f"{path}{joint}{encoded}"
    assert visitor.open(address).status in ANSWERS
    body = "&".join(f"{quote(name)}={quote(value, errors='surrogatepass')}" for name, value in form.items())
    page = post(visitor, address, body.encode(), "application/x-www-form-urlencoded")
    assert page.status in ANSWERS


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xff\xfe=\xed\xa0\x80&email=%ED%A0%80&password=%ff", "application/x-www-form-urlencoded"),
        (b"email=" + b"a" * 100_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"x%d=" % number for number in range(2000)), "application/x-www-form-urlencoded"),
        (b"x" * 3_000_000, "application/x-www-form-urlencoded"),
        (b"--x\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b'{"formFields": []}', "application/json"),
        (b"email=a", "application/x-www-form-urlencoded; charset=nonsense"),
    ],
)
def test_a_body_that_is_no_form(path: str, body: bytes, content_type: str, visitor: Visitor) -> None:
    assert post(visitor, path, body, content_type).status in ANSWERS
    assert users.get_user_count() == 0


@pytest.mark.parametrize("path", ["/auth/", "/auth/sign-out", "/auth/reset-password"])
@pytest.mark.parametrize(
    "cookie",
    ["sAccessToken=nonsense", "sAccessToken=a.b.c", "sIdRefreshToken=x", "sAccessToken=a;sAccessToken=b"],
)
def test_any_cookie(path: str, cookie: str) -> None:
    assert Visitor(headers={"cookie": cookie}).open(path).status in ANSWERS


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_both_stacks_serve_them(method: str, stack: Stack) -> None:
    frontend = FrontendClient("cookie", stack=stack, host="acme.com")
    response = frontend.request(method, "/auth/", headers={"rid": None, "st-auth-mode": None})
    assert response.status_code == 200
    assert (b"Sign in" in response.getvalue()) is (method == "GET")
