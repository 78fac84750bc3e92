"""The account page: where its visitor is signed in, and their password."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.test.html import Element
from django.utils import translation

from supertokens_django.claims import ClaimValidationResult, SessionClaimValidator
from supertokens_django.exceptions import GeneralError
from supertokens_django.recipes.session.service import SessionService
from supertokens_django.services import emailpassword, session
from tests.base import ALICE, BOB, Clock, sql_budget, supertokens_settings
from tests.pages.test_sign_in import sign_in
from tests.pages.visiting import NAVIGATION, Page, Visitor, attributes_of, text_of, walk

pytestmark = pytest.mark.django_db

ACCOUNT = "/auth/account"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1"
NEW = "looking glass 1871"


def signed_in_browser(user_agent: str, person: Any = ALICE) -> Visitor:
    visitor = Visitor(headers={**NAVIGATION, "user-agent": user_agent})
    sign_in(visitor, email=person.email, password=person.password)
    return visitor


@pytest.fixture
def desk(clock: Clock, alice: str) -> Visitor:
    """Alice's computer, where she has just signed in."""
    return signed_in_browser(FIREFOX)


@pytest.fixture
def phone(clock: Clock, alice: str) -> Visitor:
    """Alice's phone, where she signed in three hours ago."""
    clock.advance(-3 * 3600)
    visitor = signed_in_browser(IPHONE)
    clock.advance(3 * 3600)
    return visitor


def devices_of(page: Page) -> list[str]:
    return [text_of(item) for item in page.all("li")]


def forms_of(page: Page) -> list[dict[str, str]]:
    forms = [element for element in walk(page.document) if element.name == "form"]
    return [values_of(form) for form in forms]


def values_of(form: Element) -> dict[str, str]:
    found = [attributes_of(item) for item in walk(form) if item.name == "input"]
    return {item["name"]: item.get("value", "") for item in found}


def send(visitor: Visitor, action: str, **fields: str) -> Page:
    """Send the first form of the account page that does this."""
    form = next(values for values in forms_of(visitor.open(ACCOUNT)) if values.get("action") == action)
    return visitor.post(ACCOUNT, {**form, **fields})


def change_password(visitor: Visitor, current: str = ALICE.password, new: str = NEW) -> Page:
    return send(visitor, "change-password", current_password=current, new_password=new)


class TestShowing:
    def test_it_lists_the_devices(self, phone: Visitor, desk: Visitor) -> None:
        page = desk.open(ACCOUNT)
        assert (page.status, page.heading, page.title) == (200, "Your account", "Your account · Acme")
        assert ALICE.email in text_of(page.one("div", class_="st-visitor"))
        assert devices_of(page) == [
            "Firefox on Windows This device In use now 127.0.0.1 signed in on Jan. 15, 2026",
            "Safari on iPhone Last used 3 hours ago 127.0.0.1 signed in on Jan. 15, 2026"
            " Sign out Safari on iPhone",
        ]

    def test_the_device_that_looks_comes_first(self, desk: Visitor, phone: Visitor) -> None:
        assert devices_of(phone.arrive(ACCOUNT))[0].startswith("Safari on iPhone This device")

    def test_who_is_alone_is_offered_no_other_device(self, desk: Visitor) -> None:
        assert {form.get("action") for form in forms_of(desk.open(ACCOUNT))} == {None, "change-password"}

    def test_sessions_of_others_are_not_shown(self, desk: Visitor, bob: str) -> None:
        signed_in_browser(IPHONE, BOB)
        assert len(devices_of(desk.open(ACCOUNT))) == 1

    def test_it_is_linked_from_the_page_of_who_is_signed_in(self, desk: Visitor) -> None:
        assert desk.open("/auth/").links["Your account"] == ACCOUNT

    def test_it_speaks_german(self, phone: Visitor, desk: Visitor, settings: Any) -> None:
        settings.MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware", *settings.MIDDLEWARE]
        german = Visitor(headers={**desk.headers, "accept-language": "de"})
        german.jar = desk.jar
        with translation.override("en-us"):  # the middleware leaves its language behind
            page = german.open(ACCOUNT)
        assert page.heading == "Ihr Konto"
        assert devices_of(page) == [
            "Firefox auf Windows Dieses Gerät Gerade in Gebrauch 127.0.0.1 angemeldet am 15. Januar 2026",
            "Safari auf iPhone Letzte Nutzung: 3 Stunden her 127.0.0.1 angemeldet am 15. Januar 2026"
            " Abmelden Safari auf iPhone",
        ]

    def test_it_leads_back_to_where_the_visitor_came_from(self, desk: Visitor) -> None:
        assert desk.open(f"{ACCOUNT}?next=/orders/").links["Back to Acme"] == "/orders/"
        assert desk.open(f"{ACCOUNT}?next=//evil.example").links["Back to Acme"] == "/protected/"

    def test_it_costs_the_same_for_any_number_of_devices(self, desk: Visitor) -> None:
        for _ in range(3):
            signed_in_browser(IPHONE)
        with sql_budget(9):
            assert len(devices_of(desk.open(ACCOUNT))) == 4

    def test_no_more_than_a_hundred_are_shown(self, desk: Visitor, alice: str) -> None:
        for _ in range(101):
            session.create_new_session_without_request_response("public", alice)
        desk.open("/auth/")
        page = desk.open(ACCOUNT)
        assert len(devices_of(page)) == 100

    def test_this_device_is_shown_even_where_a_hundred_others_were_used_since(
        self, desk: Visitor, alice: str, clock: Clock
    ) -> None:
        clock.advance(60)
        for _ in range(101):
            session.create_new_session_without_request_response("public", alice)
        devices = devices_of(desk.open(ACCOUNT))
        assert len(devices) == 100
        assert devices[0].startswith("Firefox on Windows This device")


class TestWhoMaySeeIt:
    @pytest.mark.parametrize("path", [ACCOUNT, f"{ACCOUNT}?notice=password-set"])
    def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(
        self, path: str, visitor: Visitor, alice: str
    ) -> None:
        page = visitor.follow(visitor.open(path))
        assert page.heading == "Sign in"
        page = visitor.submit(page, email=ALICE.email, password=ALICE.password)
        assert page.response["Location"] == path

    def test_an_anonymous_visitor_has_no_account(self, visitor: Visitor, acme: None) -> None:
        visitor._send("POST", "/test/visit", headers={"st-auth-mode": "cookie"})
        assert visitor.is_signed_in
        assert visitor.follow(visitor.open(ACCOUNT)).heading == "Sign in"

    def test_a_session_whose_claims_are_refused_changes_nothing(self, desk: Visitor) -> None:
        class Strict(SessionService):
            def get_global_claim_validators(self, *args: Any, **kwargs: Any) -> Any:
                return [Refusing("refusing")]

        with supertokens_settings(SESSION={"SERVICE_CLASS": Strict}):
            assert desk.open(ACCOUNT).status == 302
            assert desk.open("/auth/").heading == "You are signed in"

    def test_who_acts_as_somebody_may_look_and_change_nothing(
        self, desk: Visitor, alice: str, bob: str
    ) -> None:
        staff = get_user_model().objects.get(email=BOB.email)
        staff.is_staff = True
        staff.save()
        staff.user_permissions.add(Permission.objects.get(codename="impersonate_user"))
        support = signed_in_browser(IPHONE, BOB)
        token = support.open("/auth/").values["csrfmiddlewaretoken"]
        headers = {"st-auth-mode": "cookie"}
        page = support.post(
            "/test/impersonate/form", {"user": alice, "csrfmiddlewaretoken": token}, **headers
        )
        assert page.status == 200
        page = support.open(ACCOUNT)
        assert f"You are looking at the account of {ALICE.email}." in page.response.content.decode()
        assert {form.get("action") for form in forms_of(page)} == {None}
        for action in ("revoke", "revoke-others", "change-password"):
            fields = {"csrfmiddlewaretoken": forms_of(page)[0]["csrfmiddlewaretoken"], "action": action}
            assert support.post(ACCOUNT, fields).status == 403
        assert "Used by support staff" in " ".join(devices_of(desk.open(ACCOUNT)))


class Refusing(SessionClaimValidator):
    def validate(self, payload: Any) -> ClaimValidationResult:
        return ClaimValidationResult(False)


class TestSigningOutDevices:
    def test_one(self, phone: Visitor, desk: Visitor, alice: str) -> None:
        page = send(desk, "revoke")
        assert (page.status, page.response["Location"]) == (302, f"{ACCOUNT}?notice=device-signed-out")
        page = desk.follow(page)
        assert page.status_messages == ["That device is signed out."]
        assert len(devices_of(page)) == 1
        assert phone.arrive("/auth/").heading == "Sign in"
        assert not phone.is_signed_in

    def test_all_others(self, phone: Visitor, desk: Visitor, alice: str) -> None:
        third = signed_in_browser(IPHONE)
        page = desk.follow(send(desk, "revoke-others"))
        assert page.status_messages == ["All other devices are signed out."]
        assert len(session.get_all_session_handles_for_user(alice)) == 1
        for other in (phone, third):
            assert other.arrive(ACCOUNT).heading == "Sign in"

    def test_a_device_of_somebody_else_stays(self, desk: Visitor, phone: Visitor, bob: str) -> None:
        signed_in_browser(IPHONE, BOB)
        (handle,) = session.get_all_session_handles_for_user(bob)
        assert send(desk, "revoke", session=handle).status == 302
        assert session.get_all_session_handles_for_user(bob) == [handle]

    @pytest.mark.parametrize("handle", ["", "nonsense", "x" * 500, "é\x00"])
    def test_nonsense_ends_nothing(self, handle: str, desk: Visitor, phone: Visitor, alice: str) -> None:
        assert send(desk, "revoke", session=handle).status == 302
        assert len(session.get_all_session_handles_for_user(alice)) == 2

    def test_this_one_is_signed_out_by_its_own_page(self, desk: Visitor, phone: Visitor, alice: str) -> None:
        own = next(
            item.session_handle
            for item in session.get_sessions_used_last(alice)
            if "Firefox" in item.user_agent
        )
        assert send(desk, "revoke", session=own).response["Location"] == "/auth/sign-out"

    def test_a_guard_may_refuse(self, desk: Visitor, phone: Visitor, alice: str) -> None:
        asked: list[str] = []

        class Stay:
            def check(self, endpoint: str, request: HttpRequest, data: Any) -> None:
                asked.append(endpoint)
                raise GeneralError("Not today")

        with supertokens_settings(GUARDS=[Stay]):
            page = send(desk, "revoke-others")
        assert (page.status, page.alerts, asked) == (200, ["Not today"], ["session:revoke"])
        assert len(session.get_all_session_handles_for_user(alice)) == 2

    @pytest.mark.parametrize("action", ["revoke", "revoke-others", "change-password"])
    def test_another_site_cannot_do_it(self, action: str, desk: Visitor, alice: str) -> None:
        token = forms_of(desk.open(ACCOUNT))[0]["csrfmiddlewaretoken"]
        assert desk.post(ACCOUNT, {"action": action}).status == 403
        fields = {"action": action, "csrfmiddlewaretoken": token}
        assert desk.post(ACCOUNT, fields, origin="https://evil.example").status == 403

    @pytest.mark.parametrize("action", ["", "delete", "é"])
    def test_an_unknown_action_shows_the_page(self, action: str, desk: Visitor) -> None:
        token = forms_of(desk.open(ACCOUNT))[0]["csrfmiddlewaretoken"]
        assert desk.post(ACCOUNT, {"action": action, "csrfmiddlewaretoken": token}).heading == "Your account"


class TestChangingThePassword:
    def test_it_is_changed_and_other_devices_are_signed_out(
        self, phone: Visitor, desk: Visitor, alice: str
    ) -> None:
        page = change_password(desk)
        assert (page.status, page.response["Location"]) == (302, f"{ACCOUNT}?notice=password-set")
        page = desk.follow(page)
        assert page.status_messages == ["Your password has been changed. All other devices are signed out."]
        assert len(devices_of(page)) == 1
        assert phone.arrive("/auth/").heading == "Sign in"
        emailpassword.sign_in("public", ALICE.email, NEW)

    def test_a_reset_link_of_before_is_good_no_more(self, desk: Visitor, alice: str) -> None:
        token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
        change_password(desk)
        page = Visitor().open(f"/auth/reset-password?token={token}")
        page = Visitor().submit(page, password="another one 2")
        assert page.status == 403 or page.alerts

    def test_the_current_one_has_to_be_known(self, phone: Visitor, desk: Visitor, alice: str) -> None:
        failed: list[Any] = []

        def receiver(credentials: Any, **kwargs: Any) -> None:
            failed.append(credentials["email"])

        user_login_failed.connect(receiver)
        page = change_password(desk, current="a guess 123")
        user_login_failed.disconnect(receiver)
        assert (page.status, page.title) == (200, "Error: Your account · Acme")
        assert page.errors == {"current_password": "This is not your password."}
        assert page.focused == "current_password"
        assert failed == [ALICE.email]
        assert len(session.get_all_session_handles_for_user(alice)) == 2
        emailpassword.sign_in("public", ALICE.email, ALICE.password)

    @pytest.mark.parametrize(
        ("new", "error"),
        [
            ("", "This field is required."),
            ("short1", "The password must contain at least 8 characters, including a number."),
            ("no number at all", "The password must contain at least one number."),
            ("1" * 100, "The password must be shorter than 100 characters."),
        ],
    )
    def test_the_new_one_has_to_be_good(self, new: str, error: str, desk: Visitor) -> None:
        page = change_password(desk, new=new)
        assert page.errors["new_password"].startswith(error)
        assert page.focused == "new_password"
        assert ALICE.password not in page.response.content.decode()

    def test_djangos_validators_are_asked(self, desk: Visitor, settings: Any) -> None:
        settings.AUTH_PASSWORD_VALIDATORS = [
            {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"}
        ]
        assert "too similar" in change_password(desk, new="alice@example.com1").errors["new_password"]

    def test_a_guard_may_refuse(self, desk: Visitor) -> None:
        seen: list[Any] = []

        class Captcha:
            def check(self, endpoint: str, request: HttpRequest, data: Any) -> None:
                if endpoint == "emailpassword:change_password":
                    seen.append(data)
                    raise GeneralError("Are you a robot?")

        with supertokens_settings(GUARDS=[Captcha]):
            page = send(desk, "change-password", current_password="x", new_password="y", captcha="z")
        assert page.alerts == ["Are you a robot?"]
        assert seen[0]["captcha"] == "z"

    def test_password_managers_are_helped(self, desk: Visitor) -> None:
        page = desk.open(ACCOUNT)
        assert page.input("current_password")["autocomplete"] == "current-password"
        assert page.input("new_password")["autocomplete"] == "new-password"
        assert page.focused is None

    def test_a_user_without_a_password_is_offered_none(self, desk: Visitor) -> None:
        with supertokens_settings(RECIPES=["session"]):
            page = desk.open(ACCOUNT)
        assert page.heading == "Your account"
        assert {form.get("action") for form in forms_of(page)} == {None}

    def test_a_user_that_this_app_does_not_know_has_devices(self, visitor: Visitor, acme: None) -> None:
        visitor._send("POST", "/test/login", '{"userId": "stranger"}', {"st-auth-mode": "cookie"})
        page = visitor.open(ACCOUNT)
        assert (page.heading, len(devices_of(page))) == ("Your account", 1)
        assert {form.get("action") for form in forms_of(page)} == {None}


def test_the_current_password_is_asked_before_the_policy_speaks(desk: Visitor) -> None:
    page = change_password(desk, current="a guess 123", new="x")
    assert page.errors == {"current_password": "This is not your password."}
