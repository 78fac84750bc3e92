"""Templates and senders that are a tenant's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import override_settings

from supertokens_django.delivery import email, sms, wording
from supertokens_django.delivery.backends import locmem
from tests.base import ALICE, supertokens_settings
from tests.delivery.drafts import PHONE, RESET, RESET_LINK, TEXTS, VERIFY
from tests.recipes.emailpassword.mailbox import Commit


@contextmanager
def templates(folder: Path, **files: str) -> Iterator[None]:
    """Templates of the project: ``email__base__html="…"`` is ``email/base.html`` below our folder."""
    for name, text in files.items():
        path = (
            folder
            / "supertokens_django"
            / name.replace("__", "/").replace("/html", ".html").replace("/txt", ".txt")
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (engine,) = settings.TEMPLATES
    with override_settings(TEMPLATES=[{**engine, "DIRS": [folder]}]):
        yield


@pytest.fixture
def mailed(django_capture_on_commit_callbacks: Commit) -> Any:
    def send(tenant: str, template: str = "reset_password") -> EmailMultiAlternatives:
        with django_capture_on_commit_callbacks(execute=True):
            email.send(template, ALICE.email, {**RESET, **VERIFY}, tenant_id=tenant)
        message = mail.outbox[-1]
        assert isinstance(message, EmailMultiAlternatives)
        return message

    return send


def html_of(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0])


class TestTemplates:
    def test_the_project_replaces_one(self, mailed: Any, tmp_path: Path) -> None:
        with templates(tmp_path, email__reset_password_subject__txt="Hello {{ user.email }}"):
            for tenant in ("public", "acme"):
                assert mailed(tenant).subject == f"Hello {ALICE.email}"

    def test_a_tenant_has_one_of_its_own_and_the_others_of_all(self, mailed: Any, tmp_path: Path) -> None:
        with templates(
            tmp_path,
            acme__email__reset_password_subject__txt="Acme’s own",
            email__reset_password__txt="{{ password_reset_link }}",
        ):
            own, public = mailed("acme"), mailed("public")
        assert (own.subject, public.subject) == ("Acme’s own", "Reset your Acme password")
        assert own.body == public.body == f"{RESET_LINK}\n"

    def test_texts_of_a_project_need_not_switch_escaping_off(self, mailed: Any, tmp_path: Path) -> None:
        """A link in a text has no ``&amp;``, though Django escapes in all templates alike."""
        with (
            supertokens_settings(APP_NAME="Rock & Roll"),
            templates(
                tmp_path,
                email__reset_password__txt="{{ app_name }} {{ user.email }} {{ password_reset_link }}",
            ),
        ):
            assert mailed("public").body == f"Rock & Roll {ALICE.email} {RESET_LINK}\n"

    def test_a_base_of_a_tenant_is_that_of_all_its_mails(self, mailed: Any, tmp_path: Path) -> None:
        base = "{% extends 'supertokens_django/email/base.html' %}{% block header %}<b>Acme’s head</b>{% endblock %}"
        with templates(tmp_path, acme__email__base__html=base):
            for template in ("reset_password", "verify_email"):
                assert "<b>Acme’s head</b>" in html_of(mailed("acme", template))
                assert "Acme’s head" not in html_of(mailed("public", template))

    def test_a_tenant_has_text_messages_of_its_own(
        self, tmp_path: Path, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with (
            templates(tmp_path, acme__sms__passwordless_login__txt="Acme: {{ user_input_code }}"),
            django_capture_on_commit_callbacks(execute=True),
        ):
            sms.send("passwordless_login", PHONE, TEXTS["code"], tenant_id="acme")
            sms.send("passwordless_login", PHONE, TEXTS["code"])
        own, public = locmem.outbox
        assert own.text == "Acme: 482913"
        assert public.text.startswith("482913 is your code")

    def test_a_message_without_html_is_one_of_text(self, mailed: Any, tmp_path: Path) -> None:
        with templates(
            tmp_path, email__welcome_subject__txt="Welcome", email__welcome__txt="Hi {{ user.email }}"
        ):
            message = mailed("public", "welcome")
        assert (message.subject, message.body, message.alternatives) == (
            "Welcome",
            f"Hi {ALICE.email}\n",
            [],
        )

    def test_colours_and_logo_are_variables(self, mailed: Any) -> None:
        with supertokens_settings(DELIVERY={"SERVICE_CLASS": "tests.delivery.branded.Branded"}):
            html = html_of(mailed("public"))
        assert "#0a7d4f" in html
        assert "#3347c9" not in html
        assert '<img src="https://acme.com/logo.png" alt="Acme"' in html


class TestPaths:
    """A tenant's ID is part of a path of templates, and of no other path."""

    @pytest.mark.parametrize(
        "tenant",
        [
            "..",
            ".",
            "../..",
            "a/b",
            "/etc",
            "a\\b",
            "acme/../public",
            "%2e%2e",
            "",
            "Acme",
            "a.b",
            "-a",
            "a\n",
            "ä",
            "a" * 65,
        ],
    )
    def test_strange_ids_get_the_templates_of_all(self, tenant: str) -> None:
        assert wording.candidates("email", "base.html", tenant) == ["supertokens_django/email/base.html"]

    @pytest.mark.parametrize("tenant", ["public", "acme", "a", "t-1", "customer-42", "a_b", "0"])
    def test_others_have_a_folder(self, tenant: str) -> None:
        assert wording.candidates("sms", "x.txt", tenant) == [
            f"supertokens_django/{tenant}/sms/x.txt",
            "supertokens_django/sms/x.txt",
        ]

    def test_nothing_outside_is_read(self, mailed: Any, tmp_path: Path) -> None:
        (tmp_path / "email").mkdir()
        (tmp_path / "email" / "reset_password_subject.txt").write_text("outside")
        with templates(tmp_path):
            assert mailed("..").subject == "Reset your Acme password"


def by_name(tenant_id: str) -> str | None:
    return f"{tenant_id.title()} <{tenant_id}@acme.com>" if tenant_id != "public" else None


class TestSenders:
    DEFAULT = "Example <hello@example.com>"

    @pytest.mark.parametrize(
        ("setting", "acme", "public"),
        [
            (None, DEFAULT, DEFAULT),
            ("Acme <hello@acme.com>", "Acme <hello@acme.com>", "Acme <hello@acme.com>"),
            ("hello@acme.com", "hello@acme.com", "hello@acme.com"),
            ({"acme": "Acme <a@acme.com>"}, "Acme <a@acme.com>", DEFAULT),
            (by_name, "Acme <acme@acme.com>", DEFAULT),
            (f"{__name__}.by_name", "Acme <acme@acme.com>", DEFAULT),
        ],
    )
    def test_of_mails(self, setting: Any, acme: str, public: str, mailed: Any) -> None:
        with supertokens_settings(DELIVERY={"FROM_EMAIL": setting}):
            assert [mailed(tenant).from_email for tenant in ("acme", "public")] == [acme, public]

    @pytest.mark.parametrize(
        ("setting", "acme", "public"),
        [
            (None, None, None),
            ("Acme", "Acme", "Acme"),
            ({"acme": "Acme"}, "Acme", None),
            (by_name, "Acme <acme@acme.com>", None),
        ],
    )
    def test_of_text_messages(
        self,
        setting: Any,
        acme: str | None,
        public: str | None,
        django_capture_on_commit_callbacks: Commit,
    ) -> None:
        with (
            supertokens_settings(DELIVERY={"SMS_SENDER": setting}),
            django_capture_on_commit_callbacks(execute=True),
        ):
            for tenant in ("acme", "public"):
                sms.send("passwordless_login", PHONE, TEXTS["code"], tenant_id=tenant)
        assert [message.sender for message in locmem.outbox] == [acme, public]

    def test_the_tenant_of_the_context_is_meant_where_none_is_named(
        self, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with (
            supertokens_settings(DELIVERY={"FROM_EMAIL": {"acme": "a@acme.com"}}),
            django_capture_on_commit_callbacks(execute=True),
        ):
            email.send("reset_password", ALICE.email, {**RESET, "tenant_id": "acme"})
        assert mail.outbox[0].from_email == "a@acme.com"
