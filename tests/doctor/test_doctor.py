"""``manage.py supertokens_doctor`` says how things are and why, whatever state they are in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from supertokens_django import conf
from supertokens_django.management.doctor.report import examine
from supertokens_django.management.doctor.text import duration
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.services import jwt
from tests.base import ONE_SITE, TWO_SITES, Clock, supertokens_settings
from tests.checks.test_cors_and_cookies import LOCAL
from tests.checks.test_deployment import PRODUCTION
from tests.doctor.output import consult, settled

EXPECTED = Path(__file__).parent / "expected"

HTTPS: Mapping[str, Any] = {
    **PRODUCTION,
    "DEBUG": False,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
    "SECURE_SSL_REDIRECT": True,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_PROXY_SSL_HEADER": None,  # no proxy: then there would have to be a TRUSTED_PROXY_COUNT
    "CACHES": {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://cache.acme.com:6379",
        }
    },
}
"""A deployment of which Django's own checks say nothing."""


@contextmanager
def deployed(supertokens: Mapping[str, Any], **more: Any) -> Iterator[None]:
    """Exactly these settings of ours."""
    known = {**supertokens, "RECIPES": ["emailpassword"]}
    with override_settings(**{**HTTPS, **more}, SUPERTOKENS=known):
        yield


def expected(name: str) -> str:
    return (EXPECTED / f"{name}.txt").read_text()


def header_always(request: Any, for_create_new_session: bool) -> str:
    return "header"


PHONES = {**ONE_SITE, "WEBSITE_DOMAIN": "https://api.acme.com", "PAGES": {"ENABLED": False}}


@pytest.mark.django_db
class TestWholeOutput:
    def test_one_site(self, clock: Clock) -> None:
        with deployed(ONE_SITE):
            jwt.get_signing_kid()
            jwt.get_signing_kid(static=True)
            clock.advance(2 * 86_400 + 3 * 3600)

            text, code = consult()

        assert settled(text) == expected("one_site")
        assert code == 0

    def test_two_sites_by_https(self, clock: Clock) -> None:
        with deployed(TWO_SITES, CORS_ALLOWED_ORIGINS=["https://acme-frontend.example"]):
            text, code = consult()

        assert settled(text) == expected("two_sites")
        assert code == 0

    def test_localhost(self, clock: Clock) -> None:
        with deployed(
            {**LOCAL, "SESSION": {"ACCESS_TOKEN_LIFETIME": 90}},
            CORS_ALLOWED_ORIGINS=["http://localhost:3000"],
            ALLOWED_HOSTS=["localhost"],
        ):
            text, code = consult()

        assert settled(text) == expected("localhost")
        assert code == 0

    def test_phones_with_header_tokens_only(self, clock: Clock) -> None:
        method = {"GET_TOKEN_TRANSFER_METHOD": "tests.doctor.test_doctor.header_always"}
        with deployed({**PHONES, "SESSION": method}, ALLOWED_HOSTS=["api.acme.com"]):
            text, code = consult()

        assert settled(text) == expected("phones")
        assert code == 0

    def test_broken_settings(self, clock: Clock) -> None:
        broken = {
            "APP_NAM": "Acme",
            "API_DOMAIN": "ftp://api.acme.com",
            "WEBSITE_DOMAIN": "https://acme.com",
            "GUARDS": ["tests.nowhere.Guard"],
            "SESSION": {"COOKIE_DOMAN": "x", "ANTI_CSRF": "MAYBE", "JWT": {"ENABEL": True}},
        }
        with deployed(broken):
            text, code = consult()

        assert settled(text) == expected("broken")
        assert code == 1

    def test_no_database(self, tmp_path: Path) -> None:
        assert settled(another_process(tmp_path, "DATABASES = {}")) == expected("no_database")


def test_an_unmigrated_database(tmp_path: Path) -> None:
    (tmp_path / "empty.sqlite3").touch()
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "empty.sqlite3")}

    text = settled(another_process(tmp_path, f"DATABASES = {{'default': {database!r}}}"))

    unapplied = re.findall(r"^  not applied           (\S+)$", text, re.M)
    ours = sorted(Path("supertokens_django/migrations").glob("0*.py"))
    assert [name for name in unapplied if name.startswith("supertokens_django")] == [
        f"supertokens_django.{path.stem}" for path in ours
    ]
    short = re.sub(r"(  not applied .*\n)+", "  not applied           …\n", text)
    assert short.replace(f"{len(unapplied)} migrations", "… migrations") == expected("unmigrated")
    assert (tmp_path / "empty.sqlite3").stat().st_size == 0


@pytest.mark.slow  # needs a driver, as those tests do
def test_a_database_that_is_down(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": "x", "HOST": "127.0.0.1", "PORT": 1}
    text = another_process(tmp_path, f"DATABASES = {{'default': {database | {'PASSWORD': 'hunter2'}!r}}}")

    assert (
        "\n  default               django.db.backends.postgresql\n  cannot be asked       OperationalError"
        in text
    )
    assert "\nMIGRATIONS\n  unknown               The database cannot be asked.\n" in text
    assert "\nSIGNING KEYS\n  unknown               The database cannot be asked.\n" in text
    assert "hunter2" not in text


def another_process(folder: Path, *lines: str) -> str:
    """What the command prints where the settings have these lines too; it exits with 1."""
    run = run_in(folder, "supertokens_doctor", lines=lines)
    assert (run.returncode, run.stderr) == (1, "")
    return run.stdout


def run_in(folder: Path, *command: str, lines: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command of Django's in a process whose settings have these lines too."""
    https = {name: value for name, value in HTTPS.items() if name != "MIDDLEWARE"}
    own = [f"{name} = {value!r}" for name, value in {**https, "SUPERTOKENS": dict(ONE_SITE)}.items()]
    (folder / "settings_of_a_patient.py").write_text(
        "\n".join(["from tests.settings import *", *own, *lines])
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "settings_of_a_patient",
        "PYTHONPATH": f"{folder}{os.pathsep}{os.getcwd()}",
    }
    line = [sys.executable, "-m", "django", *command]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.django_db
class TestOptions:
    def test_another_pair_is_judged_by_its_own_mistakes(self) -> None:
        with deployed(ONE_SITE):
            text, code = consult("--api", "http://api.test", "--website", "http://shop.example")

        assert (
            "  API                   http://api.test\n  website               http://shop.example\n" in text
        )
        assert "  cookie sessions       refused\n" in text
        assert "supertokens_django.W050" in text
        assert "supertokens_django.W016" in text
        assert code == 0

    def test_the_pair_of_the_settings_is_judged_once(self) -> None:
        with deployed(ONE_SITE, CORS_ALLOW_CREDENTIALS=False):
            text, _ = consult("--website", "https://acme.com")

        assert text.count("supertokens_django.W017") == 1

    @pytest.mark.parametrize("option", ["--api", "--website"])
    def test_what_is_no_origin_is_refused(self, option: str) -> None:
        with pytest.raises(CommandError, match=f"^{option} must be a domain such as"):
            call_command("supertokens_doctor", option, "ftp://acme.com")

    @pytest.mark.parametrize(("level", "code"), [("ERROR", 0), ("WARNING", 1), ("CRITICAL", 0)])
    def test_the_level_of_failure_can_be_chosen(self, level: str, code: int) -> None:
        with deployed(ONE_SITE, CORS_ALLOW_CREDENTIALS=False):
            assert consult("--fail-level", level)[1] == code

    def test_silenced_checks_are_counted(self) -> None:
        silenced = ["supertokens_django.W017"]
        with deployed(ONE_SITE, CORS_ALLOW_CREDENTIALS=False, SILENCED_SYSTEM_CHECKS=silenced):
            text, code = consult("--fail-level", "WARNING")

        assert text.endswith("  1 silenced by SILENCED_SYSTEM_CHECKS.\n  no errors, no warnings.\n")
        assert code == 0

    def test_json_says_the_same(self, clock: Clock) -> None:
        with deployed(ONE_SITE, CORS_ALLOW_CREDENTIALS=False):
            kid = jwt.get_signing_kid()
            text, code = consult("--json")
            report = examine()

        found = json.loads(text)
        assert list(found) == [
            *(
                "versions",
                "settings",
                "decisions",
                "delivery",
                "rate_limits",
                "database",
                "migrations",
                "signing_keys",
            ),
            *("checks", "problems", "errors", "warnings"),
        ]
        assert found == json.loads(json.dumps(report.as_json()))
        assert found["decisions"]["decisions"][0] == {
            "name": "site",
            "value": "same site",
            "reason": "By the public suffix list, both belong to acme.com, and both are https.",
        }
        assert found["rate_limits"]["limits"]["emailpassword:signup"] == {"IP": "50/h", "ACCOUNT": "5/h"}
        assert found["signing_keys"] == {
            "keys": [
                {
                    "kid": kid,
                    "kind": "dynamic",
                    "state": "signing",
                    "created_at": "2026-01-15T12:00:00Z",
                    "age": 0,
                    "can_be_decrypted": True,
                }
            ],
            "next_rotation": "2026-01-22T12:00:00Z",
            "error": None,
        }
        assert found["checks"]["messages"] == [
            {
                "level": "WARNING",
                "id": "supertokens_django.W017",
                "message": "CORS lets no credentials through, which SuperTokens' frontends send with every request.",
                "hint": "CORS_ALLOW_CREDENTIALS = True",
            }
        ]
        assert (found["errors"], found["warnings"], code) == (0, 1, 0)


@pytest.mark.django_db
class TestState:
    def test_a_lost_secret_key_is_noticed(self, clock: Clock) -> None:
        with deployed(ONE_SITE):
            kid = jwt.get_signing_kid()
        ring.forget()  # as a new process
        with deployed(ONE_SITE, SECRET_KEY="another secret key, of more than fifty characters as well"):
            text, code = consult("--fail-level", "WARNING")

        assert f"{kid}       verifying, dynamic, 0 seconds old, cannot be" in text
        assert f"SECRET_KEY does not decrypt {kid}: no such key signs any more." in text
        assert code == 1

    def test_it_makes_no_key(self) -> None:
        for _ in range(2):
            text, _ = consult()
            assert "\nSIGNING KEYS\n  There are none yet: the first sign-in makes them.\n" in text

    def test_a_check_that_fails_does_not_hide_the_others(self) -> None:
        with deployed(ONE_SITE, CORS_ALLOW_CREDENTIALS=False, ROOT_URLCONF="tests.nowhere"):
            text, code = consult()

        assert "cannot be run: ModuleNotFoundError: No module named" in " ".join(text.split())
        assert "supertokens_django.W017" in text
        assert code == 1

    def test_a_middleware_that_cannot_be_imported_is_no_obstacle(self) -> None:
        with deployed(ONE_SITE):
            middleware = [*settings.MIDDLEWARE, "tests.doctor.unconfigured.Middleware"]
            with override_settings(MIDDLEWARE=middleware):
                text, code = consult()

        assert "cannot be run: ImproperlyConfigured: a setting is missing" in " ".join(text.split())
        assert "  CORS                  works\n" in text
        assert code == 1

    def test_a_list_that_is_none_is_no_obstacle(self) -> None:
        with deployed(TWO_SITES, CORS_ALLOW_HEADERS=None):
            text, code = consult()

        assert "\nSIGNING KEYS\n" in text
        assert "TypeError: 'NoneType' object is not iterable" in " ".join(text.split())
        assert code == 1

    def test_it_works_without_any_settings_of_ours(self) -> None:
        with override_settings(SUPERTOKENS=None):
            text, code = consult("--api", "https://api.acme.com")

        assert "    APP_NAME = WRONG: is missing.\n" in text
        assert "ERROR supertokens_django.E001\n    SUPERTOKENS must be a dict.\n" in text
        assert code == 1

    def test_migrations_of_other_databases_are_looked_for_there(self, tmp_path: Path) -> None:
        """Ours may be in a database of their own, to which nobody migrates the other apps."""
        databases = {
            name: {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / f"{name}.sqlite3")}
            for name in ("default", "auth")
        }
        Path(databases["auth"]["NAME"]).touch()
        lines = [f"DATABASES = {databases!r}", "DATABASE_ROUTERS = ['tests.doctor.routers.AuthRouter']"]
        run_in(tmp_path, "migrate", "--verbosity", "0", lines=lines)
        text = another_process(tmp_path, *lines)

        found = re.findall(r"^  not applied           (\S+)$", text, re.M)
        assert {name.partition(".")[0] for name in found} == {"supertokens_django"}

    def test_a_website_per_request_needs_a_name(self) -> None:
        callable_origin = {**ONE_SITE, "ORIGIN": "tests.checks.test_cors_and_cookies.website_of"}
        del callable_origin["WEBSITE_DOMAIN"]
        with deployed(callable_origin):
            text, _ = consult()
            other, _ = consult("--website", "https://acme.com")

        assert "ORIGIN is a callable, so each request has its own website." in " ".join(text.split())
        assert "  site                  same site\n" in other


@pytest.mark.django_db
def test_every_option_of_every_section_is_there() -> None:
    with supertokens_settings():
        sections = {section.name: section for section in examine().settings}
    for key, section in {"SUPERTOKENS": conf.AppConf, **conf.SECTIONS}.items():
        known = [item.name.upper() for item in fields(section)]  # type: ignore[arg-type]
        assert [option.name for option in sections[key].options] == known


@pytest.mark.django_db
def test_no_line_is_longer_than_eighty_columns() -> None:
    with supertokens_settings(APP_NAME="x" * 200, GUARDS=["tests." + "nowhere" * 20]):
        text, _ = consult()
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds"), (1, "1 second"), (3600, "1 hour"), (93_784, "1 day 2 hours 3 minutes 4 seconds")],
)
def test_durations_are_in_words(seconds: int, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.django_db
def test_how_people_sign_in_and_verify_is_told() -> None:
    recipes = ["emailpassword", "emailverification", "passwordless"]
    given = {"CONTACT_METHOD": "PHONE", "FLOW_TYPE": "USER_INPUT_CODE"}
    with supertokens_settings(RECIPES=recipes, PASSWORDLESS=given, EMAILVERIFICATION={"MODE": "REQUIRED"}):
        lines = consult()[0].splitlines()
    assert "  * CONTACT_METHOD = PHONE" in lines
    assert "  * FLOW_TYPE = USER_INPUT_CODE" in lines
    assert "  * MODE = REQUIRED" in lines
    with supertokens_settings(RECIPES=recipes, EMAILVERIFICATION={"MODE": "OPTIONAL"}):
        lines = consult()[0].splitlines()
    assert "    CONTACT_METHOD = EMAIL" in lines
    assert "    FLOW_TYPE = USER_INPUT_CODE_AND_MAGIC_LINK" in lines
    assert "  * MODE = OPTIONAL" in lines
