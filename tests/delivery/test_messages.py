"""What the messages say, in every language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from supertokens_django.delivery import email, lifetimes, sms
from supertokens_django.delivery.backends import locmem
from tests.base import ALICE, supertokens_settings
from tests.delivery.drafts import (
    BY_CODE,
    CODE,
    LANGUAGES,
    LOGIN,
    LOGIN_LINK,
    MAILS,
    PHONE,
    RESET_LINK,
    SIGN_IN_PAGE,
    TEXTS,
    VERIFY_LINK,
)
from tests.recipes.emailpassword.mailbox import Commit

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
"""Letters of which 160 fit into one SMS (3GPP TS 23.038)."""


@pytest.fixture
def mailed(django_capture_on_commit_callbacks: Commit) -> Any:
    """Send a mail, and give it."""

    def send(
        template: str, context: Mapping[str, Any], to: str = ALICE.email, **options: Any
    ) -> EmailMultiAlternatives:
        with django_capture_on_commit_callbacks(execute=True):
            email.send(template, to, context, **options)
        message = mail.outbox[-1]
        assert isinstance(message, EmailMultiAlternatives)
        return message

    return send


@pytest.fixture
def texted(django_capture_on_commit_callbacks: Commit) -> Any:
    """Send a text message, and give what it says."""

    def send(context: Mapping[str, Any], **options: Any) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            sms.send("passwordless_login", PHONE, context, **options)
        return locmem.outbox[-1].text

    return send


def html_of(message: EmailMultiAlternatives) -> str:
    (alternative,) = message.alternatives
    assert alternative[1] == "text/html"
    return str(alternative[0])


LINKS_AND_CODES = {
    "reset_password": [RESET_LINK],
    "verify_email": [VERIFY_LINK],
    "login_by_code": [CODE],
    "login_by_link": [LOGIN_LINK],
    "login_by_both": [CODE, LOGIN_LINK],
    "second_factor": [CODE],
    "email_changed": [ALICE.email, "alice@wonderland.example"],
    "finish_sign_up": [ALICE.email, RESET_LINK],
    "account_exists": [ALICE.email, SIGN_IN_PAGE, RESET_LINK],
}


class TestMails:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("name", MAILS)
    def test_the_text_part_and_the_html_part_are_complete(
        self, name: str, language: str, mailed: Any
    ) -> None:
        message = mailed(*MAILS[name], language=language)
        html = html_of(message)
        for said in LINKS_AND_CODES[name]:
            assert said in message.body
            assert said.replace("&", "&amp;") in html
        assert f'<html lang="{language}"' in html
        assert "Acme" in message.subject
        assert "Acme" in message.body
        assert "Acme" in html

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("name", MAILS)
    def test_nothing_is_left_unsaid_or_unescaped(self, name: str, language: str, mailed: Any) -> None:
        template, context = MAILS[name]
        message = mailed(template, context, language=language)
        for part in (message.subject, message.body, html_of(message)):
            assert not re.search(r"None|%\(|\{\{|\{%|&amp;amp;", part)
        assert "&amp;" not in message.body
        assert "\n\n\n" not in message.body

    @pytest.mark.parametrize("name", MAILS)
    def test_every_language_says_it_in_its_own_words(self, name: str, mailed: Any) -> None:
        sent = [mailed(*MAILS[name], language=language) for language in LANGUAGES]
        assert len({message.subject for message in sent}) == len(LANGUAGES)
        english = set(re.findall(r"[A-Z][a-z]+(?: [a-z]+){3,}", sent[0].body + html_of(sent[0])))
        assert len(english) > 2
        for other in sent[1:]:
            assert [phrase for phrase in english if phrase in other.body + html_of(other)] == []

    def test_a_mail_by_code_word_for_word(self, mailed: Any) -> None:
        message = mailed(*MAILS["login_by_code"])
        assert message.subject == "Your sign-in code for Acme"
        assert message.body == (
            "A sign-in to Acme was requested for alice@example.com.\n\n"
            "Enter this code:\n\n"
            "482913\n\n"
            "The code is good for 15\N{NO-BREAK SPACE}minutes and works once. If it was not you, ignore this mail, "
            "and give it to nobody: whoever has it can sign in as you.\n"
        )

    def test_a_mail_that_tells_of_a_new_address_word_for_word(self, mailed: Any) -> None:
        message = mailed(*MAILS["email_changed"])
        assert message.subject == "Your Acme account has a new e-mail address"
        assert message.body == (
            "The e-mail address of your account at Acme was changed from alice@example.com to "
            "alice@wonderland.example.\n\n"
            "Was it you? Then there is nothing to do.\n\n"
            "If it was not you, tell Acme at once: somebody else may be using your account.\n"
            "https://acme.com\n\n"
            "This is the last mail to your old address.\n"
        )

    def test_a_name_is_text_and_no_markup(self, mailed: Any) -> None:
        with supertokens_settings(APP_NAME="<b>Rock & Roll</b>"):
            message = mailed(*MAILS["login_by_both"])
        assert message.subject == "Sign in to <b>Rock & Roll</b>"
        assert "A sign-in to <b>Rock & Roll</b> was requested" in message.body
        assert "<b>" not in html_of(message)
        assert "&lt;b&gt;Rock &amp; Roll&lt;/b&gt;" in html_of(message)

    def test_no_automatic_notice_answers(self, mailed: Any) -> None:
        message = mailed(*MAILS["verify_email"])
        assert message.extra_headers == {
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        }


class TestTextMessages:
    def test_a_code(self, texted: Any) -> None:
        assert texted(TEXTS["code"]) == (
            "482913 is your code to sign in to Acme. Good for 15 minutes. Give this to nobody.\n\n@acme.com #482913"
        )

    def test_a_link(self, texted: Any) -> None:
        assert texted(TEXTS["link"]) == (
            f"Sign in to Acme: {LOGIN_LINK}\nGood for 15 minutes. Give this to nobody."
        )

    def test_a_code_and_a_link(self, texted: Any) -> None:
        assert texted(TEXTS["both"]) == (
            f"482913 is your code to sign in to Acme. Or open {LOGIN_LINK}\n"
            "Good for 15 minutes. Give this to nobody.\n\n@acme.com #482913"
        )

    def test_a_second_factor(self, texted: Any) -> None:
        assert texted(TEXTS["second_factor"]).startswith(
            "482913 is your code to confirm your sign-in to Acme. "
        )

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("name", ["code", "second_factor"])
    def test_a_code_fits_into_one_sms(self, name: str, language: str, texted: Any) -> None:
        text = texted(TEXTS[name], language=language)
        assert len(text) <= (160 if set(text) <= GSM else 70)
        assert language == "ja" or set(text) <= GSM

    def test_the_last_line_is_what_browsers_fill_in(self, texted: Any) -> None:
        """Web OTP: the code is bound to the website (https://wicg.github.io/sms-one-time-codes/)."""
        assert texted(BY_CODE).splitlines()[-1] == "@acme.com #482913"


class TestWithoutCodeAndLink:
    def test_nothing_is_sent(self, texted: Any, caplog: pytest.LogCaptureFixture) -> None:
        locmem.outbox.clear()
        with pytest.raises(IndexError):
            texted(LOGIN)
        assert "neither a code nor a link" in caplog.text


class TestLifetimes:
    """The rule of SuperTokens' own messages; days are ours."""

    @pytest.mark.parametrize(
        ("seconds", "words"),
        [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (119, "1 minute"),
            (900, "15 minutes"),
            (3599, "59 minutes"),
            (3600, "1 hour"),
            (3959, "1 hour"),
            (3960, "1.1 hours"),
            (5400, "1.5 hours"),
            (7199, "1.9 hours"),
            (7200, "2 hours"),
            (86_400, "24 hours"),
            (172_800, "2 days"),
            (180_000, "50 hours"),
            (604_800, "7 days"),
        ],
    )
    def test_in_english(self, seconds: int, words: str) -> None:
        with translation.override("en"):
            assert lifetimes.in_words(timedelta(seconds=seconds)) == words

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("de", ["1 Minute", "15 Minuten", "1,5 Stunden", "2 Tage"]),
            ("es", ["1 minuto", "15 minutos", "1,5 horas", "2 días"]),
            ("fr", ["1 minute", "15 minutes", "1,5 heures", "2 jours"]),
            ("ja", ["1分", "15分", "1.5時間", "2日間"]),
        ],
    )
    def test_in_other_languages(self, language: str, words: list[str]) -> None:
        with translation.override(language):
            assert [
                lifetimes.in_words(timedelta(seconds=seconds)) for seconds in (60, 900, 5400, 172_800)
            ] == words
