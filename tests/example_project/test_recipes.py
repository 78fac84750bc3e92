"""What a newcomer tries after ``make run``: to sign in without a password, and a page for verified addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from supertokens_django.services import emailverification
from tests.base import ALICE, sign_up
from tests.client import FrontendClient, Mode, json_of
from tests.pages.visiting import Page, Visitor, attributes_of, text_of
from tests.recipes.emailpassword.mailbox import Commit
from tests.recipes.emailverification.verification import REFUSED
from tests.recipes.passwordless.device import code_in

pytestmark = pytest.mark.django_db

NUMBER = "+4915112345678"
LINK = re.compile(r"^http://localhost:8000\S+$", re.MULTILINE)

Printed = Callable[[], str]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    """What has appeared in the terminal since it was last asked."""
    return lambda: capsys.readouterr().out


@pytest.fixture
def ask(newcomer: Visitor, django_capture_on_commit_callbacks: Commit) -> Callable[..., Page]:
    """The newcomer asks for a code, on the way to a page."""

    def ask_for_code(contact: str, then: str = "/protected/") -> Page:
        page = newcomer.open(f"/auth/?show=code&next={then}")
        with django_capture_on_commit_callbacks(execute=True):
            return newcomer.follow(newcomer.submit(page, contact=contact))

    return ask_for_code


def send(visitor: Visitor, page: Page, **fields: str) -> Page:
    """Post a form of a page that has several."""
    token = attributes_of(page.all("input", name="csrfmiddlewaretoken")[0])["value"]
    return visitor.post(page.path, {"csrfmiddlewaretoken": token, **fields})


def path_of(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def facts_of(page: Page) -> dict[str, str]:
    """The table of a page."""
    return {text_of(name): text_of(value) for name, value in zip(page.all("dt"), page.all("dd"), strict=True)}


class TestWithoutAPassword:
    def test_the_start_leads_there(self, newcomer: Visitor) -> None:
        links = newcomer.open("/").links
        assert links["Sign in with a code"] == "/auth/?show=code"
        assert newcomer.open("/auth/").links["Sign in with a code instead"] == "/auth/?show=code"

    def test_the_code_of_a_mail(self, newcomer: Visitor, ask: Callable[..., Page], printed: Printed) -> None:
        page = ask("Carol@example.com")
        page = newcomer.follow(send(newcomer, page, code=code_in(printed())))
        assert (page.path, page.heading) == ("/protected/", "You are in")
        assert facts_of(page)["E-mail"] == "carol@example.com"
        assert newcomer.open("/").heading == "Welcome, carol@example.com"

    def test_the_link_of_a_mail(self, newcomer: Visitor, ask: Callable[..., Page], printed: Printed) -> None:
        ask("carol@example.com")
        (link,) = LINK.findall(printed())
        page = send(newcomer, newcomer.open(path_of(link)), link_code=urlsplit(link).fragment)
        assert newcomer.follow(page).path == "/protected/"

    def test_the_code_of_a_text_message(
        self, newcomer: Visitor, ask: Callable[..., Page], printed: Printed
    ) -> None:
        page = ask("+49 151 12345678")
        message = printed()
        assert f"To: {NUMBER}\n" in message
        page = newcomer.follow(send(newcomer, page, code=code_in(message)))
        assert facts_of(page)["Phone"] == NUMBER
        assert "E-mail" not in facts_of(page)
        start = newcomer.open("/")
        assert start.heading == f"Welcome, {NUMBER}"
        assert "request.user.email" not in facts_of(start)


class TestAVerifiedAddress:
    @pytest.fixture
    def member(self, newcomer: Visitor) -> Visitor:
        """Alice, who has signed up with a password and has not opened a link yet."""
        page = newcomer.open("/auth/?show=signup&next=/protected/")
        assert (
            newcomer.follow(newcomer.submit(page, email=ALICE.email, password=ALICE.password)).status == 200
        )
        return newcomer

    def test_a_visitor_is_sent_to_sign_in(self, newcomer: Visitor) -> None:
        assert newcomer.open("/verified/").response["Location"] == "/auth/?next=%2Fverified%2F"

    def test_the_session_says_who_is_verified(self, member: Visitor) -> None:
        assert facts_of(member.open("/"))["session.get_claim_value(EmailVerificationClaim)"] == "False"

    def test_the_link_of_the_mail_opens_the_page(
        self, member: Visitor, printed: Printed, django_capture_on_commit_callbacks: Commit
    ) -> None:
        page = member.arrive("/verified/")
        assert page.path == "/auth/verify-email?next=%2Fverified%2F"
        assert page.heading == "Confirm your address"
        with django_capture_on_commit_callbacks(execute=True):
            page = member.follow(send(member, page))
        assert page.heading == "Check your e-mail"
        (link,) = LINK.findall(printed())
        member.submit(member.open(path_of(link)))
        opened = member.open("/verified/")
        assert (opened.status, opened.heading) == (200, "Your address is verified")
        assert facts_of(member.open("/"))["session.get_claim_value(EmailVerificationClaim)"] == "True"

    def test_a_frontend_is_told_what_is_missing(self, mode: Mode) -> None:
        sign_up(ALICE)
        frontend = FrontendClient(mode, host="localhost", secure=False)
        frontend.sign_in(ALICE.email, ALICE.password)
        refused = frontend.get("/verified/")
        assert (refused.status_code, json_of(refused)) == (403, REFUSED)
        assert [frontend.get(path).status_code for path in ("/protected/", "/api/sync")] == [200, 200]

    @pytest.mark.parametrize("contact", ["carol@example.com", NUMBER])
    def test_a_code_that_was_typed_is_proof_enough(
        self, contact: str, newcomer: Visitor, ask: Callable[..., Page], printed: Printed
    ) -> None:
        page = ask(contact, then="/verified/")
        page = newcomer.follow(send(newcomer, page, code=code_in(printed())))
        assert (page.path, page.heading) == ("/verified/", "Your address is verified")


def test_the_terminal_shows_the_text_of_a_mail_alone(
    printed: Printed, django_capture_on_commit_callbacks: Commit
) -> None:
    """The link can be clicked where it stands: nothing of it is encoded, and no HTML hides it."""
    alice = sign_up(ALICE)
    with django_capture_on_commit_callbacks(execute=True):
        emailverification.send_email_verification_email("public", alice, alice, ALICE.email)
    text = printed()
    assert text.startswith(f"To: {ALICE.email}\nSubject: Confirm your e-mail address for Example\n\n")
    (link,) = LINK.findall(text)
    assert path_of(link).startswith("/auth/verify-email?token=")
    assert "<" not in text
