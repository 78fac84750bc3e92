"""Signing in by a code on our own pages: asking for it, typing it, having it sent again, and following its link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail

from supertokens_django.delivery.backends import locmem
from supertokens_django.recipes.passwordless.models import PasswordlessDevice
from supertokens_django.users.models import LoginMethod
from tests.base import Clock, supertokens_settings
from tests.pages.visiting import ORIGIN, Page, Visitor, text_of
from tests.recipes.emailpassword.mailbox import Commit
from tests.recipes.passwordless.device import (
    EMAIL,
    NUMBER,
    RECIPES,
    code_in,
    link_in,
    mailed_code,
    mailed_link,
    texts_of_sms,
    wrong,
)

pytestmark = pytest.mark.django_db

ENDED = "That code is of no use any more. Have a new one sent."
TRIES = "This is not the code. {} left."


@pytest.fixture(autouse=True)
def _recipe_is_on(visitor: Visitor) -> Iterator[None]:
    locmem.outbox.clear()
    with supertokens_settings(**RECIPES):
        yield
    locmem.outbox.clear()


@pytest.fixture
def ask(visitor: Visitor, django_capture_on_commit_callbacks: Commit) -> Any:
    def ask_for_code(contact: str = EMAIL, path: str = "/auth/?show=code") -> Page:
        with django_capture_on_commit_callbacks(execute=True):
            return visitor.submit(visitor.open(path), contact=contact)

    return ask_for_code


def path_of(link: str) -> tuple[str, str]:
    """What a browser asks for when a link is opened, and what its script reads."""
    parts = urlsplit(link)
    assert f"{parts.scheme}://{parts.netloc}" == ORIGIN
    return f"{parts.path}?{parts.query}", parts.fragment


def enter(visitor: Visitor, page: Page, code: str) -> Page:
    token = page.all("input", name="csrfmiddlewaretoken")[0]
    return visitor.post(
        page.path, {"csrfmiddlewaretoken": dict(token.attributes)["value"] or "", "code": code}
    )


def again(visitor: Visitor, page: Page) -> Page:
    token = page.all("input", name="csrfmiddlewaretoken")[0]
    fields = {"csrfmiddlewaretoken": dict(token.attributes)["value"] or "", "action": "resend"}
    return visitor.post(page.path, fields)


class TestAsking:
    def test_sign_in_leads_there(self, visitor: Visitor) -> None:
        page = visitor.open("/auth/?next=/protected/")
        assert page.links["Sign in with a code instead"] == "/auth/?show=code&next=%2Fprotected%2F"
        page = visitor.open("/auth/?show=code")
        assert (page.heading, page.label("contact")) == ("Sign in", "E-mail or phone number")
        assert page.links == {"Sign in with a password instead": "/auth/"}

    def test_alone_it_is_the_page_for_signing_in(self, visitor: Visitor) -> None:
        with supertokens_settings(RECIPES=["passwordless"], PASSWORDLESS={"CONTACT_METHOD": "EMAIL"}):
            page = visitor.open("/auth/")
            assert (page.label("contact"), page.links) == ("E-mail", {})
            assert page.input("contact")["type"] == "email"

    def test_it_says_where_the_message_went(self, visitor: Visitor, ask: Any) -> None:
        page = ask(path="/auth/?show=code&next=/protected/")
        assert (page.status, page.response["Location"]) == (302, "/auth/code?next=%2Fprotected%2F")
        page = visitor.follow(page)
        assert page.heading == "Enter the code"
        assert f"We have sent a message to {EMAIL}." in text_of(page.document)
        field = page.input("code")
        assert (field["autocomplete"], field["inputmode"]) == ("one-time-code", "numeric")
        assert len(page.all("button", data_wait="30")) == 1

    def test_a_number_is_sent_a_text_message(self, visitor: Visitor, ask: Any) -> None:
        page = visitor.follow(ask("+36 30 123 4567"))
        assert "+36 30 123 4567" in text_of(page.document)
        page = enter(visitor, page, code_in(texts_of_sms()[0]))
        assert (page.status, visitor.is_signed_in) == (302, True)
        assert LoginMethod.objects.get().phone_number == NUMBER

    @pytest.mark.parametrize(
        ("contact", "text"),
        [
            ("alice@", "Enter a valid e-mail address."),
            ("0301234567", "Enter a valid phone number, with its country code."),
        ],
    )
    def test_it_says_what_is_wrong(self, ask: Any, contact: str, text: str) -> None:
        assert ask(contact).alerts == [text]
        assert mail.outbox == []

    def test_it_is_not_there_while_the_recipe_is_off(self, visitor: Visitor) -> None:
        with supertokens_settings(RECIPES=["emailpassword"]):
            assert "Sign in with a code instead" not in visitor.open("/auth/").links
            assert list(visitor.open("/auth/?show=code").values) == [
                "csrfmiddlewaretoken",
                "email",
                "password",
            ]
            for path in ("/auth/code", "/auth/verify?preAuthSessionId=x"):
                assert visitor.open(path).response["Location"] == "/auth/"


class TestTyping:
    def test_the_code_signs_in(self, visitor: Visitor, ask: Any) -> None:
        page = visitor.follow(ask(path="/auth/?show=code&next=/protected/"))
        code = mailed_code()
        page = enter(visitor, page, f" {code[:3]} {code[3:]} ")
        assert (page.status, page.response["Location"]) == (302, "/protected/")
        assert visitor.is_signed_in
        assert visitor.jar.get("__Host-sSignInToken") is None

    def test_wrong_ones_are_counted_down(self, visitor: Visitor, ask: Any) -> None:
        page = visitor.follow(ask())
        code = mailed_code()
        for left in ("4 tries are", "3 tries are", "2 tries are", "1 try is"):
            page = enter(visitor, page, wrong(code))
            assert (page.status, page.errors) == (200, {"code": TRIES.format(left)})
        page = enter(visitor, page, wrong(code))
        page = visitor.follow(page)
        assert (page.path, page.status_messages) == ("/auth/?show=code&notice=code-ended", [ENDED])
        assert visitor.open("/auth/code").response["Location"] == "/auth/"
        assert not visitor.is_signed_in

    def test_an_expired_one_says_so(self, clock: Clock, visitor: Visitor, ask: Any) -> None:
        page = visitor.follow(ask())
        clock.advance(901)
        page = enter(visitor, page, mailed_code())
        text = "This code is too old. Have another one sent. 4 tries are left."
        assert page.errors == {"code": text}

    def test_another_one_can_be_sent_after_a_while(
        self, clock: Clock, visitor: Visitor, ask: Any, django_capture_on_commit_callbacks: Commit
    ) -> None:
        page = visitor.follow(ask())
        refused = again(visitor, page)
        assert refused.alerts == ["You can have another one sent in 30 seconds."]
        clock.advance(31)
        with django_capture_on_commit_callbacks(execute=True):
            sent = again(visitor, page)
        page = visitor.follow(sent)
        assert page.status_messages == ["Another message is on its way."]
        assert len(mail.outbox) == 2
        assert enter(visitor, page, mailed_code()).status == 302

    def test_a_cookie_of_somebody_elses_making_is_none(self, visitor: Visitor) -> None:
        from tests.cookies import StoredCookie

        visitor.jar.store(
            StoredCookie("__Host-sSignInToken", "nonsense", "acme.com", True, "/", None, True, "lax")
        )
        assert visitor.open("/auth/code").response["Location"] == "/auth/"


def waiting(page: Page) -> str:
    """What is said of a wait as long as the headers tell."""
    minutes = -(-int(page.response["Retry-After"]) // 60)
    assert minutes > 1
    return f"Too many attempts. Please try again in {minutes} minutes."


class TestLimits:
    """Refused by a rate limit: the page says how long to wait, to people, and by its status, to programs."""

    @pytest.fixture(autouse=True)
    def _limited(self) -> Iterator[None]:
        with supertokens_settings(RATE_LIMITS={"ENABLED": True}):
            yield

    def test_asking(self, ask: Any) -> None:
        for _ in range(5):
            assert ask().status == 302
        page = ask()
        assert (page.status, page.heading) == (429, "Sign in")
        assert page.alerts == [waiting(page)]
        assert page.input("contact")["value"] == EMAIL
        assert len(mail.outbox) == 5

    def test_typing(self, visitor: Visitor, ask: Any) -> None:
        limit = {"LIMITS": {"passwordless:consume": {"IP": "2/h"}}}
        with supertokens_settings(RATE_LIMITS={"ENABLED": True, **limit}):
            page = visitor.follow(ask())
            code = mailed_code()
            for _ in range(2):
                page = enter(visitor, page, wrong(code))
                assert page.status == 200
            page = enter(visitor, page, code)
        assert (page.status, visitor.is_signed_in) == (429, False)
        assert page.alerts == [waiting(page)]

    def test_having_it_sent_again(self, clock: Clock, visitor: Visitor, ask: Any) -> None:
        limit = {"LIMITS": {"passwordless:resend": {"IP": "1/h"}}}
        with supertokens_settings(RATE_LIMITS={"ENABLED": True, **limit}):
            page = visitor.follow(ask())
            clock.advance(31)
            page = visitor.follow(again(visitor, page))
            clock.advance(31)
            page = again(visitor, page)
        assert page.status == 429
        assert page.alerts == [waiting(page)]


class TestFollowing:
    def test_opening_the_link_changes_nothing(self, visitor: Visitor, ask: Any) -> None:
        ask()
        path, _ = path_of(mailed_link())
        for _number in range(3):  # as mail scanners do
            page = Visitor().open(path)
            assert (page.status, page.heading) == (200, "Sign in to Acme?")
            assert "data-own" not in dict(page.one("form").attributes)
        assert PasswordlessDevice.objects.get().failed_attempts == 0

    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
    def test_nor_does_any_other_robot(self, visitor: Visitor, ask: Any, method: str) -> None:
        """Not even one that is told the secret."""
        ask()
        path, secret = path_of(mailed_link())
        key = parse_qs(urlsplit(path).query)["preAuthSessionId"][0]
        query = f"preAuthSessionId={key}&linkCode={secret}&link_code={secret}&tenantId=public"
        for page in ("/auth/verify", "/auth/signinup/code/consume"):
            Visitor().probe(method, f"{page}?{query}")
        assert not LoginMethod.objects.exists()
        assert visitor.submit(visitor.open(path), link_code=secret).status == 302
        assert visitor.is_signed_in

    def test_elsewhere_somebody_has_to_press_the_button(self, visitor: Visitor, ask: Any) -> None:
        ask()
        path, secret = path_of(mailed_link())
        phone = Visitor()
        page = phone.submit(phone.open(path), link_code=secret)
        assert (page.status, phone.is_signed_in, visitor.is_signed_in) == (302, True, False)

    def test_on_the_device_that_asked_the_script_may_go_on(self, visitor: Visitor, ask: Any) -> None:
        ask()
        page = visitor.open(path_of(mailed_link())[0])
        assert "data-own" in dict(page.one("form").attributes)
        assert page.links["Enter the code instead"] == "/auth/code"

    def test_a_cookie_that_another_host_of_the_domain_has_planted_does_not_make_it_go_on(
        self, visitor: Visitor, ask: Any
    ) -> None:
        """Or whoever has a page there could sign visitors in as themselves, without a click."""
        ask()
        (own,) = (cookie for cookie in visitor.jar if "sSignIn" in cookie.name)
        victim = Visitor()
        # Browsers take no cookie with this prefix for a whole domain (RFC 6265bis, 4.1.3.2).
        name = own.name.removeprefix("__Host-")
        victim.jar.store(replace(own, name=name, domain="acme.com", host_only=False))
        page = victim.open(path_of(mailed_link())[0])
        assert "data-own" not in dict(page.one("form").attributes)

    @pytest.mark.parametrize("secret", ["", "nonsense", "A" * 43, "&&&"])
    def test_a_link_that_is_not_whole_signs_nobody_in(self, visitor: Visitor, ask: Any, secret: str) -> None:
        ask()
        page = visitor.submit(visitor.open(path_of(mailed_link())[0]), link_code=secret)
        assert page.status in (200, 302)
        assert not visitor.is_signed_in

    def test_one_that_was_used_leads_back(self, visitor: Visitor, ask: Any) -> None:
        ask()
        path, secret = path_of(mailed_link())
        phone = Visitor()
        phone.submit(phone.open(path), link_code=secret)
        page = visitor.submit(visitor.open(path), link_code=secret)
        assert page.response["Location"] == "/auth/?show=code&notice=code-ended"

    @pytest.mark.parametrize("key", ["%00", "a%00b", "%ED%A0%80", "%F0%9F%98%80", "x" * 5000, ""])
    def test_a_link_to_nowhere_starts_over(self, visitor: Visitor, key: str) -> None:
        page = visitor.submit(visitor.open(f"/auth/verify?preAuthSessionId={key}"), link_code="AAAA")
        assert page.status in (200, 302)
        assert not LoginMethod.objects.exists()

    def test_the_link_of_a_tenant_stays_there(self, visitor: Visitor, tenant_acme: str, ask: Any) -> None:
        ask(path="/auth/?show=code&tenantId=acme")
        path, secret = path_of(link_in(str(mail.outbox[0].body)))
        assert visitor.submit(visitor.open(path), link_code=secret).status == 302
        assert visitor.is_signed_in
