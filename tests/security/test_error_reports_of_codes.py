"""What Django mails to ``ADMINS`` when the database fails while somebody signs in by a code, or verifies an address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from supertokens_django.recipes.passwordless.rows import CreatedCode
from supertokens_django.services import emailverification, passwordless
from tests.base import ALICE, PUBLIC, supertokens_settings
from tests.client import FrontendClient
from tests.recipes.emailverification.verification import verify
from tests.security.test_error_reports import failing, report_of

TOKEN = "t" * 128


@pytest.fixture(autouse=True)
def _recipes(acme: None, db: None) -> Iterator[None]:
    with supertokens_settings(
        RECIPES=["emailpassword", "passwordless", "emailverification"],
        EMAILVERIFICATION={"MODE": "OPTIONAL"},
        PAGES={"ENABLED": True},
    ):
        yield


@pytest.fixture
def made() -> CreatedCode:
    return passwordless.create_code(PUBLIC, ALICE.email)


def post(path: str, body: dict[str, str]) -> str:
    frontend = FrontendClient("header", raise_request_exception=False)
    return report_of(
        lambda: frontend.call_recipe("POST", f"/auth/signinup/code{path}", rid="passwordless", json_body=body)
    )


def device_of(made: CreatedCode) -> dict[str, str]:
    return {"preAuthSessionId": made.pre_auth_session_id, "deviceId": made.device_id}


class TestOfTheApi:
    @pytest.mark.parametrize("pattern", ["FROM .supertokens_django_passwordlesscode", "INSERT", "DELETE"])
    def test_it_has_no_code_that_is_typed(self, made: CreatedCode, pattern: str) -> None:
        with failing(pattern):
            report = post("/consume", {**device_of(made), "userInputCode": made.user_input_code})
        assert f"'{made.user_input_code}'" not in report
        for secret in (made.device_id, made.link_code):
            assert secret not in report

    @pytest.mark.parametrize("pattern", ["FROM .supertokens_django_passwordlesscode", "INSERT", "DELETE"])
    def test_it_has_no_code_of_a_link(self, made: CreatedCode, pattern: str) -> None:
        body = {"preAuthSessionId": made.pre_auth_session_id, "linkCode": made.link_code}
        with failing(pattern):
            assert made.link_code not in post("/consume", body)

    @pytest.mark.parametrize("path", ["", "/resend"])
    def test_it_has_no_code_that_is_made(self, made: CreatedCode, path: str) -> None:
        code = "made-just-now-4711"
        body = device_of(made) if path else {"email": ALICE.email}
        own = {"GET_CUSTOM_USER_INPUT_CODE": lambda tenant_id: code}
        with supertokens_settings(PASSWORDLESS=own), failing("INSERT.*passwordlesscode"):
            assert code not in post(path, body)

    def test_it_has_no_token_of_a_mail(self) -> None:
        frontend = FrontendClient("header", raise_request_exception=False)
        with failing("emailverificationtoken"):
            assert TOKEN not in report_of(lambda: verify(frontend, TOKEN))


class TestOfThePages:
    @pytest.fixture
    def form(self) -> Client:
        return Client(raise_request_exception=False)

    def test_it_has_no_code_of_a_link(self, form: Client, made: CreatedCode) -> None:
        path = f"/auth/verify?preAuthSessionId={made.pre_auth_session_id}"
        with failing("FROM .supertokens_django_passwordlesscode"):
            report = report_of(lambda: form.post(path, {"link_code": made.link_code}, secure=True))
        assert made.link_code not in report

    def test_it_has_no_code_that_is_typed(self, form: Client) -> None:
        code = "typed-just-now-4711"
        form.post("/auth/?show=code", {"contact": ALICE.email}, secure=True)
        (kept,) = (cookie.value for name, cookie in form.cookies.items() if "sSignIn" in name)
        with failing("FROM .supertokens_django_passwordlesscode"):
            report = report_of(lambda: form.post("/auth/code", {"code": code}, secure=True))
        assert code not in report
        assert kept not in report

    def test_it_has_no_password_of_a_new_address(self, form: Client, alice: str) -> None:
        form.post("/auth/", {"email": ALICE.email, "password": ALICE.password}, secure=True)
        emailverification.mark_email_verified(alice)
        fields = {"action": "change-email", "email": "liddell@example.com", "password": ALICE.password}
        with failing("INSERT.*emailverificationtoken"):
            report = report_of(lambda: form.post("/auth/account", fields, secure=True))
        assert ALICE.password not in report
