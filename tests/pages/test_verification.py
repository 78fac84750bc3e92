"""Pages about an e-mail that is to be verified: asking for the link, its landing page, another address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urljoin

import pytest
from django.core import mail

from supertokens_django.models import EmailVerificationToken, LoginMethod, VerifiedEmail
from supertokens_django.recipes.emailpassword.service import EmailPasswordService
from supertokens_django.services import emailpassword, emailverification
from tests.base import ALICE, BOB, Clock, sign_up, supertokens_settings
from tests.pages.visiting import NAVIGATION, Page, Visitor, attributes_of, text_of
from tests.recipes.emailpassword.mailbox import Commit
from tests.recipes.emailverification.verification import link_in, the_mail

pytestmark = pytest.mark.django_db

ASK, ACCOUNT = "/auth/verify-email", "/auth/account"
NEW = "liddell@example.com"


@pytest.fixture(autouse=True)
def _required(one_origin: None) -> Iterator[None]:
    with supertokens_settings(
        RECIPES=["emailpassword", "emailverification"], EMAILVERIFICATION={"MODE": "REQUIRED"}
    ):
        yield


class Browser(Visitor):
    """A browser that goes where redirects lead; ``location`` is where it has arrived."""

    location = ""

    def __init__(self) -> None:
        super().__init__(headers=NAVIGATION)

    def open(self, path: str) -> Page:
        return self._arrived(super().open(path))

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Page:
        return self._arrived(super().post(path, fields, **headers))

    def _arrived(self, page: Page) -> Page:
        while page.status == 302:
            page = super().open(urljoin(page.path, page.response["Location"]))
        self.location = page.path
        return page


@pytest.fixture
def visitor() -> Browser:
    return Browser()


def send(visitor: Browser, page: Page, path: str, **fields: str) -> Page:
    """Post a form of a page that may have several."""
    token = attributes_of(page.all("input", name="csrfmiddlewaretoken")[0])["value"]
    return visitor.post(path, {**fields, "csrfmiddlewaretoken": token})


def signed_in(visitor: Browser) -> Browser:
    visitor.submit(visitor.open("/auth/?next=/test/any-email"), email=ALICE.email, password=ALICE.password)
    return visitor


def link_path(email: str = ALICE.email) -> str:
    """Where the link of the only mail leads, on this site."""
    assert the_mail().recipients() == [email]
    return link_in(the_mail()).removeprefix("https://acme.com")


class TestSignUp:
    def test_it_mails_the_link_and_says_so(
        self, visitor: Browser, django_capture_on_commit_callbacks: Commit
    ) -> None:
        page = visitor.open("/auth/?show=signup&next=/test/sync")
        with django_capture_on_commit_callbacks(execute=True):
            page = visitor.submit(page, email=ALICE.email, password=ALICE.password)
        assert visitor.location == "/auth/verify-email?notice=verification-sent&next=%2Ftest%2Fsync"
        assert page.heading == "Check your e-mail"
        assert ALICE.email in page.status_messages[0]

        opened = visitor.open(link_path())
        assert opened.heading == "Confirm your address"
        assert not VerifiedEmail.objects.exists()
        done = visitor.submit(opened)
        assert done.status_messages == ["Your e-mail address is confirmed."]
        assert visitor.open("/test/sync").status == 200

    def test_where_it_is_optional_nothing_is_mailed(
        self, visitor: Browser, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with supertokens_settings(EMAILVERIFICATION={"MODE": "OPTIONAL"}):
            page = visitor.open("/auth/?show=signup&next=/test/sync")
            with django_capture_on_commit_callbacks(execute=True):
                visitor.submit(page, email=ALICE.email, password=ALICE.password)
        assert visitor.location == "/test/sync"
        assert mail.outbox == []


class TestAsking:
    def test_a_page_that_insists_leads_there_and_back(
        self, clock: Clock, visitor: Browser, alice: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        page = signed_in(visitor).open("/test/sync?a=b")
        assert visitor.location == "/auth/verify-email?next=%2Ftest%2Fsync%3Fa%3Db"
        assert page.heading == "Confirm your address"
        assert mail.outbox == []
        with django_capture_on_commit_callbacks(execute=True):
            page = send(visitor, page, visitor.location)
        assert page.heading == "Check your e-mail"
        other_browser = Browser()
        other_browser.submit(other_browser.open(link_path()))
        assert other_browser.location == "/auth/?notice=email-verified"
        clock.advance(1)
        visitor.open(page.links["I have opened the link"])
        assert visitor.location == "/test/sync?a=b"

    def test_to_look_sends_nothing(self, visitor: Browser, alice: str) -> None:
        signed_in(visitor).open(ASK)
        assert not EmailVerificationToken.objects.exists()

    def test_who_is_not_signed_in_is_led_there(self, visitor: Browser) -> None:
        visitor.open(ASK)
        assert visitor.location == "/auth/?next=%2Fauth%2Fverify-email"

    def test_who_is_verified_is_led_on(self, visitor: Browser, alice: str) -> None:
        emailverification.mark_email_verified(alice)
        signed_in(visitor).open(f"{ASK}?next=/test/sync")
        assert visitor.location == "/test/sync"

    def test_it_cannot_be_asked_for_again_and_again(self, visitor: Browser, alice: str) -> None:
        page = signed_in(visitor).open(ASK)
        with supertokens_settings(RATE_LIMITS={"ENABLED": True}):
            for _ in range(5):
                page = send(visitor, visitor.open(ASK), ASK)
                assert page.heading == "Check your e-mail"
            page = send(visitor, visitor.open(ASK), ASK)
        assert page.status == 429
        assert "Too many attempts" in page.alerts[0]
        assert EmailVerificationToken.objects.count() == 5

    def test_the_account_page_leads_there(self, visitor: Browser, alice: str) -> None:
        signed_in(visitor).open(ACCOUNT)
        assert visitor.location == ASK

    def test_it_is_not_there_while_the_recipe_is_off(self, visitor: Browser, alice: str) -> None:
        with supertokens_settings(RECIPES=["emailpassword"]):
            assert visitor.open(ASK).status == 404
            assert visitor.open(f"{ASK}?token=x").status == 404


class TestTheLink:
    def test_opening_it_changes_nothing(self, visitor: Browser, alice: str) -> None:
        token = emailverification.create_email_verification_token("public", alice)
        for _ in range(2):
            page = visitor.open(f"{ASK}?token={token}&tenantId=public")
            assert (page.status, page.heading) == (200, "Confirm your address")
        assert not emailverification.is_email_verified(alice)
        visitor.submit(page)
        assert visitor.location == "/auth/?notice=email-verified"
        assert emailverification.is_email_verified(alice)

    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
    @pytest.mark.parametrize("is_signed_in", [False, True])
    def test_a_robot_changes_nothing(
        self, clock: Clock, visitor: Browser, alice: str, method: str, is_signed_in: bool
    ) -> None:
        token = emailverification.create_email_verification_token("public", alice)
        if is_signed_in:
            signed_in(visitor)
        clock.advance(1)
        for path in (ASK, "/auth/user/email/verify", "/auth/public/user/email/verify"):
            visitor.probe(method, f"{path}?token={token}&tenantId=public&method=token")
        assert EmailVerificationToken.objects.count() == 1
        assert not VerifiedEmail.objects.exists()
        assert emailverification.verify_email_using_token("public", token).email == ALICE.email

    def test_a_bad_one_is_refused(self, visitor: Browser, alice: str) -> None:
        page = visitor.submit(visitor.open(f"{ASK}?token=x"))
        assert page.alerts == ["This link has been used already, or it is too old. Ask for a new one."]
        assert page.title.startswith("Error:")

    def test_one_of_another_tenant_is_refused(self, visitor: Browser, alice: str, tenant_acme: str) -> None:
        token = emailverification.create_email_verification_token("public", alice)
        page = visitor.submit(visitor.open(f"{ASK}?token={token}&tenantId=acme"))
        assert page.alerts
        assert not emailverification.is_email_verified(alice)


class TestAnotherAddress:
    @pytest.fixture
    def account(self, visitor: Browser, alice: str) -> Page:
        emailverification.mark_email_verified(alice)
        return signed_in(visitor).open(ACCOUNT)

    def ask(self, visitor: Browser, page: Page, email: str, password: str = ALICE.password) -> Page:
        return send(visitor, page, ACCOUNT, action="change-email", email=email, password=password)

    def test_it_takes_the_place_of_the_old_one_by_the_link(
        self, visitor: Browser, account: Page, django_capture_on_commit_callbacks: Commit
    ) -> None:
        assert "Change e-mail address" in [text_of(heading) for heading in account.all("h2")]
        with django_capture_on_commit_callbacks(execute=True):
            page = self.ask(visitor, account, NEW)
        assert visitor.location == f"{ACCOUNT}?notice=change-sent"
        assert page.status_messages[0].startswith("We have sent a link to the new address.")
        path = link_path(NEW)
        assert LoginMethod.objects.get().email == ALICE.email
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            visitor.submit(visitor.open(path))
        assert LoginMethod.objects.get().email == NEW
        assert the_mail().recipients() == [ALICE.email]

    @pytest.mark.parametrize("way", ["reset", "change"])
    def test_a_new_password_ends_what_was_asked_for_with_the_old_one(
        self,
        visitor: Browser,
        account: Page,
        alice: str,
        way: str,
        django_capture_on_commit_callbacks: Commit,
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            self.ask(visitor, account, NEW)  # by somebody who has found the password out
        path = link_path(NEW)
        if way == "reset":
            token = emailpassword.create_reset_password_token("public", alice, ALICE.email)
            emailpassword.reset_password_using_token("public", token, "another-passw0rd")
        else:
            emailpassword.update_email_or_password(alice, password="another-passw0rd")
        page = visitor.submit(visitor.open(path))
        assert page.alerts == ["This link has been used already, or it is too old. Ask for a new one."]
        assert LoginMethod.objects.get().email == ALICE.email

    def test_a_new_password_that_comes_while_the_old_one_is_compared_ends_it_as_well(
        self, visitor: Browser, account: Page, alice: str
    ) -> None:
        class Slow(EmailPasswordService):
            def verify_credentials(self, tenant_id: str, email: str, password: str) -> LoginMethod:
                found = super().verify_credentials(tenant_id, email, password)
                emailpassword.update_email_or_password(alice, password="another-passw0rd")
                return found

        with supertokens_settings(EMAILPASSWORD={"SERVICE_CLASS": Slow}):
            page = self.ask(visitor, account, NEW)
        assert page.errors == {"password": "This is not your password."}
        assert not EmailVerificationToken.objects.exists()

    def test_of_two_addresses_that_were_asked_for_the_later_one_counts(
        self, visitor: Browser, account: Page, django_capture_on_commit_callbacks: Commit
    ) -> None:
        """Whoever mistyped it has told a stranger: the link there must not take the account."""
        mistyped = "lidell@example.com"
        with django_capture_on_commit_callbacks(execute=True):
            self.ask(visitor, account, mistyped)
        path = link_path(mistyped)
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            self.ask(visitor, visitor.open(ACCOUNT), NEW)
        stranger = Browser()
        page = stranger.submit(stranger.open(path))
        assert page.alerts == ["This link has been used already, or it is too old. Ask for a new one."]
        assert LoginMethod.objects.get().email == ALICE.email
        visitor.submit(visitor.open(link_path(NEW)))
        assert LoginMethod.objects.get().email == NEW

    def test_one_that_is_asked_for_twice_may_be_confirmed_by_either_link(
        self, visitor: Browser, account: Page, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            self.ask(visitor, account, NEW)
        path = link_path(NEW)
        self.ask(visitor, visitor.open(ACCOUNT), NEW)
        visitor.submit(visitor.open(path))
        assert LoginMethod.objects.get().email == NEW

    def test_a_new_password_leaves_the_link_to_the_own_address(self, visitor: Browser, alice: str) -> None:
        token = emailverification.create_email_verification_token("public", alice)
        emailpassword.update_email_or_password(alice, password="another-passw0rd")
        emailverification.verify_email_using_token("public", token)
        assert emailverification.is_email_verified(alice)

    def test_it_needs_the_password(self, visitor: Browser, account: Page) -> None:
        page = self.ask(visitor, account, NEW, BOB.password)
        assert page.errors == {"password": "This is not your password."}
        assert not EmailVerificationToken.objects.exists()

    @pytest.mark.parametrize(
        ("email", "error"),
        [
            ("alice", "Enter a valid e-mail address."),
            ("", "This field is required."),
            (ALICE.email, "This is your e-mail address already."),
            ("a@b.fakeemail.com", "Enter a valid e-mail address."),
        ],
    )
    def test_an_address_that_will_not_do_is_refused(
        self, visitor: Browser, account: Page, email: str, error: str
    ) -> None:
        assert self.ask(visitor, account, email).errors == {"email": error}

    def test_an_address_of_somebody_else_looks_like_any_other(
        self, visitor: Browser, account: Page, django_capture_on_commit_callbacks: Commit
    ) -> None:
        sign_up(BOB)
        with django_capture_on_commit_callbacks(execute=True):
            page = self.ask(visitor, account, BOB.email)
        assert page.status_messages[0].startswith("We have sent a link to the new address.")
        page = visitor.submit(visitor.open(link_path(BOB.email)))
        assert page.alerts == ["There is already an account with this e-mail address."]
        assert LoginMethod.objects.filter(email=ALICE.email).exists()


class TestAWrongAddress:
    """Who mistyped it at sign-up reads no link, and no page that insists on one lets them in."""

    WRONG = "alcie@example.com"

    @pytest.fixture
    def asked(self, visitor: Browser) -> Page:
        page = visitor.open("/auth/?show=signup&next=/test/sync")
        return visitor.submit(page, email=self.WRONG, password=ALICE.password)

    def correct(self, visitor: Browser, page: Page, email: str, password: str = ALICE.password) -> Page:
        return send(visitor, page, visitor.location, action="change-email", email=email, password=password)

    def test_it_is_corrected_where_the_link_is_waited_for(
        self, visitor: Browser, asked: Page, django_capture_on_commit_callbacks: Commit
    ) -> None:
        assert "open" not in attributes_of(asked.one("details"))
        with django_capture_on_commit_callbacks(execute=True):
            page = self.correct(visitor, asked, ALICE.email)
        assert visitor.location == "/auth/verify-email?notice=change-sent&next=%2Ftest%2Fsync"
        assert page.heading == "Check your e-mail"
        assert page.status_messages[0].startswith("We have sent a link to the new address.")
        assert LoginMethod.objects.get().email == self.WRONG
        assert visitor.open("/test/sync").heading == "Confirm your address"

        visitor.submit(visitor.open(link_path(ALICE.email)))
        assert LoginMethod.objects.get().email == ALICE.email
        assert visitor.open("/test/sync").status == 200

    def test_it_needs_the_password(self, visitor: Browser, asked: Page) -> None:
        page = self.correct(visitor, asked, ALICE.email, BOB.password)
        assert page.errors == {"password": "This is not your password."}
        assert page.title.startswith("Error:")
        assert "open" in attributes_of(page.one("details"))
        assert EmailVerificationToken.objects.filter(email=ALICE.email).count() == 0

    def test_nothing_else_of_the_account_can_be_changed(self, visitor: Browser, asked: Page) -> None:
        fields = {
            "action": "change-password",
            "current-password": ALICE.password,
            "new-password": "n3w-password",
        }
        send(visitor, asked, visitor.location, **fields)
        other = Browser()
        signed_in = other.submit(other.open("/auth/"), email=self.WRONG, password="n3w-password")
        assert signed_in.status == 200
        assert signed_in.alerts == ["The e-mail address or the password is not right."]
        send(visitor, asked, ACCOUNT, action="change-email", email=ALICE.email, password=ALICE.password)
        assert EmailVerificationToken.objects.filter(email=ALICE.email).count() == 0

    def test_the_password_cannot_be_guessed_there(self, visitor: Browser, asked: Page) -> None:
        with supertokens_settings(RATE_LIMITS={"ENABLED": True}):
            for _ in range(50):
                page = self.correct(visitor, visitor.open(ASK), ALICE.email, BOB.password)
                if page.status == 429:
                    break
        assert page.status == 429
        assert "Too many attempts" in page.alerts[0]
        assert EmailVerificationToken.objects.filter(email=ALICE.email).count() == 0
