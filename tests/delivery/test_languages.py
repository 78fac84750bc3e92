"""Whose language a message speaks."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import RequestFactory, override_settings
from django.utils import translation

from supertokens_django.delivery import email
from supertokens_django.delivery.message import Draft
from tests.base import ALICE, supertokens_settings
from tests.client import FrontendClient, Mode
from tests.delivery.drafts import RESET
from tests.recipes.emailpassword.mailbox import Commit

LOCALE = ["django.middleware.locale.LocaleMiddleware", *settings.MIDDLEWARE]
FIVE = [("en", "English"), ("de", "German"), ("es", "Spanish"), ("fr", "French"), ("ja", "Japanese")]

SUBJECTS = {
    "Reset your Acme password": "en",
    "Ihr Passwort bei Acme zurücksetzen": "de",
    "Restablezca su contraseña de Acme": "es",
    "Réinitialisez votre mot de passe Acme": "fr",
    "Acme のパスワードの再設定": "ja",
}


def language_of_user(draft: Draft) -> str | None:
    return {ALICE.email: "ja"}.get(draft.context["user"]["email"])


def language_of_context(draft: Draft) -> str | None:
    found: str | None = draft.context["user"].get("language")
    return found


def broken(draft: Draft) -> str:
    raise ZeroDivisionError


@pytest.fixture
def language(django_capture_on_commit_callbacks: Commit) -> Any:
    """The language in which a mail is written."""

    def of(**options: Any) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            email.send("reset_password", ALICE.email, RESET, **options)
        return SUBJECTS[str(mail.outbox[-1].subject)]

    return of


class TestOfTheRequest:
    """Over the wire; the API is asked by a browser that speaks French."""

    @pytest.fixture(autouse=True)
    def alices_account(self, alice: str) -> None:
        pass

    def ask(self, mode: Mode, commit: Commit, accept: str = "fr-CA,fr;q=0.9,en;q=0.5") -> str:
        with commit(execute=True):
            FrontendClient(mode).post(
                "/auth/user/password/reset/token",
                {"formFields": [{"id": "email", "value": ALICE.email}]},
                headers={"accept-language": accept},
            )
        return SUBJECTS[str(mail.outbox[-1].subject)]

    def test_locale_middleware_is_heard(self, mode: Mode, django_capture_on_commit_callbacks: Commit) -> None:
        with override_settings(MIDDLEWARE=LOCALE):
            assert self.ask(mode, django_capture_on_commit_callbacks) == "fr"

    def test_without_it_the_browser_is_heard_where_the_project_names_its_languages(
        self, mode: Mode, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with override_settings(LANGUAGES=FIVE):
            assert self.ask(mode, django_capture_on_commit_callbacks) == "fr"
            assert self.ask(mode, django_capture_on_commit_callbacks, "sv") == "en"

    def test_a_project_of_one_language_keeps_to_it(
        self, mode: Mode, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with override_settings(LANGUAGE_CODE="de"):
            assert self.ask(mode, django_capture_on_commit_callbacks) == "de"

    def test_that_of_the_person_goes_before(
        self, mode: Mode, django_capture_on_commit_callbacks: Commit
    ) -> None:
        with (
            override_settings(MIDDLEWARE=LOCALE),
            supertokens_settings(DELIVERY={"LANGUAGE": f"{__name__}.language_of_user"}),
        ):
            assert self.ask(mode, django_capture_on_commit_callbacks) == "ja"


class TestChoice:
    def test_the_caller_goes_before_everybody(self, language: Any) -> None:
        with supertokens_settings(DELIVERY={"LANGUAGE": language_of_user}):
            assert language(language="es") == "es"

    def test_then_the_person(self, language: Any) -> None:
        request = RequestFactory().get("/", headers={"accept-language": "fr"})
        with supertokens_settings(DELIVERY={"LANGUAGE": language_of_user}), override_settings(LANGUAGES=FIVE):
            assert language(request=request) == "ja"

    def test_then_the_request(self, language: Any) -> None:
        request = RequestFactory().get("/", headers={"accept-language": "fr"})
        with (
            supertokens_settings(DELIVERY={"LANGUAGE": language_of_context}),
            override_settings(LANGUAGES=FIVE),
        ):
            assert language(request=request) == "fr"

    def test_then_whatever_is_active(self, language: Any) -> None:
        with translation.override("es"):
            assert language() == "es"

    def test_at_last_that_of_the_project(self, language: Any) -> None:
        with override_settings(LANGUAGE_CODE="de"), translation.override(None):
            assert language() == "de"

    @pytest.mark.parametrize(
        ("code", "found"), [("de-at", "de"), ("fr-CA", "fr"), ("ja_JP", "en"), ("xx", "en"), ("", "en")]
    )
    def test_the_nearest_language_of_the_project_is_taken(self, code: str, found: str, language: Any) -> None:
        assert language(language=code) == found

    def test_a_language_that_the_project_leaves_out_is_not_spoken(self, language: Any) -> None:
        with override_settings(LANGUAGES=FIVE[:2]):
            assert language(language="ja") == "en"

    def test_a_function_that_fails_costs_nobody_the_mail(
        self, language: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        with supertokens_settings(DELIVERY={"LANGUAGE": broken}):
            assert language() == "en"
        assert "ZeroDivisionError" in caplog.text

    def test_the_language_of_the_caller_stays_what_it_was(self, language: Any) -> None:
        with translation.override("fr"):
            assert language(language="ja") == "ja"
            assert translation.get_language() == "fr"
