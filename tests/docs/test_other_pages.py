"""The examples about testing, operating and the pages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unittest
from dataclasses import fields
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.checks import run_checks
from django.core.management import call_command, load_command_class
from django.db.utils import ConnectionHandler
from django.test import Client, override_settings

from supertokens_django.cleanup.receivers import opportunity
from supertokens_django.models import Session
from supertokens_django.pages.links import Links
from supertokens_django.recipes.jwt.keys import ring
from tests.base import ALICE, Clock, sign_up, supertokens_settings
from tests.client import FrontendClient, Mode, json_of
from tests.docs.conftest import ProjectOf
from tests.docs.project import PLAIN_URLS, QUICKSTART, Project, settings_of, tables_of
from tests.docs.snippets import ROOT, text_of


@pytest.mark.django_db(transaction=True)
def test_the_tests_of_the_page_pass(project_of: ProjectOf) -> None:
    project = project_of("docs/testing.md")
    with project.running():
        suite = unittest.defaultTestLoader.loadTestsFromModule(project.load("acme/tests.py"))
        result = suite.run(unittest.TestResult())
        assert [text for _, text in result.errors + result.failures] == []
        assert result.testsRun == 13


SETTINGS_FOR_PYTEST = """
from tests.settings import *
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
"""


def test_the_tests_of_the_page_for_pytest_pass(project_of: ProjectOf, tmp_path: Path) -> None:
    project_of("docs/testing.md").write()
    settings = "\n".join(f"{name} = {value!r}" for name, value in QUICKSTART.items())
    (tmp_path / "acme/settings.py").write_text(f"{SETTINGS_FOR_PYTEST}\n{settings}\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nDJANGO_SETTINGS_MODULE = acme.settings\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "supertokens_django.pytest_plugin"]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "3 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.django_db(transaction=True)
def test_the_runner_of_the_page_saves_the_time_for_keys(project_of: ProjectOf) -> None:
    project = project_of("docs/testing.md")
    seen: list[object] = []

    class Look(unittest.TestCase):
        def runTest(self) -> None:
            seen.extend([ring.generate(), ring.generate()])

    with project.running():
        project.load("acme/runner.py").Runner(verbosity=0).run_suite(unittest.TestSuite([Look()]))
    assert seen[0] is seen[1]


class TestOperating:
    @pytest.mark.django_db
    def test_nobody_is_logged_out_by_a_new_secret_key(
        self, project_of: ProjectOf, clock: Clock, mode: Mode
    ) -> None:
        project = project_of("docs/operating.md")
        rotated = project.settings_with("SECRET_KEY_FALLBACKS")
        (old_key,) = settings_of(rotated, {})["SECRET_KEY_FALLBACKS"]
        with project.running(SECRET_KEY=old_key):
            browser = FrontendClient(mode)
            browser.sign_up(ALICE.email, ALICE.password)
        ring.forget()
        with project.running(rotated):
            clock.advance(60)
            assert browser.refresh().status_code == 200
            with override_settings(SECRET_KEY_FALLBACKS=[]):
                ring.forget()
                clock.advance(60)
                assert browser.refresh().status_code == 200

    @pytest.mark.django_db
    def test_a_new_domain_of_the_api_ends_no_session(
        self, project_of: ProjectOf, clock: Clock, mode: Mode
    ) -> None:
        with project_of("docs/operating.md").running():
            browser = FrontendClient(mode)
            browser.sign_up(ALICE.email, ALICE.password)
            with supertokens_settings(API_DOMAIN="https://new.acme.com"):
                clock.advance(3601)
                assert browser.refresh().status_code == 200
                assert browser.access_token_payload["iss"] == "https://api.acme.com/auth"
                assert browser.sign_out().status_code == 200

    @pytest.mark.django_db
    def test_keys_are_rotated_retired_and_ended_as_the_page_says(
        self, project_of: ProjectOf, clock: Clock, mode: Mode
    ) -> None:
        project = project_of("docs/operating.md")
        commands = [
            line for block in project.commands for line in block.splitlines() if "supertokens_keys" in line
        ]
        assert len(commands) == 8
        with project.running():
            browser = FrontendClient(mode)
            browser.sign_up(ALICE.email, ALICE.password)
            for command in commands:
                clock.advance(600)
                old = browser.access_token_header["kid"]
                words = [old if word.startswith("d-") else word for word in command.split()[3:]]
                asks = words[1] == "retire" and "--no-input" not in words
                call_command(*words, *(["--no-input"] if asks else []), stdout=StringIO())
                if words[1:] == ["retire", old, "--now"]:
                    assert json_of(browser.sign_out())["message"] == "try refresh token"
                assert browser.refresh().status_code == 200
                if words[1] == "retire" and old in words:
                    assert browser.access_token_header["kid"] != old

    @pytest.mark.django_db(transaction=True)
    def test_the_requests_clean_up_where_the_settings_say_so(
        self, project_of: ProjectOf, clock: Clock, mode: Mode
    ) -> None:
        project = project_of("docs/operating.md")
        opportunity.forget()
        with project.running(project.settings_with("OPPORTUNISTIC")):
            FrontendClient(mode).sign_up(ALICE.email, ALICE.password)
            clock.advance(101 * 24 * 3600)
            browser = FrontendClient(mode)
            browser.sign_in(ALICE.email, ALICE.password)
            assert [session.pk for session in Session.objects.all()] == [browser.session_handle]

    def test_the_page_lists_the_options_of_the_clean_up(self) -> None:
        parser = load_command_class("supertokens_django", "supertokens_cleanup").create_parser("", "")
        own = {"--batch-size", "--limit", "--max-seconds", "--dry-run"}
        assert own <= {option for action in parser._actions for option in action.option_strings}
        page = text_of("docs/operating.md")
        assert own == set(re.findall(r"^\| `(--[a-z-]+)", page, re.M))

    @pytest.mark.django_db
    def test_the_options_for_sqlite_are_ones_it_takes(self, project_of: ProjectOf, tmp_path: Path) -> None:
        databases: Any = settings_of(project_of("docs/operating.md").settings_with("IMMEDIATE"), {})[
            "DATABASES"
        ]
        databases["default"]["NAME"] = tmp_path / "db.sqlite3"
        connection = ConnectionHandler(databases)["default"]
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()


class TestPages:
    """What docs/pages.md does with the pages."""

    ELSEWHERE: ClassVar[dict[str, Any]] = {"ROOT_URLCONF": PLAIN_URLS}

    @pytest.fixture
    def project(self, project_of: ProjectOf) -> Project:
        return project_of("docs/pages.md")

    @pytest.fixture
    def visitor(self) -> Client:
        return Client(headers={"host": "acme.com"})

    def test_they_are_where_the_page_says(self, project: Project, visitor: Client, db: None) -> None:
        paths = ["/auth/", "/auth/?show=signup", "/auth/sign-out", "/auth/reset-password"]
        with project.running(project.settings_with("LOGIN_REDIRECT_URL"), **self.ELSEWHERE):
            statuses = {path: visitor.get(path).status_code for path in paths}
        assert statuses == {**dict.fromkeys(paths, 200), "/auth/sign-out": 302}

    def test_every_template_and_link_is_named(self) -> None:
        named = set(re.findall(r"`(\w+)`", text_of("docs/pages.md").partition("## Own looks")[2]))
        templates = (ROOT / "supertokens_django/templates/supertokens_django/pages").glob("*.html")
        there = {path.stem for path in templates} | {field.name for field in fields(Links)}
        assert there - named == set()

    def test_they_are_off_where_the_website_is_elsewhere(
        self, project: Project, visitor: Client, db: None
    ) -> None:
        with project.running(**self.ELSEWHERE):
            assert visitor.get("/auth/").status_code == 404

    def test_signing_in_leads_where_the_settings_say(
        self, project: Project, visitor: Client, db: None
    ) -> None:
        with project.running(project.settings_with("LOGIN_REDIRECT_URL"), **self.ELSEWHERE):
            sign_up(ALICE)
            form = {"email": ALICE.email, "password": ALICE.password}
            assert visitor.post("/auth/", form).headers["location"] == "/dashboard"
            assert visitor.post("/auth/sign-out").headers["location"] == "/"
            assert visitor.post("/auth/?next=/comments", form).headers["location"] == "/comments"

    def test_they_can_have_a_path_of_their_own(self, project: Project, visitor: Client, db: None) -> None:
        with project.running(project.settings_with("WEBSITE_BASE_PATH")):
            assert run_checks() == []
            assert visitor.get("/account/").status_code == 200
            assert visitor.get("/auth/").status_code == 404

    def test_templates_of_the_project_replace_ours(self, project: Project, visitor: Client, db: None) -> None:
        with project.running(project.settings_with("FORM_FIELDS"), **self.ELSEWHERE):
            text = visitor.get("/auth/?show=signup").content.decode()
            assert 'I accept the <a href="/terms">terms of service</a>' in text
            assert "/acme/brand.css" in text
            assert "<footer>© Acme</footer>" in text

    def test_the_service_of_the_other_page_takes_a_ticked_checkbox(
        self, project_of: ProjectOf, visitor: Client, transactional_db: None
    ) -> None:
        project = project_of("docs/extending.md")
        settings = project.settings_with("acme.accounts.Accounts")
        with project.running(settings, **self.ELSEWHERE), supertokens_settings(PAGES={"ENABLED": True}):
            models = project.load("acme/models.py")
            with tables_of(models):
                form = {"email": ALICE.email, "password": ALICE.password}
                refused = visitor.post("/auth/?show=signup", form)
                assert "Please accept our terms of service." in refused.content.decode()
                assert visitor.post("/auth/?show=signup", {**form, "terms": "true"}).status_code == 302
                assert models.AcceptedTerms.objects.count() == 1
