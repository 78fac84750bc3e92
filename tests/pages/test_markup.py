"""The pages' HTML: fit for screen readers, strict content policies, translators and projects' own designs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation

import supertokens_django
from tests.base import supertokens_settings
from tests.pages.test_sign_in import sign_in
from tests.pages.visiting import Page, Visitor, attributes_of, text_of, walk

pytestmark = pytest.mark.django_db

TEMPLATES = Path(supertokens_django.__file__).parent / "templates" / "supertokens_django" / "pages"


TARGETS = ("p", "div", "input", "h2")
"""What is named by the id of a description, a label or a button."""


def every_page(visitor: Visitor) -> Iterator[Page]:
    """Every page in every state, the signed-in ones at the end."""
    for path in ("/auth/", "/auth/?show=signup", "/auth/reset-password", "/auth/reset-password?token=x"):
        page = visitor.open(path)
        yield page
        yield visitor.submit(page, **{name: "" for name in page.values if name != "csrfmiddlewaretoken"})
        yield visitor.submit(
            page, **{name: "not right 1" for name in ("email", "password") if name in page.values}
        )
    for notice in ("signed-out", "password-changed"):
        yield visitor.open(f"/auth/?notice={notice}")
    yield visitor.open("/auth/reset-password?notice=link-sent")
    sign_in(visitor)
    yield visitor.open("/auth/")
    yield visitor.open("/auth/sign-out")
    sign_in(Visitor())
    page = visitor.open("/auth/account")
    yield page
    fields = {"action": "change-password", "current_password": "not right 1", "new_password": "x"}
    token = attributes_of(page.all("input", name="csrfmiddlewaretoken")[0])["value"]
    yield visitor.post("/auth/account", {**fields, "csrfmiddlewaretoken": token})
    yield visitor.open("/auth/account?notice=password-set")


@pytest.fixture
def pages(visitor: Visitor, alice: str) -> list[Page]:
    return list(every_page(visitor))


class TestAccessibility:
    def test_every_page_has_a_language_a_title_and_one_heading(self, pages: list[Page]) -> None:
        for page in pages:
            assert attributes_of(page.one("html"))["lang"] == "en-us"
            assert page.title.endswith(f"{page.heading.rstrip('?')} · Acme")
            assert page.heading in text_of(page.one("main"))

    def test_every_input_has_a_label(self, pages: list[Page]) -> None:
        for page in pages:
            for element in page.all("input"):
                if attributes_of(element).get("type") != "hidden":
                    assert page.label(attributes_of(element)["name"])

    def test_every_description_is_there(self, pages: list[Page]) -> None:
        described = 0
        for page in pages:
            for element in walk(page.document):
                attributes = attributes_of(element)
                for name in ("aria-describedby", "aria-labelledby", "aria-controls", "for"):
                    for element_id in attributes.get(name, "").split():
                        assert page.by_id(element_id).name in TARGETS
                        described += 1
        assert described > 30

    def test_an_error_is_where_the_cursor_is(self, pages: list[Page]) -> None:
        wrong = [page for page in pages if page.title.startswith("Error: ")]
        assert len(wrong) == 9
        for page in wrong:
            assert page.focused is not None
            attributes = page.input(page.focused)
            assert page.alerts or attributes["aria-invalid"] == "true"
            assert all(page.text_by_id(name) for name in attributes["aria-describedby"].split())

    def test_good_news_is_announced(self, pages: list[Page]) -> None:
        assert len([page for page in pages if page.status_messages]) == 4


class TestContentPolicy:
    def test_nothing_is_inline(self, pages: list[Page]) -> None:
        for page in pages:
            for element in walk(page.document):
                attributes = attributes_of(element)
                assert element.name != "style"
                assert element.name != "script" or (attributes["src"] and not element.children)
                assert not [name for name in attributes if name == "style" or name.startswith("on")]

    def test_everything_comes_from_the_static_files(self, pages: list[Page]) -> None:
        for page in pages:
            loaded = [
                attributes_of(item).get("src") or attributes_of(item).get("href", "")
                for item in sources(page)
            ]
            assert loaded == [
                f"/static/supertokens_django/{name}" for name in ("icon.svg", "pages.css", "pages.js")
            ]


def sources(page: Page) -> list[Any]:
    return [item for item in walk(page.document) if item.name in ("link", "script", "img", "iframe")]


class TestOverriding:
    """A project's own templates, found before ours."""

    @pytest.fixture
    def project(self, tmp_path: Path, settings: Any) -> Iterator[Path]:
        (engine,) = settings.TEMPLATES
        with override_settings(TEMPLATES=[{**engine, "DIRS": [str(tmp_path)]}]):
            folder = tmp_path / "supertokens_django" / "pages"
            (folder / "fields").mkdir(parents=True)
            yield folder

    def test_a_block_of_all_pages(self, project: Path, visitor: Visitor) -> None:
        (project / "base.html").write_text(
            '{% extends "supertokens_django/pages/base.html" %}'
            '{% block head %}<link rel="stylesheet" href="/static/brand.css">{% endblock %}'
            '{% block brand %}<img src="/static/logo.svg" alt="Acme">{% endblock %}'
        )
        for path in ("/auth/", "/auth/reset-password"):
            page = visitor.open(path)
            assert attributes_of(page.one("img"))["alt"] == "Acme"
            assert len(page.all("link", rel="stylesheet")) == 2
            assert page.focused == "email"

    def test_a_page(self, project: Path, visitor: Visitor, alice: str) -> None:
        (project / "signin.html").write_text(
            '{% extends "supertokens_django/pages/signin.html" %}{% block heading %}Hello again{% endblock %}'
        )
        assert visitor.open("/auth/").heading == "Hello again"
        assert sign_in(visitor).status == 302

    def test_a_field(self, project: Path, visitor: Visitor) -> None:
        (project / "fields" / "country.html").write_text(
            '{% extends "supertokens_django/pages/field.html" %}'
            '{% block label %}<label for="{{ field.id_for_label }}">Where do you live?</label>{% endblock %}'
            '{% block widget %}<select name="country" id="{{ field.id_for_label }}"><option>NL</option></select>'
            "{% endblock %}"
        )
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": [{"id": "country"}]}):
            page = visitor.open("/auth/?show=signup")
        assert text_of(page.one("label", for_="id_country")) == "Where do you live?"
        assert text_of(page.one("select", name="country")) == "NL"

    def test_a_field_of_yes_and_no(self, project: Path, visitor: Visitor) -> None:
        (project / "fields" / "terms.html").write_text(
            '{% extends "supertokens_django/pages/checkbox.html" %}'
            '{% block label %}I accept the <a href="/terms">terms</a>{% endblock %}'
        )
        fields = {"email": "alice@example.com", "password": "wonderland 1865"}
        with supertokens_settings(EMAILPASSWORD={"FORM_FIELDS": [{"id": "terms"}]}):
            page = visitor.submit(visitor.open("/auth/?show=signup"), **fields)
            assert page.label("terms") == "I accept the terms"
            assert page.errors == {"terms": "This field is required."}
            assert page.focused is None or page.focused == "terms"
            assert visitor.submit(page, **fields, terms="true").status == 302

    def test_every_template_has_blocks_or_is_one(self) -> None:
        parts = {"form.html", "form_errors.html", "providers.html", "visitor.html"}
        without = {path.name for path in TEMPLATES.glob("*.html") if "{% block " not in path.read_text()}
        assert without == parts


class TestLanguages:
    GERMAN = {"accept-language": "de-DE,de;q=0.9"}

    @pytest.fixture(autouse=True)
    def _locale(self, settings: Any) -> Iterator[None]:
        settings.MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware", *settings.MIDDLEWARE]
        with translation.override("en-us"):  # the middleware leaves its language behind
            yield

    def test_the_pages_speak_the_visitors_language(self) -> None:
        visitor = Visitor(headers=self.GERMAN)
        page = visitor.open("/auth/")
        assert attributes_of(page.one("html"))["lang"] == "de"
        assert (page.heading, page.label("password")) == ("Anmelden", "Passwort")
        page = visitor.submit(page, email="nonsense", password="")
        assert page.errors["email"] == "Geben Sie eine gültige E-Mail-Adresse ein."
        assert page.title == "Fehler: Anmelden · Acme"

    def test_what_the_api_says_is_translated_too(self, alice: str) -> None:
        visitor = Visitor(headers=self.GERMAN)
        assert sign_in(visitor, password="wrong").alerts == [
            "Die E-Mail-Adresse oder das Passwort stimmt nicht."
        ]

    def test_a_language_from_right_to_left_turns_the_page(self) -> None:
        page = Visitor(headers={"accept-language": "ar"}).open("/auth/")
        assert attributes_of(page.one("html")) == {"lang": "ar", "dir": "rtl"}

    def test_no_german_text_is_missing(self) -> None:
        catalogue = TEMPLATES.parents[2] / "locale" / "de" / "LC_MESSAGES" / "django.po"
        entries = catalogue.read_text().split("\n\n")[1:]
        assert [entry for entry in entries if entry.rstrip().endswith('msgstr ""')] == []
        assert "#, fuzzy" not in catalogue.read_text()
