"""The tables of docs/protocol.md, row by row, over the wire."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.http import HttpResponseBase

from supertokens_django import conf
from supertokens_django.flow import authenticate
from supertokens_django.http import endpoint
from supertokens_django.openapi import openapi_document
from supertokens_django.recipes.emailpassword import inputs
from supertokens_django.recipes.emailverification import inputs as emailverification_inputs
from supertokens_django.recipes.emailverification import views as emailverification_views
from supertokens_django.recipes.passwordless import codes, verdicts
from supertokens_django.recipes.passwordless import inputs as passwordless_inputs
from supertokens_django.recipes.thirdparty import inputs as thirdparty_inputs
from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.docs.snippets import text_of

PAGE = text_of("docs/protocol.md")
ALLOWED = r"^\| (any|header|cookie) \| (yes|no) \| (yes|no) \| (.+?) \|"
VERIFICATION = re.findall(
    ALLOWED + "$", PAGE.partition("At a verification:")[2].partition("At a refresh")[0], re.M
)
REFRESH = re.findall(ALLOWED + r" (.+) \|$", PAGE, re.M)

pytestmark = pytest.mark.django_db


def choose(request: object, for_create_new_session: bool) -> str:
    return "any" if for_create_new_session else allowed_now


allowed_now = "any"


@pytest.fixture
def browser(acme: None) -> Iterator[FrontendClient]:
    """Has a session in cookies and another one in headers."""
    transfer = f"{__name__}.choose"
    with supertokens_settings(SESSION={"GET_TOKEN_TRANSFER_METHOD": transfer}):
        browser = FrontendClient("cookie")
        browser.sign_up(ALICE.email, ALICE.password)
        other = FrontendClient("header")
        other.sign_in(ALICE.email, ALICE.password)
        browser.header_tokens = dict(other.header_tokens)
        yield browser


def allow(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """What the project's function answers from now on."""
    monkeypatch.setitem(globals(), "allowed_now", method)


def has_changed(answer: HttpResponseBase, method: str) -> str:
    """``set``, ``cleared`` or ``left``: what an answer does to the tokens of a method."""
    if method == "cookie":
        value = answer.cookies["sRefreshToken"].value if "sRefreshToken" in answer.cookies else None
    else:
        value = answer.headers.get("st-refresh-token")
    return "left" if value is None else "set" if value else "cleared"


def test_the_tables_have_their_rows() -> None:
    assert (len(VERIFICATION), len(REFRESH)) == (8, 8)


@pytest.mark.parametrize(("allowed", "header", "cookie", "outcome"), VERIFICATION)
def test_the_session_is_the_one_that_the_table_says(
    browser: FrontendClient,
    monkeypatch: pytest.MonkeyPatch,
    allowed: str,
    header: str,
    cookie: str,
    outcome: str,
) -> None:
    in_header = browser.header_tokens["st-access-token"]
    headers = {"authorization": f"Bearer {in_header}" if header == "yes" else None}
    if cookie == "no":
        headers["cookie"] = ""
    allow(monkeypatch, allowed)
    answer = browser.sign_out(headers=headers)
    expected = {"that of the header": "header", "that of the cookie": "cookie", "none": None}[outcome]
    assert answer.status_code == (401 if expected is None else 200)
    for method in ("header", "cookie"):
        assert has_changed(answer, method) == ("cleared" if method == expected else "left")


@pytest.mark.parametrize(("allowed", "header", "cookie", "sets", "clears"), REFRESH)
def test_a_refresh_answers_as_the_table_says(
    browser: FrontendClient,
    monkeypatch: pytest.MonkeyPatch,
    allowed: str,
    header: str,
    cookie: str,
    sets: str,
    clears: str,
) -> None:
    headers: dict[str, str | None] = {}
    if header == "no":
        headers["authorization"] = None
    if cookie == "no":
        headers["cookie"] = ""
    allow(monkeypatch, allowed)
    answer = browser.refresh(headers=headers)
    assert answer.status_code == (401 if "401" in sets else 200)
    cleared = {"both": {"cookie", "header"}, "cookies": {"cookie"}, "headers": {"header"}, "nothing": set()}
    given = {"headers": "header", "cookies": "cookie"}.get(sets)
    for method in ("cookie", "header"):
        expected = "set" if method == given else "cleared" if method in cleared[clears] else "left"
        assert has_changed(answer, method) == expected


SAYING = (
    endpoint,
    authenticate,
    inputs,
    emailverification_inputs,
    emailverification_views,
    passwordless_inputs,
    codes,
    verdicts,
    thirdparty_inputs,
)
"""The modules that refuse malformed requests."""


def texts_of_malformed_requests() -> set[str]:
    """What the code says where it raises a BadInputError; a name in the text is whatever it stands for."""
    found = {emailverification_views.NO_JSON_OBJECT}
    for module in SAYING:
        tree = ast.parse(Path(str(module.__file__)).read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "BadInputError":
                (text,) = node.args
                if isinstance(text, ast.Constant):
                    found.add(str(text.value))
                elif isinstance(text, ast.Name) and text.id != "no_object":
                    found.add(getattr(module, text.id))
                elif isinstance(text, ast.JoinedStr):
                    found.add(
                        "".join(str(p.value) for p in text.values if isinstance(p, ast.Constant)).strip()
                    )
    return found


def without_names(text: str) -> str:
    """Texts of the page with the names left out, as they are left out of the code's."""
    return re.sub(r" (…|deviceId|linkCode|thirdPartyId|redirectURIOnProviderDashboard) ", "  ", text)


def test_every_text_of_a_malformed_request_is_listed() -> None:
    section = PAGE.partition("### Malformed requests")[2].partition("\n## ")[0]
    texts = texts_of_malformed_requests()
    assert len(texts) > 30
    assert [text for text in texts if text not in section and text not in without_names(section)] == []


def test_the_endpoints_are_those_of_the_openapi_document() -> None:
    rows = {(m.lower(), path) for m, path in re.findall(r"^\| `(GET|POST) (\S+)` \|", PAGE, re.M)}
    with supertokens_settings(RECIPES=list(conf.BUILT_IN_RECIPES)):
        paths = openapi_document()["paths"]
    described = {
        (method, path)
        for path, item in paths.items()
        for method in item
        if method != "parameters" and not path.startswith("/{tenantId}")
    }
    assert rows == described


DEVICE = {"preAuthSessionId": "x", "deviceId": "AAAA"}
IN_A_TENANT = {
    "POST /signin": {"formFields": [{"id": n, "value": "passw0rd@b.co"} for n in ("email", "password")]},
    "POST /signup": {"formFields": [{"id": n, "value": "passw0rd@b.co"} for n in ("email", "password")]},
    "POST /user/password/reset/token": {"formFields": [{"id": "email", "value": "a@b.co"}]},
    "GET /emailpassword/email/exists?email=a@b.co": None,
    "POST /signinup/code": {"email": "a@b.co"},
    "POST /signinup/code/resend": DEVICE,
    "POST /signinup/code/consume": {**DEVICE, "userInputCode": "1"},
    "GET /passwordless/email/exists?email=a@b.co": None,
    "GET /passwordless/phonenumber/exists?phoneNumber=%2B36301234567": None,
    "POST /user/email/verify": {"token": "x"},
}


@pytest.mark.parametrize("call", IN_A_TENANT)
def test_a_tenant_that_does_not_exist_is_told_so(acme: None, call: str) -> None:
    method, _, path = call.partition(" ")
    recipes = ["emailpassword", "emailverification", "passwordless"]
    with supertokens_settings(RECIPES=recipes, EMAILVERIFICATION={"MODE": "OPTIONAL"}):
        answer = FrontendClient().request(method, f"/auth/nowhere{path}", json_body=IN_A_TENANT[call])
    message = "Tenant with the following tenantId not found: nowhere"
    assert (answer.status_code, json_of(answer)) == (400, {"message": message})
