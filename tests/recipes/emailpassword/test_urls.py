"""Which path, method, tenant segment and ``rid`` reaches which endpoint."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponseBase

from tests.base import ALICE, BOB, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import WRONG_CREDENTIALS, field_error, form, message

pytestmark = pytest.mark.django_db

CREDENTIALS = form(password=ALICE.password, email=ALICE.email)
ENDPOINTS = [
    ("emailpassword:signup", "POST", "/auth/signup"),
    ("emailpassword:signin", "POST", "/auth/signin"),
    ("emailpassword:email_exists", "GET", "/auth/emailpassword/email/exists"),
    ("emailpassword:email_exists", "GET", "/auth/signup/email/exists"),
    ("emailpassword:reset_token", "POST", "/auth/user/password/reset/token"),
    ("emailpassword:reset", "POST", "/auth/user/password/reset"),
]


def sign_in(visitor: FrontendClient, path: str = "/auth/signin", **headers: str | None) -> HttpResponseBase:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return visitor.call_recipe("POST", path, rid="emailpassword", json_body=CREDENTIALS, headers=named)


@pytest.mark.parametrize(
    "path",
    ["/auth/signin", "/auth/signin/", "/auth/public/signin", "/auth/public/signin/", "/auth/signin?next=/x"],
)
def test_it_signs_in_with_and_without_tenant_trailing_slash_and_query(
    path: str, visitor: FrontendClient, alice: str
) -> None:
    body = json_of(sign_in(visitor, path))
    assert (body["status"], body["user"]["id"]) == ("OK", alice)


@pytest.mark.parametrize(
    "path",
    [
        "/auth/signin//",
        "/auth//signin",
        "/auth/SignIn",
        "/auth/SIGNIN",
        "/Auth/signin",
        "/authfoo",
        "/authsignin",
        "/auth/signin/now",
        "/auth/a/b/signin",
        "/auth/a_b/signin",
        "/auth/a.b/signin",
        "/auth/a%20b/signin",
        "/auth/%C3%A4/signin",
        "/auth/signin%0A",
        "/auth/",
        "/auth",
    ],
)
def test_it_does_not_answer_a_path_that_is_not_one_of_its_own(path: str, visitor: FrontendClient) -> None:
    assert sign_in(visitor, path).status_code == 404


@pytest.mark.parametrize(("name", "method", "path"), ENDPOINTS)
def test_it_answers_404_to_every_other_method_and_never_405(
    name: str, method: str, path: str, visitor: FrontendClient
) -> None:
    others = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - {method}
    answers = {other: visitor.request(other, path, body=b"{}").status_code for other in others}
    assert answers == dict.fromkeys(others, 404)


@pytest.mark.parametrize(("name", "method", "path"), ENDPOINTS)
def test_a_disabled_endpoint_does_not_exist(
    name: str, method: str, path: str, visitor: FrontendClient
) -> None:
    with supertokens_settings(DISABLED_ENDPOINTS=[name]):
        assert visitor.request(method, f"{path}?email=a@b.io", body=b"{}").status_code == 404
        tenant_path = path.replace("/auth/", "/auth/public/")
        assert visitor.request(method, f"{tenant_path}?email=a@b.io", body=b"{}").status_code == 404


@pytest.mark.parametrize(("name", "method", "path"), ENDPOINTS)
def test_disabling_the_other_endpoints_leaves_an_endpoint_alone(
    name: str, method: str, path: str, visitor: FrontendClient
) -> None:
    others = sorted({other for other, _, _ in ENDPOINTS} - {name})
    with supertokens_settings(DISABLED_ENDPOINTS=others):
        response = visitor.request(method, f"{path}?email=a@b.io", body=b"{}")
    assert response.status_code == 200


def test_without_the_recipe_its_endpoints_do_not_exist(visitor: FrontendClient) -> None:
    with supertokens_settings(RECIPES=[]):
        answers = [visitor.request(method, path, body=b"{}").status_code for _, method, path in ENDPOINTS]
    assert answers == [404] * len(ENDPOINTS)


class TestTenantSegment:
    def test_it_tells_one_email_in_two_tenants_apart(self, visitor: FrontendClient, tenant_acme: str) -> None:
        public = json_of(visitor.sign_up(ALICE.email, ALICE.password))["user"]
        acme = json_of(visitor.sign_up(ALICE.email, BOB.password, tenant=tenant_acme))["user"]
        assert (public["tenantIds"], acme["tenantIds"]) == (["public"], [tenant_acme])
        assert public["id"] != acme["id"]
        assert [method["tenantIds"] for method in acme["loginMethods"]] == [[tenant_acme]]

    def test_a_password_of_one_tenant_is_wrong_in_another(
        self, visitor: FrontendClient, tenant_acme: str
    ) -> None:
        visitor.sign_up(ALICE.email, ALICE.password)
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password, tenant=tenant_acme)) == WRONG_CREDENTIALS
        visitor.sign_up(ALICE.email, BOB.password, tenant=tenant_acme)
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password, tenant=tenant_acme)) == WRONG_CREDENTIALS
        assert json_of(visitor.sign_in(ALICE.email, BOB.password)) == WRONG_CREDENTIALS

    def test_the_session_belongs_to_the_tenant_of_the_url(
        self, visitor: FrontendClient, tenant_acme: str
    ) -> None:
        visitor.sign_up(ALICE.email, ALICE.password, tenant=tenant_acme)
        assert visitor.access_token_payload["tId"] == tenant_acme
        visitor.sign_in(ALICE.email, ALICE.password, tenant=tenant_acme)
        assert visitor.access_token_payload["tId"] == tenant_acme

    def test_the_first_segment_of_a_path_of_its_own_is_no_tenant(
        self, visitor: FrontendClient, make_tenant: Any
    ) -> None:
        make_tenant("signup")
        visitor.sign_up(ALICE.email, ALICE.password)
        response = visitor.get(f"/auth/signup/email/exists?email={ALICE.email}")
        assert json_of(response) == {"status": "OK", "exists": True}

    @pytest.mark.parametrize(("name", "method", "path"), ENDPOINTS)
    def test_an_unknown_tenant_is_bad_input(
        self, name: str, method: str, path: str, visitor: FrontendClient
    ) -> None:
        bodies = {
            "/auth/signup": CREDENTIALS,
            "/auth/signin": CREDENTIALS,
            "/auth/user/password/reset/token": form(email=ALICE.email),
            "/auth/user/password/reset": {**form(password=ALICE.password), "token": "t", "method": "token"},
        }
        path_of_tenant = path.replace("/auth/", "/auth/wonderland/")
        response = visitor.request(method, f"{path_of_tenant}?email=a@b.io", json_body=bodies.get(path))
        assert response.status_code == 400
        assert json_of(response) == message("Tenant with the following tenantId not found: wonderland")


class TestRecipeId:
    @pytest.mark.parametrize(
        "rid",
        [
            None,
            "",
            "anti-csrf",
            "emailpassword",
            "session",
            "thirdparty",
            "passwordless",
            "thirdpartyemailpassword",
            "thirdpartypasswordless",
            "random",
            "émail",
        ],
    )
    def test_it_is_a_hint_only(self, rid: str | None, visitor: FrontendClient, alice: str) -> None:
        assert json_of(sign_in(visitor, rid=rid))["status"] == "OK"

    @pytest.mark.parametrize(
        "rid", [None, "emailpassword", "thirdpartyemailpassword", "passwordless", "anti-csrf"]
    )
    def test_the_old_exists_path_is_found_with_every_rid(
        self, rid: str | None, visitor: FrontendClient, alice: str
    ) -> None:
        response = visitor.get(f"/auth/signup/email/exists?email={ALICE.email}", headers={"rid": rid})
        assert json_of(response) == {"status": "OK", "exists": True}


def test_it_answers_a_body_without_fields_with_the_missing_fields_and_not_with_400(
    visitor: FrontendClient,
) -> None:
    response = visitor.request("POST", "/auth/signin", body=b"")
    assert response.status_code == 200
    missing = "Field is not optional"
    assert json_of(response) == field_error(("password", missing), ("email", missing))
