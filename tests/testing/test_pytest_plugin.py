"""The pytest plugin in projects of their own: with Django, with pytest-django, with neither."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from textwrap import dedent

import pytest

from tests.docs.snippets import ROOT

PLUGIN = "supertokens_django.pytest_plugin"

SETTINGS = """
from tests.settings import *
SUPERTOKENS = {"APP_NAME": "Acme", "API_DOMAIN": "https://api.acme.com", "WEBSITE_DOMAIN": "https://acme.com"}
ROOT_URLCONF = "tests.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
"""
IN_ANOTHER_DATABASE = """
class Router:
    def db_for_read(self, model, **hints):
        return "auth"

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return db == "auth"

DATABASE_ROUTERS = ["acme_settings.Router"]
DATABASES |= {"auth": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
"""
WITH_ANOTHER_DATABASE = """
import pytest
from django.test import Client, TestCase
from supertokens_django.models import Session, SigningKey
from supertokens_django.testing import create_user, force_login

def live(client):
    assert SigningKey.objects.count() == 0
    force_login(client, create_user("alice@example.com"))
    assert client.get("/test/checked").status_code == 200
    keys = client.get("/auth/jwt/jwks.json").json()["keys"]
    assert {key["kid"] for key in keys} == set(SigningKey.objects.values_list("kid", flat=True))
    assert Session.objects.using("auth").count() == 1

@pytest.mark.django_db(databases=["default", "auth"])
@pytest.mark.parametrize("number", [1, 2])
def test_of_pytest(client, number):
    live(client)

class TestOfDjango(TestCase):
    databases = {"auth"}

    def test_1(self):
        live(self.client)

    def test_2(self):
        live(self.client)
"""
WITH_PYTEST_DJANGO = """
import pytest
from supertokens_django.recipes.jwt.keys import ring
def test_the_fixture_client_is_signed_in(client, supertokens_session, supertokens_user):
    alice = supertokens_user("alice@example.com")
    made = supertokens_session(alice, claims={"x-plan": "pro"})
    seen = client.get("/test/sync").json()
    assert (seen["session"], seen["payload"]) == (made.get_handle(), {"x-plan": "pro"})

def test_or_another_one(client, supertokens_session, rf):
    supertokens_session("bob", client=rf, mode="header")
    assert client.get("/test/sync").status_code == 401
    assert rf.get("/").headers["authorization"].startswith("Bearer ")

def test_the_clock_stands_still(client, supertokens_session, supertokens_clock):
    supertokens_session("bob")
    supertokens_clock.advance(3601)
    assert client.get("/test/sync").json() == {"message": "try refresh token"}

@pytest.mark.django_db(transaction=True)
def test_transactions_are_real_where_the_test_says_so(client, supertokens_session):
    from django.db import connection
    supertokens_session("bob")
    assert not connection.in_atomic_block
    assert client.get("/test/checked").status_code == 200

def test_keys_cost_nothing():
    assert ring.generate() is ring.generate()

def guesses(client, times):
    form = {"formFields": [{"id": "email", "value": "a@b.co"}, {"id": "password", "value": "guess"}]}
    return [client.post("/auth/signin", form, "application/json").status_code for _ in range(times)]

@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 2, 3])
def test_no_test_is_stopped_by_another(client, number):
    assert guesses(client, 6) == [200] * 5 + [429]

@pytest.mark.django_db
def test_limits_can_be_reached_though_the_cache_counts_nothing(client, settings, supertokens_limits):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert guesses(client, 6) == [200] * 5 + [429]
"""
WITHOUT_ANY_OTHER_TEST_THAT_NEEDS_A_DATABASE = """
def test_it_is_set_up(client, supertokens_session):
    supertokens_session("bob")
    assert client.get("/test/checked").status_code == 200
"""
WITHOUT_PYTEST_DJANGO = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "acme_settings"
import django
django.setup()

import pytest
from django.test import TestCase
from django.test.utils import setup_test_environment, setup_databases, teardown_databases

@pytest.fixture(scope="module", autouse=True)
def databases():
    setup_test_environment()
    old = setup_databases(verbosity=0, interactive=False)
    yield
    teardown_databases(old, verbosity=0)

def test_a_client_of_ones_own(supertokens_session, supertokens_clock):
    from django.test import Client
    client = Client()
    supertokens_session("bob", client=client)
    assert client.get("/test/sync").json()["userId"] == "bob"
    with pytest.raises(pytest.FixtureLookupError):
        supertokens_session("bob")
"""
WITHOUT_DJANGO = """
import sys

def test_nothing_of_django_was_imported():
    assert [name for name in sys.modules if name.partition(".")[0] == "django"] == []
    assert "supertokens_django.pytest_plugin" in sys.modules
"""
NOT_CONFIGURED = """
import django.apps

def test_django_need_not_be_configured():
    assert not django.apps.apps.ready
"""
WITHOUT_THE_APP = """
def test_the_project_may_not_use_the_app(settings):
    assert "supertokens_django" not in settings.INSTALLED_APPS
"""


def run(folder: Path, test: str, *options: str, settings: str = SETTINGS) -> str:
    """Run pytest on a project whose one test file this is; gives what it prints."""
    (folder / "acme_settings.py").write_text(settings)
    (folder / "test_acme.py").write_text(dedent(test))
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("DJANGO", "PYTEST"))
    }
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        PLUGIN,
        "-p",
        "no:randomly",
        "-p",
        "no:xdist",
        *options,
    ]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**environment, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("test", "options", "settings", "passed"),
    [
        (WITH_PYTEST_DJANGO, ("--ds=acme_settings",), SETTINGS, 9),
        (WITHOUT_ANY_OTHER_TEST_THAT_NEEDS_A_DATABASE, ("--ds=acme_settings",), SETTINGS, 1),
        (WITH_ANOTHER_DATABASE, ("--ds=acme_settings",), SETTINGS + IN_ANOTHER_DATABASE, 4),
        (WITHOUT_PYTEST_DJANGO, ("-p", "no:django"), SETTINGS, 1),
        (WITHOUT_DJANGO, ("-p", "no:django", "-p", "no:asyncio"), SETTINGS, 1),
        (NOT_CONFIGURED, (), SETTINGS, 1),
        (WITHOUT_THE_APP, ("--ds=acme_settings",), "SECRET_KEY = 'x'", 1),
    ],
    ids=[
        "pytest-django",
        "one test",
        "two databases",
        "Django",
        "neither",
        "Django not configured",
        "the app not installed",
    ],
)
def test_it_serves_every_project(
    tmp_path: Path, test: str, options: tuple[str, ...], settings: str, passed: int
) -> None:
    printed = run(tmp_path, test, *options, settings=settings)
    assert re.search(rf"^{passed} passed in", printed, re.M), printed


def test_its_fixtures_are_listed_with_what_they_do(tmp_path: Path) -> None:
    printed = run(tmp_path, WITHOUT_DJANGO, "--fixtures", "-p", "no:django")
    for name in ("supertokens_session", "supertokens_user", "supertokens_clock", "supertokens_limits"):
        assert re.search(rf"^{name} .*\n    \S", printed, re.M), printed


def test_pytest_finds_it_by_its_entry_point() -> None:
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg")
    # Entry point and module have one name, so that it is not loaded twice where a project names it by "-p".
    assert parser["options.entry_points"]["pytest11"].split() == [PLUGIN, "=", PLUGIN]
