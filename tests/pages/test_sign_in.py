"""The sign-in page: the API's sign-in, for browsers without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest

from supertokens_django.exceptions import GeneralError
from supertokens_django.recipes.emailpassword.service import EmailPasswordService
from supertokens_django.services import session, users
from tests.assertions import CookieRules, assert_session_is_set
from tests.base import ALICE, BOB, Clock, sql_budget, supertokens_settings
from tests.client import json_of_view
from tests.cookies import set_cookies
from tests.pages.visiting import Page, Visitor

pytestmark = pytest.mark.django_db

WRONG = "The e-mail address or the password is not right."


def sign_in(visitor: Visitor, path: str = "/auth/", **changes: str) -> Page:
    fields = {"email": ALICE.email, "password": ALICE.password, **changes}
    return visitor.submit(visitor.open(path), **fields)


class TestShowing:
    def test_it_asks_for_e_mail_and_password(self, visitor: Visitor) -> None:
        page = visitor.open("/auth/")
        assert (page.status, page.heading, page.title) == (200, "Sign in", "Sign in · Acme")
        assert (page.label("email"), page.label("password")) == ("E-mail", "Password")
        assert page.focused == "email"

    def test_it_helps_password_managers(self, visitor: Visitor) -> None:
        page = visitor.open("/auth/")
        assert (page.input("email")["type"], page.input("email")["autocomplete"]) == ("email", "username")
        password = page.input("password")
        assert (password["type"], password["autocomplete"]) == ("password", "current-password")

    def test_it_leads_to_sign_up_and_password_reset(self, visitor: Visitor) -> None:
        assert visitor.open("/auth/").links == {
            "Forgot your password?": "/auth/reset-password",
            "Create an account": "/auth/?show=signup",
        }

    def test_it_asks_the_database_nothing(self, visitor: Visitor) -> None:
        with sql_budget(0):
            assert visitor.open("/auth/").status == 200

    def test_it_is_for_no_cache_and_no_frame(self, visitor: Visitor) -> None:
        response = visitor.open("/auth/").response
        assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
        assert response["X-Frame-Options"] == "DENY"
        assert response["Referrer-Policy"] == "same-origin"

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
    def test_other_methods_are_not_allowed(self, method: str, visitor: Visitor) -> None:
        visitor.open("/auth/")
        token = str(visitor.jar.get("csrftoken"))
        page = visitor._send(method, "/auth/", headers={"origin": "https://acme.com", "x-csrftoken": token})
        assert page.status == 405


class TestSigningIn:
    def test_it_makes_a_session_of_cookies(self, clock: Clock, visitor: Visitor, alice: str) -> None:
        page = sign_in(visitor)
        assert (page.status, page.response["Location"]) == (302, "/protected/")
        rotated = page.response.cookies.pop("csrftoken")
        assert rotated.value
        assert_session_is_set(page.response, "cookie", rules=CookieRules())
        assert len(session.get_all_session_handles_for_user(alice)) == 1

    def test_the_session_is_one_of_the_api_and_of_django(self, visitor: Visitor, alice: str) -> None:
        sign_in(visitor)
        whoami = json_of_view(visitor.open("/test/verified-whoami").response)
        assert json_of_view(visitor.open("/test/sync").response)["userId"] == alice
        assert whoami["pk"] == str(get_user_model()._default_manager.get(email=ALICE.email).pk)

    def test_it_is_by_cookie_whatever_a_header_asks_for(self, alice: str) -> None:
        visitor = Visitor(headers={"st-auth-mode": "header"})
        page = sign_in(visitor)
        assert {"sAccessToken", "sRefreshToken"} <= set(set_cookies(page.response))
        assert "st-access-token" not in page.response

    def test_it_takes_the_e_mail_as_it_is_typed(self, visitor: Visitor, alice: str) -> None:
        assert sign_in(visitor, email=f"  {ALICE.email.upper()} ").status == 302

    def test_it_changes_the_csrf_token(self, visitor: Visitor, alice: str) -> None:
        visitor.open("/auth/")
        before = visitor.jar.get("csrftoken")
        sign_in(visitor)
        assert visitor.jar.get("csrftoken") not in (None, before)

    def test_django_hears_of_it(
        self, visitor: Visitor, alice: str, signals: list[Any], django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            sign_in(visitor)
        sign_in(Visitor(), password=BOB.password)
        assert signals == [("in", ALICE.email), ("failed", ALICE.email)]

    @pytest.fixture
    def signals(self) -> Any:
        heard: list[Any] = []

        def logged_in(user: Any, **kwargs: Any) -> None:
            heard.append(("in", user.email))

        def failed(credentials: dict[str, str], **kwargs: Any) -> None:
            heard.append(("failed", credentials["email"]))

        user_logged_in.connect(logged_in)
        user_login_failed.connect(failed)
        yield heard
        user_logged_in.disconnect(logged_in)
        user_login_failed.disconnect(failed)

    def test_it_costs_at_most_eight_queries(self, visitor: Visitor, alice: str) -> None:
        sign_in(Visitor())  # makes the signing key, once in the life of a project
        page = visitor.open("/auth/")
        with sql_budget(8):
            assert visitor.submit(page, email=ALICE.email, password=ALICE.password).status == 302

    def test_a_tenant_comes_by_the_name_that_frontends_have_for_it(
        self, visitor: Visitor, tenant_acme: str
    ) -> None:
        from supertokens_django.services import emailpassword

        method = emailpassword.sign_up(tenant_acme, BOB.email, BOB.password)
        page = sign_in(visitor, "/auth/?tenantId=Acme", email=BOB.email, password=BOB.password)
        assert page.status == 302
        assert len(session.get_all_session_handles_for_user(method.id, tenant_id="acme")) == 1
        assert sign_in(Visitor(), email=BOB.email, password=BOB.password).alerts == [WRONG]


class TestRefusing:
    @pytest.mark.parametrize("changes", [{"password": "wrong"}, {"email": "nobody@example.com"}])
    def test_a_wrong_password_looks_like_an_unknown_e_mail(
        self, changes: dict[str, str], visitor: Visitor, alice: str
    ) -> None:
        page = sign_in(visitor, **changes)
        assert (page.status, page.alerts, page.errors) == (200, [WRONG], {})
        assert page.title == "Error: Sign in · Acme"
        assert not visitor.is_signed_in

    def test_it_keeps_the_e_mail_and_never_the_password(self, visitor: Visitor, alice: str) -> None:
        page = sign_in(visitor, password="not my password")
        assert page.input("email")["value"] == ALICE.email
        assert "not my password" not in page.response.content.decode()

    def test_the_cursor_stands_where_the_reason_is_read(self, visitor: Visitor, alice: str) -> None:
        page = sign_in(visitor, password="wrong")
        assert page.focused == "password"
        assert page.input("password")["aria-describedby"] == "form-error"

    def test_every_field_has_its_own_error(self, visitor: Visitor) -> None:
        page = sign_in(visitor, email="nonsense", password="")
        assert page.errors == {
            "email": "Enter a valid e-mail address.",
            "password": "This field is required.",
        }
        assert page.focused == "email"
        assert page.alerts == []

    def test_nothing_sent_is_nothing_done(self, visitor: Visitor) -> None:
        page = sign_in(visitor, email="", password="")
        assert page.errors == {"email": "This field is required.", "password": "This field is required."}

    @pytest.mark.parametrize("name", ["email", "password"])
    def test_it_takes_no_nul_character(self, name: str, visitor: Visitor, alice: str) -> None:
        page = sign_in(visitor, **{name: "a\0b"})
        assert page.errors == {name: "Null characters are not allowed."}

    def test_a_text_that_is_markup_stays_a_text(self, visitor: Visitor) -> None:
        page = sign_in(visitor, email='"><script>alert(1)</script>')
        assert page.input("email")["value"] == '"><script>alert(1)</script>'
        assert [item for item in page.all("script") if not item.attributes] == []

    def test_a_deactivated_user_stays_out(self, visitor: Visitor, alice: str) -> None:
        get_user_model()._default_manager.filter(email=ALICE.email).update(is_active=False)
        assert sign_in(visitor).alerts == [WRONG]

    @pytest.mark.parametrize("tenant", ["a b", "a%00b", "../x", "%F0%9F%98%80"])
    def test_what_is_no_tenants_name_is_not_found(self, tenant: str, visitor: Visitor) -> None:
        assert visitor.open(f"/auth/?tenantId={tenant}").status == 404

    def test_an_unknown_tenant_is_told(self, visitor: Visitor) -> None:
        page = sign_in(visitor, "/auth/?tenantId=nowhere")
        assert page.alerts == ["Tenant with the following tenantId not found: nowhere"]


class TestCsrf:
    def test_a_form_of_another_site_is_refused(self, visitor: Visitor, alice: str) -> None:
        page = visitor.open("/auth/")
        fields = {**page.values, "email": ALICE.email, "password": ALICE.password}
        assert visitor.post("/auth/", fields, origin="https://evil.example").status == 403
        assert not visitor.is_signed_in

    def test_a_form_without_the_token_is_refused(self, visitor: Visitor, alice: str) -> None:
        visitor.open("/auth/")
        page = visitor.post("/auth/", {"email": ALICE.email, "password": ALICE.password})
        assert page.status == 403

    def test_it_is_checked_without_djangos_middleware_too(
        self, visitor: Visitor, alice: str, settings: Any
    ) -> None:
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "CsrfViewMiddleware" not in name]
        assert visitor.post("/auth/", {"email": ALICE.email, "password": ALICE.password}).status == 403


class Captcha:
    def check(self, endpoint: str, request: HttpRequest, data: dict[str, Any]) -> None:
        if endpoint == "emailpassword:signin" and data.get("captcha") != "solved":
            raise GeneralError("Please solve the captcha")


class OfficeHours:
    def check(self, attempt: Any, request: HttpRequest) -> None:
        raise GeneralError(f"{attempt.email} may not sign in at night")


class ClosedService(EmailPasswordService):
    def sign_in(self, tenant_id: str, email: str, password: str) -> Any:
        raise GeneralError("We are closed")


class TestTheProjectsRefusals:
    def test_a_guard_is_asked_as_for_the_api(self, visitor: Visitor, alice: str) -> None:
        with supertokens_settings(GUARDS=[Captcha]):
            refused = sign_in(visitor)
            assert (refused.alerts, visitor.is_signed_in) == (["Please solve the captcha"], False)
            assert sign_in(visitor, captcha="solved").status == 302

    def test_a_guard_sees_what_a_frontend_would_have_sent(self, visitor: Visitor, alice: str) -> None:
        asked: list[Any] = []

        class Recorder:
            def check(self, endpoint: str, request: HttpRequest, data: dict[str, Any]) -> None:
                asked.append((endpoint, data))

        with supertokens_settings(GUARDS=[Recorder]):
            sign_in(visitor, captcha="solved")
        fields = [{"id": "email", "value": ALICE.email}, {"id": "password", "value": ALICE.password}]
        assert asked == [("emailpassword:signin", {"formFields": fields, "captcha": "solved"})]

    def test_a_gate_is_asked(self, visitor: Visitor, alice: str) -> None:
        with supertokens_settings(FLOW_GATES=[OfficeHours]):
            page = sign_in(visitor)
        assert page.alerts == ["alice@example.com may not sign in at night"]
        assert not visitor.is_signed_in

    def test_a_service_may_refuse(self, visitor: Visitor, alice: str) -> None:
        with supertokens_settings(EMAILPASSWORD={"SERVICE_CLASS": ClosedService}):
            assert sign_in(visitor).alerts == ["We are closed"]


class TestBeingSignedIn:
    @pytest.fixture
    def signed_in(self, visitor: Visitor, alice: str) -> Visitor:
        sign_in(visitor)
        return visitor

    @pytest.mark.parametrize("path", ["/auth/", "/auth/?show=signup"])
    def test_the_page_says_who_it_is(self, path: str, signed_in: Visitor) -> None:
        page = signed_in.open(path)
        assert page.heading == "You are signed in"
        assert ALICE.email in page.response.content.decode()
        assert page.links == {"Continue to Acme": "/protected/", "Your account": "/auth/account"}

    def test_it_offers_to_sign_out(self, signed_in: Visitor) -> None:
        page = signed_in.open("/auth/")
        assert page.action == "/auth/sign-out"
        assert signed_in.submit(page).status == 302
        assert not signed_in.is_signed_in

    def test_a_session_that_was_ended_elsewhere_counts_as_none(self, signed_in: Visitor, alice: str) -> None:
        session.revoke_all_sessions_for_user(alice)
        assert signed_in.open("/auth/").heading == "Sign in"

    def test_an_expired_one_counts_as_none(self, clock: Clock, visitor: Visitor, alice: str) -> None:
        sign_in(visitor)
        clock.advance(3601)
        assert visitor.open("/auth/").heading == "Sign in"

    def test_neither_does_that_of_a_deactivated_user_count(self, signed_in: Visitor) -> None:
        get_user_model()._default_manager.update(is_active=False)
        assert signed_in.open("/auth/").heading == "Sign in"

    def test_a_deleted_user_is_signed_out(self, signed_in: Visitor, alice: str) -> None:
        users.delete_user(alice)
        assert signed_in.open("/auth/").heading == "Sign in"

    def test_somebody_else_can_sign_in_instead(self, signed_in: Visitor, bob: str) -> None:
        values = {"csrfmiddlewaretoken": signed_in.open("/auth/").values["csrfmiddlewaretoken"]}
        signed_in.post("/auth/", {**values, "email": BOB.email, "password": BOB.password})
        assert json_of_view(signed_in.open("/test/sync").response)["userId"] == bob
