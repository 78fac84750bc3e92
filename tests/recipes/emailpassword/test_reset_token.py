"""``POST /user/password/reset/token``: asking for a reset link, and the mail that brings it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest
from django.test import override_settings

from tests.base import ALICE, BOB, supertokens_settings
from tests.client import FrontendClient, json_of
from tests.mail import mail_settings
from tests.recipes.emailpassword.bodies import BAD_EMAIL, NOT_OPTIONAL, OK, field_error
from tests.recipes.emailpassword.mailbox import Commit, link_in, query_of, the_mail, token_in

pytestmark = pytest.mark.django_db


def origin_of_request(request: HttpRequest | None) -> str:
    assert request is not None
    return request.headers.get("origin", "https://nowhere.example")


class UnreachableMailServer(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError("no mail server")


class TestAnswer:
    @pytest.mark.parametrize("email", [ALICE.email, BOB.email, "ALICE@Example.com", "  alice@example.com "])
    def test_it_is_the_same_for_users_and_strangers(
        self, email: str, visitor: FrontendClient, alice: str
    ) -> None:
        response = visitor.request_reset_token(email)
        assert (response.status_code, json_of(response)) == (200, OK)

    def test_a_missing_or_bad_email_is_a_field_error(self, visitor: FrontendClient) -> None:
        assert json_of(visitor.submit_form("/user/password/reset/token", {})) == field_error(
            ("email", NOT_OPTIONAL)
        )
        assert json_of(visitor.request_reset_token("  ")) == field_error(("email", NOT_OPTIONAL))
        assert json_of(visitor.request_reset_token("alice")) == field_error(("email", BAD_EMAIL))

    def test_it_gives_no_session(self, browser: FrontendClient, alice: str) -> None:
        browser.request_reset_token(ALICE.email)
        assert not browser.is_signed_in

    @override_settings(**mail_settings(f"{__name__}.UnreachableMailServer"))
    def test_a_mail_server_that_is_down_does_not_tell_users_from_strangers(
        self, visitor: FrontendClient, alice: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            answers = [json_of(visitor.request_reset_token(email)) for email in (ALICE.email, BOB.email)]
        assert answers == [OK, OK]


class TestMail:
    @pytest.fixture(autouse=True)
    def stage(self, alice: str, django_capture_on_commit_callbacks: Commit) -> None:
        self.alice = alice
        self.commit = django_capture_on_commit_callbacks

    def ask(self, visitor: FrontendClient, email: str = ALICE.email, tenant: str | None = None) -> None:
        with self.commit(execute=True):
            visitor.request_reset_token(email, tenant=tenant)

    def test_it_goes_to_the_user_alone(self, visitor: FrontendClient) -> None:
        self.ask(visitor)
        assert the_mail().recipients() == [ALICE.email]

    def test_it_goes_to_the_address_on_record_however_it_is_typed(self, visitor: FrontendClient) -> None:
        self.ask(visitor, "  ALICE@Example.com")
        assert the_mail().recipients() == [ALICE.email]

    def test_it_does_not_go_to_a_look_alike_of_the_address(self, visitor: FrontendClient) -> None:
        visitor.sign_up("kate@example.com", BOB.password)
        self.ask(visitor, "\N{KELVIN SIGN}ate@example.com")
        assert the_mail().recipients() == ["kate@example.com"]
        assert "\N{KELVIN SIGN}" not in f"{the_mail().body}{the_mail().alternatives}"

    def test_it_does_not_go_to_strangers(self, visitor: FrontendClient) -> None:
        self.ask(visitor, BOB.email)
        assert mail.outbox == []

    def test_it_does_not_go_to_a_user_of_another_tenant(
        self, visitor: FrontendClient, tenant_acme: str
    ) -> None:
        self.ask(visitor, tenant=tenant_acme)
        assert mail.outbox == []

    def test_it_leaves_when_the_transaction_is_committed(self, visitor: FrontendClient) -> None:
        with self.commit(execute=False) as callbacks:
            visitor.request_reset_token(ALICE.email)
        assert callbacks
        assert mail.outbox == []
        for callback in callbacks:
            callback()
        assert the_mail().recipients() == [ALICE.email]

    def test_its_link_leads_to_the_website_with_token_and_tenant(self, visitor: FrontendClient) -> None:
        self.ask(visitor)
        link = link_in(the_mail())
        assert re.fullmatch(
            r"https://acme\.com/auth/reset-password\?token=[A-Za-z0-9]{128}&tenantId=public", link
        )

    def test_its_link_names_the_tenant(self, visitor: FrontendClient, tenant_acme: str) -> None:
        visitor.sign_up(BOB.email, BOB.password, tenant=tenant_acme)
        self.ask(visitor, BOB.email, tenant_acme)
        assert [name for name, _ in query_of(link_in(the_mail()))] == ["token", "tenantId"]
        assert query_of(link_in(the_mail()))[1] == ("tenantId", tenant_acme)

    def test_its_link_follows_the_base_path_of_the_website(self, visitor: FrontendClient) -> None:
        with supertokens_settings(WEBSITE_DOMAIN="https://www.acme.com", WEBSITE_BASE_PATH="/account/login"):
            self.ask(visitor)
        link = urlsplit(link_in(the_mail()))
        assert (
            f"{link.scheme}://{link.netloc}{link.path}" == "https://www.acme.com/account/login/reset-password"
        )

    def test_its_link_follows_the_origin_of_the_request(self, visitor: FrontendClient) -> None:
        with supertokens_settings(ORIGIN=origin_of_request), self.commit(execute=True):
            visitor.call_recipe(
                "POST",
                "/auth/user/password/reset/token",
                rid="emailpassword",
                json_body={"formFields": [{"id": "email", "value": ALICE.email}]},
                headers={"origin": "https://app.acme.com"},
            )
        assert link_in(the_mail()).startswith("https://app.acme.com/auth/reset-password?token=")

    def test_its_html_has_the_same_link(self, visitor: FrontendClient) -> None:
        self.ask(visitor)
        message = the_mail()
        ((html, mimetype),) = message.alternatives
        assert mimetype == "text/html"
        assert link_in(message).replace("&", "&amp;") in str(html)

    def test_it_names_the_app_in_a_subject_of_one_line(self, visitor: FrontendClient) -> None:
        with supertokens_settings(APP_NAME="Acme & Söhne"):
            self.ask(visitor)
        subject = the_mail().subject
        assert subject.strip()
        assert "\n" not in subject
        assert "Acme & Söhne" in f"{subject}{the_mail().body}"
        assert "&amp;" not in f"{subject}{the_mail().body}"

    def test_it_comes_from_the_sender_of_the_project(self, visitor: FrontendClient) -> None:
        with override_settings(DEFAULT_FROM_EMAIL="Acme <no-reply@acme.com>"):
            self.ask(visitor)
        assert the_mail().from_email == "Acme <no-reply@acme.com>"

    def test_its_templates_can_be_replaced(self, visitor: FrontendClient, tmp_path: Path) -> None:
        folder = tmp_path / "supertokens_django" / "email"
        folder.mkdir(parents=True)
        (folder / "reset_password_subject.txt").write_text("Our\n subject\n")
        (folder / "reset_password.txt").write_text("Our text")
        (folder / "reset_password.html").write_text("<p>Our page</p>")
        templates = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
        with override_settings(TEMPLATES=templates):
            self.ask(visitor)
        message = the_mail()
        assert (" ".join(message.subject.split()), str(message.body).strip()) == ("Our subject", "Our text")
        assert "\n" not in message.subject
        assert str(message.alternatives[0][0]).strip() == "<p>Our page</p>"

    @pytest.mark.parametrize("email", ["jürgen@example.com", '"two words"@example.com', "用户@example.com"])
    def test_an_unusual_address_never_breaks_it(self, email: str, visitor: FrontendClient) -> None:
        visitor.sign_up(email, BOB.password)
        with self.commit(execute=True):
            response = visitor.request_reset_token(email)
        assert json_of(response) == OK
        assert the_mail().recipients() == [email]


class TestToken:
    def test_several_are_valid_side_by_side(
        self, visitor: FrontendClient, alice: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            visitor.request_reset_token(ALICE.email)
            visitor.request_reset_token(ALICE.email)
        first, second = (token_in(message) for message in mail.outbox)  # type: ignore[arg-type]
        assert first != second
        assert json_of(visitor.reset_password(first, "rabbit hole 1")) == OK

    def test_it_is_nowhere_in_the_database(
        self, visitor: FrontendClient, alice: str, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            visitor.request_reset_token(ALICE.email)
        token = token_in(the_mail())
        rows = [repr(row) for model in apps.get_models() for row in model._default_manager.values()]
        assert rows
        assert not [row for row in rows if token in row]
