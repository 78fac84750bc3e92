"""Forgotten passwords: the page that asks for a link, the page that the link leads to, and the mail between them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.http import HttpRequest

from supertokens_django.exceptions import GeneralError
from supertokens_django.services import emailpassword, session
from tests.base import ALICE, Clock, supertokens_settings
from tests.pages.test_sign_in import sign_in
from tests.pages.visiting import ORIGIN, Page, Visitor
from tests.recipes.emailpassword.mailbox import Commit, link_in, the_mail, token_in

pytestmark = pytest.mark.django_db

SENT = (
    "If there is an account with this e-mail address, a link to choose a new password is on its way. "
    "It may take a few minutes to arrive."
)
USED = "This link has been used already, or it is too old. Ask for a new one."
NEW_PASSWORD = "down the rabbit hole 2"


@pytest.fixture
def ask(visitor: Visitor, django_capture_on_commit_callbacks: Commit) -> Any:
    def ask_for_link(email: str = ALICE.email, path: str = "/auth/reset-password") -> Page:
        with django_capture_on_commit_callbacks(execute=True):
            return visitor.submit(visitor.open(path), email=email)

    return ask_for_link


@pytest.fixture
def link(ask: Any, alice: str) -> str:
    """The path that the link in Alice's mail leads to."""
    ask()
    link = link_in(the_mail())
    assert link.startswith(f"{ORIGIN}/auth/reset-password?token=")
    return link.removeprefix(ORIGIN)


class TestAskingForALink:
    def test_it_asks_for_the_e_mail_alone(self, visitor: Visitor) -> None:
        page = visitor.open("/auth/reset-password")
        assert (page.status, page.heading) == (200, "Reset your password")
        assert list(page.values) == ["csrfmiddlewaretoken", "email"]
        assert page.input("email")["autocomplete"] == "email"
        assert page.links == {"Back to sign-in": "/auth/"}

    def test_it_mails_the_link(self, ask: Any, alice: str) -> None:
        page = ask()
        assert (page.status, page.response["Location"]) == (302, "/auth/reset-password?notice=link-sent")
        assert the_mail().to == [ALICE.email]

    def test_it_says_where_to_look(self, ask: Any, visitor: Visitor, alice: str) -> None:
        page = visitor.follow(ask())
        assert (page.heading, page.status_messages) == ("Check your e-mail", [SENT])
        assert page.links == {"Back to sign-in": "/auth/", "Send the link again": "/auth/reset-password"}

    def test_it_does_not_tell_who_has_an_account(self, ask: Any, visitor: Visitor, alice: str) -> None:
        known, unknown = ask(), ask(email="nobody@example.com")
        assert known.response["Location"] == unknown.response["Location"]
        assert len(mail.outbox) == 1

    def test_it_wants_an_address(self, ask: Any) -> None:
        assert ask(email="nonsense").errors == {"email": "Enter a valid e-mail address."}

    def test_a_guard_may_refuse(self, ask: Any, alice: str) -> None:
        class Captcha:
            def check(self, endpoint: str, request: HttpRequest, data: Any) -> None:
                if endpoint == "emailpassword:reset_token":
                    raise GeneralError("Please solve the captcha")

        with supertokens_settings(GUARDS=[Captcha]):
            assert ask().alerts == ["Please solve the captcha"]
        assert mail.outbox == []

    def test_it_is_not_there_when_it_is_switched_off(self, visitor: Visitor) -> None:
        with supertokens_settings(DISABLED_ENDPOINTS=["emailpassword:reset_token"]):
            assert visitor.open("/auth/reset-password").status == 404
            assert "Forgot your password?" not in visitor.open("/auth/").links


class TestChoosingANewPassword:
    def choose(self, visitor: Visitor, link: str, password: str = NEW_PASSWORD) -> Page:
        return visitor.submit(visitor.open(link), password=password)

    def test_it_asks_for_the_password_alone(self, visitor: Visitor, link: str) -> None:
        page = visitor.open(link)
        assert (page.status, page.heading, page.label("password")) == (
            200,
            "Choose a new password",
            "New password",
        )
        assert list(page.values) == ["csrfmiddlewaretoken", "password"]
        assert page.input("password")["autocomplete"] == "new-password"

    def test_opening_the_link_changes_nothing(self, visitor: Visitor, link: str) -> None:
        for _ in range(3):  # as mail scanners do
            visitor.open(link)
        assert self.choose(visitor, link).status == 302

    def test_it_changes_the_password(self, visitor: Visitor, link: str) -> None:
        page = self.choose(visitor, link)
        assert (page.status, page.response["Location"]) == (302, "/auth/?notice=password-changed")
        page = visitor.follow(page)
        assert (page.heading, page.status_messages) == (
            "Sign in",
            ["Your password has been changed. You can sign in with it now."],
        )
        assert visitor.submit(page, email=ALICE.email, password=NEW_PASSWORD).status == 302
        assert sign_in(Visitor()).status == 200

    def test_it_signs_out_everywhere(self, visitor: Visitor, link: str, alice: str) -> None:
        thief = Visitor()
        sign_in(thief)
        self.choose(visitor, link)
        assert session.get_all_session_handles_for_user(alice) == []
        assert thief.open("/auth/").heading == "Sign in"

    def test_a_poor_password_leaves_the_link_good(self, visitor: Visitor, link: str) -> None:
        page = self.choose(visitor, link, "short")
        assert page.errors == {
            "password": "The password must contain at least 8 characters, including a number."
        }
        assert visitor.submit(page, password=NEW_PASSWORD).status == 302

    def test_a_link_works_once(self, visitor: Visitor, link: str) -> None:
        self.choose(visitor, link)
        page = self.choose(visitor, link)
        assert page.alerts == [USED]
        assert page.links == {"Ask for a new one": "/auth/reset-password"}

    def test_a_link_grows_old(self, clock: Clock, visitor: Visitor, link: str) -> None:
        clock.advance(3601)
        assert self.choose(visitor, link).alerts == [USED]

    @pytest.mark.parametrize("token", ["nonsense", "%00", "%F0%9F%98%80"])
    def test_a_made_up_token_is_refused(self, token: str, visitor: Visitor) -> None:
        page = self.choose(visitor, f"/auth/reset-password?token={token}&tenantId=public")
        assert page.alerts == [USED]

    def test_a_guard_sees_what_a_frontend_would_have_sent(self, visitor: Visitor, link: str) -> None:
        asked: list[Any] = []

        class Recorder:
            def check(self, endpoint: str, request: HttpRequest, data: Any) -> None:
                asked.append((endpoint, data))

        with supertokens_settings(GUARDS=[Recorder]):
            self.choose(visitor, link)
        token = token_in(the_mail())
        fields = [{"id": "password", "value": NEW_PASSWORD}]
        assert asked == [("emailpassword:reset", {"formFields": fields, "method": "token", "token": token})]

    def test_it_is_not_there_when_it_is_switched_off(self, visitor: Visitor, link: str) -> None:
        with supertokens_settings(DISABLED_ENDPOINTS=["emailpassword:reset"]):
            assert visitor.open(link).status == 404

    def test_the_link_of_a_tenant_leads_back_to_the_tenant(
        self, visitor: Visitor, tenant_acme: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        emailpassword.sign_up(tenant_acme, ALICE.email, ALICE.password)
        with django_capture_on_commit_callbacks(execute=True):
            visitor.submit(visitor.open("/auth/reset-password?tenantId=acme"), email=ALICE.email)
        parts = urlsplit(link_in(the_mail()))
        page = self.choose(visitor, f"{parts.path}?{parts.query}")
        assert page.response["Location"] == "/auth/?notice=password-changed&tenantId=acme"


class TestTheMail:
    def test_it_is_complete_without_html(self, link: str) -> None:
        message = the_mail()
        assert message.subject == "Reset your Acme password"
        assert str(message.body).strip() == (
            f"A password reset was requested for {ALICE.email} at Acme.\n\n"
            "Open this link to choose a new password:\n\n"
            f"{ORIGIN}{link}\n\n"
            "The link is good for 1\N{NO-BREAK SPACE}hour and works once.\n"
            "If it was not you, ignore this mail; your password stays as it is."
        )

    def test_its_html_says_the_same(self, link: str) -> None:
        from django.test.html import parse_html

        from tests.pages.visiting import text_of

        text = text_of(parse_html(str(the_mail().alternatives[0][0])))
        assert f"A password reset was requested for {ALICE.email} at Acme." in text
        assert f"{ORIGIN}{link}" in text
        assert "The link is good for 1 hour and works once." in text

    def test_it_says_how_long_the_link_is_good(self, ask: Any, alice: str) -> None:
        with supertokens_settings(EMAILPASSWORD={"PASSWORD_RESET_TOKEN_LIFETIME": 900}):
            ask()
        assert "The link is good for 15\N{NO-BREAK SPACE}minutes" in str(the_mail().body)

    def test_it_loads_nothing_from_anywhere(self, link: str) -> None:
        html = str(the_mail().alternatives[0][0])
        assert "src=" not in html
        assert "url(" not in html
