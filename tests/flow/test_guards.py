"""``GUARDS``: classes that are asked before every endpoint."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from supertokens_django.exceptions import GeneralError
from supertokens_django.services import users
from tests.assertions import assert_session_is_untouched
from tests.base import ALICE, BOB, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.recipes.emailpassword.bodies import NOT_OPTIONAL, field_error, form, message

pytestmark = pytest.mark.django_db

HERE = __name__


def general_error(text: str) -> dict[str, str]:
    return {"status": "GENERAL_ERROR", "message": text}


class Captcha:
    """Asks for a solved captcha where somebody may try many passwords or addresses."""

    ENDPOINTS = {"emailpassword:signup", "emailpassword:signin", "emailpassword:reset_token"}

    def check(self, endpoint: str, request: HttpRequest, data: dict[str, Any]) -> None:
        if endpoint in self.ENDPOINTS and data.get("captcha") != "solved":
            raise GeneralError("Please solve the captcha")


class TermsOfService:
    """Lets nobody sign up who did not accept the terms."""

    def check(self, endpoint: str, request: HttpRequest, data: dict[str, Any]) -> None:
        if endpoint != "emailpassword:signup":
            return
        fields = data.get("formFields")
        accepted = isinstance(fields, list) and {"id": "terms", "value": True} in fields
        if not accepted:
            raise GeneralError("Please accept our terms of service")


class Recorder:
    """Remembers what it was asked."""

    asked: ClassVar[list[tuple[str, dict[str, Any]]]] = []

    def check(self, endpoint: str, request: HttpRequest, data: dict[str, Any]) -> None:
        assert isinstance(request, HttpRequest)
        self.asked.append((endpoint, data))


class RefuseAll:
    def check(self, endpoint: str, request: HttpRequest, data: dict[str, Any]) -> None:
        raise GeneralError(f"Nobody may call {endpoint}")


@pytest.fixture
def recorder() -> type[Recorder]:
    Recorder.asked.clear()
    return Recorder


class TestCaptcha:
    @pytest.fixture(autouse=True)
    def captcha(self, acme: None) -> Any:
        with supertokens_settings(GUARDS=[f"{HERE}.Captcha"]):
            yield

    REFUSED = general_error("Please solve the captcha")

    def test_without_one_nobody_signs_up(self, browser: FrontendClient) -> None:
        response = browser.sign_up(ALICE.email, ALICE.password)
        assert (response.status_code, json_of(response)) == (200, self.REFUSED)
        assert users.get_user_count() == 0
        assert not browser.is_signed_in

    def test_with_one_everything_is_as_ever(self, browser: FrontendClient) -> None:
        body = {**form(email=ALICE.email, password=ALICE.password), "captcha": "solved"}
        for path in ("/auth/signup", "/auth/signin"):
            response = browser.call_recipe("POST", path, rid="emailpassword", json_body=body)
            assert json_of(response)["status"] == "OK"

    def test_it_does_not_ask_where_it_was_not_told_to(self, browser: FrontendClient) -> None:
        assert json_of(browser.email_exists(ALICE.email)) == {"status": "OK", "exists": False}

    def test_it_does_not_tell_right_passwords_from_wrong_ones(
        self, browser: FrontendClient, alice: str
    ) -> None:
        assert json_of(browser.sign_in(ALICE.email, ALICE.password)) == self.REFUSED
        assert json_of(browser.sign_in(ALICE.email, BOB.password)) == self.REFUSED


class TestTermsOfService:
    @pytest.fixture(autouse=True)
    def stage(self, acme: None) -> Any:
        fields = [{"id": "terms", "optional": True}]
        with supertokens_settings(GUARDS=[TermsOfService], EMAILPASSWORD={"FORM_FIELDS": fields}):
            yield

    @pytest.mark.parametrize("terms", [{}, {"terms": False}, {"terms": "yes"}, {"terms": ""}])
    def test_nobody_signs_up_without_accepting(self, terms: dict[str, Any], visitor: FrontendClient) -> None:
        response = visitor.sign_up(ALICE.email, ALICE.password, **terms)
        assert json_of(response) == general_error("Please accept our terms of service")
        assert users.get_user_count() == 0

    def test_who_accepts_signs_up(self, visitor: FrontendClient) -> None:
        assert json_of(visitor.sign_up(ALICE.email, ALICE.password, terms=True))["status"] == "OK"
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password))["status"] == "OK"


class TestWhatTheyAreAsked:
    def test_every_endpoint_by_its_name_with_its_input(
        self, browser: FrontendClient, recorder: type[Recorder], alice: str
    ) -> None:
        credentials = form(email=ALICE.email, password=ALICE.password)
        with supertokens_settings(GUARDS=[recorder]):
            browser.sign_up(ALICE.email, ALICE.password)
            browser.sign_in(ALICE.email, ALICE.password)
            browser.email_exists(ALICE.email)
            browser.get(f"/auth/signup/email/exists?email={ALICE.email}")
            browser.request_reset_token(ALICE.email)
            browser.reset_password("token", ALICE.password)
            browser.refresh()
            browser.sign_out()
        assert recorder.asked == [
            ("emailpassword:signup", credentials),
            ("emailpassword:signin", credentials),
            ("emailpassword:email_exists", {"email": ALICE.email}),
            ("emailpassword:email_exists", {"email": ALICE.email}),
            ("emailpassword:reset_token", form(email=ALICE.email)),
            ("emailpassword:reset", {**form(password=ALICE.password), "method": "token", "token": "token"}),
            ("session:refresh", {}),
            ("session:signout", {}),
        ]

    def test_they_are_asked_before_the_input_is_judged(
        self, visitor: FrontendClient, recorder: type[Recorder]
    ) -> None:
        with supertokens_settings(GUARDS=[recorder]):
            response = visitor.request("POST", "/auth/signin", body=b'{"formFields": 7}')
        assert (response.status_code, json_of(response)) == (400, message("formFields must be an array"))
        assert recorder.asked == [("emailpassword:signin", {"formFields": 7})]

    def test_they_are_not_asked_about_paths_that_nobody_answers(
        self, visitor: FrontendClient, recorder: type[Recorder]
    ) -> None:
        with supertokens_settings(GUARDS=[recorder], DISABLED_ENDPOINTS=["emailpassword:signup"]):
            statuses = [
                visitor.sign_up(ALICE.email, ALICE.password).status_code,
                visitor.get("/auth/signin").status_code,
                visitor.get("/auth/nowhere").status_code,
            ]
        assert statuses == [404, 404, 404]
        assert recorder.asked == []

    def test_they_are_asked_in_order_until_one_refuses(
        self, visitor: FrontendClient, recorder: type[Recorder]
    ) -> None:
        with supertokens_settings(GUARDS=[recorder, RefuseAll, recorder]):
            body = json_of(visitor.sign_in(ALICE.email, ALICE.password))
        assert body == general_error("Nobody may call emailpassword:signin")
        assert len(recorder.asked) == 1


@pytest.mark.parametrize(
    ("endpoint", "method", "path"),
    [
        ("emailpassword:signup", "POST", "/auth/signup"),
        ("emailpassword:signin", "POST", "/auth/signin"),
        ("emailpassword:email_exists", "GET", "/auth/emailpassword/email/exists?email=a@b.io"),
        ("emailpassword:reset_token", "POST", "/auth/user/password/reset/token"),
        ("emailpassword:reset", "POST", "/auth/user/password/reset"),
        ("session:signout", "POST", "/auth/signout"),
        ("session:refresh", "POST", "/auth/session/refresh"),
        ("jwt:jwks", "GET", "/auth/jwt/jwks.json"),
        ("openid:configuration", "GET", "/auth/.well-known/openid-configuration"),
    ],
)
def test_a_refusal_is_a_general_error_on_every_endpoint(
    endpoint: str, method: str, path: str, browser: FrontendClient, alice: str
) -> None:
    browser.sign_in(ALICE.email, ALICE.password)
    with supertokens_settings(GUARDS=[RefuseAll]):
        response = browser.request(method, path, body=b"{}")
    assert (response.status_code, json_of(response)) == (200, general_error(f"Nobody may call {endpoint}"))
    assert "no-store" in response.headers["Cache-Control"]
    assert_session_is_untouched(response)
    assert browser.is_signed_in


def test_a_guard_may_refuse_with_any_outcome_of_the_wire(visitor: FrontendClient) -> None:
    from supertokens_django.exceptions import FieldError

    class OnlyFriends:
        def check(self, endpoint: str, request: HttpRequest, data: dict[str, Any]) -> None:
            raise FieldError([("email", NOT_OPTIONAL)])

    with supertokens_settings(GUARDS=[OnlyFriends]):
        assert json_of(visitor.sign_in(ALICE.email, ALICE.password)) == field_error(("email", NOT_OPTIONAL))


def test_a_guard_that_cannot_be_imported_is_a_mistake_in_the_settings(visitor: FrontendClient) -> None:
    with (
        supertokens_settings(GUARDS=[f"{HERE}.NoSuchGuard"]),
        pytest.raises(ImproperlyConfigured, match="GUARDS"),
    ):
        visitor.sign_in(ALICE.email, ALICE.password)
