"""The translations that come with the package."""

from __future__ import annotations

import gettext
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.utils import translation

import supertokens_django
from tests.base import supertokens_settings
from tests.delivery import said
from tests.pages.visiting import Visitor

LOCALE = Path(supertokens_django.__file__).parent / "locale"
LANGUAGES = sorted(path.name for path in LOCALE.iterdir())
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
ENTRY = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) ((?:".*"\n?)+)', re.M)


def entries(language: str) -> list[tuple[list[str], list[str]]]:
    """What is said, in singular and plural, and how it is translated."""
    text = (LOCALE / language / "LC_MESSAGES" / "django.po").read_text()
    found = []
    for block in text.split("\n\n")[1:]:
        said: list[str] = []
        translated: list[str] = []
        for kind, value in ENTRY.findall(block):
            words = "".join(re.findall(r'"(.*)"', value)).replace('\\"', '"').replace("\\n", "\n")
            if kind == "msgctxt":
                break  # one text in two meanings; the pages' own tests see to it
            (translated if kind.startswith("msgstr") else said).append(words)
        if not said:
            continue
        found.append((said, translated))
    return found


def test_there_are_four() -> None:
    assert LANGUAGES == ["de", "es", "fr", "ja"]


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogue:
    def test_nothing_in_it_is_missing(self, language: str) -> None:
        assert len(entries(language)) > 100
        assert [said for said, translated in entries(language) if not translated or not all(translated)] == []

    def test_nothing_that_is_filled_in_is_lost_or_invented(self, language: str) -> None:
        different = [
            said[0]
            for said, translated in entries(language)
            if any(
                sorted(PLACEHOLDER.findall(one)) != sorted(PLACEHOLDER.findall(said[-1]))
                for one in translated
            )
        ]
        assert different == []

    def test_it_is_compiled(self, language: str) -> None:
        compiled = gettext.translation("django", LOCALE, [language])
        assert [
            said[0]
            for said, translated in entries(language)
            if len(said) == 1 and compiled.gettext(said[0]) not in translated
        ] == []  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_package_is_in_it(language: str) -> None:
    """Operators are spoken to in German, too; visitors and recipients of messages in all four."""
    compiled = gettext.translation("django", LOCALE, [language])
    of_django = gettext.translation("django", Path(admin.__file__).parent / "locale", [language])
    catalogue = {**vars(of_django)["_catalog"], **vars(compiled)["_catalog"]}
    known = {key[0] if isinstance(key, tuple) else key for key in catalogue}
    assert sorted(said.texts(of_staff=language == "de") - known) == []


def test_texts_are_found_wherever_they_stand() -> None:
    assert len(said.texts(of_staff=True)) > len(said.texts(of_staff=False)) > 150
    assert said.texts(of_staff=False) >= {
        "Sign in",  # {% translate %}
        "Sign in to %(app_name)s?",  # {% blocktranslate %}
        "Send it again in %%s s",  # a percent sign of its own
        "between ways to sign in\x04or",  # with a context
        "%(count)d try is left.",  # singular and plural
        "That code is of no use any more. Have a new one sent.",  # gettext_lazy
    }
    assert said.texts(of_staff=True) >= {"Lift rate limits"}


@pytest.mark.parametrize(
    ("language", "heading", "error"),
    [
        ("de", "Anmelden", "Geben Sie eine gültige E-Mail-Adresse ein."),
        ("es", "Iniciar sesión", "Introduzca una dirección de correo válida."),
        ("fr", "Se connecter", "Saisissez une adresse e-mail valide."),
        ("ja", "ログイン", "有効なメールアドレスを入力してください。"),
    ],
)
def test_the_pages_are_translated_as_well(language: str, heading: str, error: str, settings: Any) -> None:
    locale = "django.middleware.locale.LocaleMiddleware"
    settings.MIDDLEWARE = [locale, *settings.MIDDLEWARE]
    with supertokens_settings(PAGES={"ENABLED": True}), translation.override("en-us"):
        visitor = Visitor(headers={"accept-language": language})
        page = visitor.open("/auth/")
        assert page.heading == heading
        assert visitor.submit(page, email="nonsense", password="").errors["email"] == error
