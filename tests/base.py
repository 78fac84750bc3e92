"""The cast and the stage that every test shares.

Alice is the one the story is about, Bob is another honest user, Mallory is the attacker. They live in the tenant
``public`` unless a test says ``acme``. The API is https://api.acme.com and the website https://acme.com, one site.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from tests.client import FrontendClient, Mode, Stack

PUBLIC, ACME = "public", "acme"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an e-mail address and a password that the default policy accepts."""

    email: str
    password: str


ALICE = Person("alice@example.com", "wonderland 1865")
BOB = Person("bob@example.com", "builder 4 all")
MALLORY = Person("mallory@example.com", "man in the middle 1")

ONE_SITE: Mapping[str, Any] = {
    "APP_NAME": "Acme",
    "API_DOMAIN": "https://api.acme.com",
    "WEBSITE_DOMAIN": "https://acme.com",
    "API_BASE_PATH": "/auth",
    "WEBSITE_BASE_PATH": "/auth",
}
TWO_SITES: Mapping[str, Any] = {**ONE_SITE, "WEBSITE_DOMAIN": "https://acme-frontend.example"}
ISSUER = "https://api.acme.com/auth"

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
"""When the tests with a standing clock happen."""

_TRANSACTION_STATEMENTS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET ", "START")


class supertokens_settings(override_settings):
    """``override_settings`` for some options of ``SUPERTOKENS``; the others stay. Decorator or context manager.

    ``supertokens_settings(SESSION={"ANTI_CSRF": "VIA_TOKEN"})`` merges into the ``SESSION`` section that is in force
    when the block is entered.
    """

    def __init__(self, **changes: Any) -> None:
        super().__init__()
        self.changes = changes

    def enable(self) -> None:
        merged: dict[str, Any] = dict(settings.SUPERTOKENS)
        for key, value in self.changes.items():
            section = merged.get(key)
            merged[key] = (
                {**section, **value} if isinstance(section, dict) and isinstance(value, dict) else value
            )
        self.options = {"SUPERTOKENS": merged}
        super().enable()


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def advance(self, seconds: float | timedelta) -> None:
        self._traveller.shift(seconds)

    def move_to_offset(self, seconds: float) -> None:
        """Move to so many seconds after noon."""
        self._traveller.move_to(NOON + timedelta(seconds=seconds))

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return datetime.now(UTC).timestamp()

    @property
    def milliseconds(self) -> int:
        return round(self.now * 1000)


@contextmanager
def sql_statements() -> Iterator[list[str]]:
    """Collect the SQL of the block, statements that only begin or end transactions left out."""
    statements: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield statements
    statements += [
        query["sql"]
        for query in captured.captured_queries
        if not query["sql"].lstrip().upper().startswith(_TRANSACTION_STATEMENTS)
    ]


@contextmanager
def sql_budget(limit: int) -> Iterator[None]:
    """Fail when the block sends more than ``limit`` statements; the message lists them."""
    with sql_statements() as statements:
        yield
    assert len(statements) <= limit, f"{len(statements)} statements:\n" + "\n".join(statements)


def sign_up(person: Person, tenant: str = PUBLIC) -> str:
    """Make an account without going through the wire; returns the user id."""
    from supertokens_django.services import emailpassword

    return emailpassword.sign_up(tenant, person.email, person.password).id


@pytest.fixture(params=["cookie", "header"])
def mode(request: pytest.FixtureRequest) -> Mode:
    """Every test that asks for it runs once per way of carrying tokens."""
    value: Mode = request.param
    return value


@pytest.fixture(params=["wsgi", "asgi"])
def stack(request: pytest.FixtureRequest) -> Stack:
    """Every test that asks for it runs once through Django's sync and once through its async handler."""
    value: Stack = request.param
    return value


@pytest.fixture
def acme() -> Iterator[None]:
    """The stage: API and website on one site over https, tests' views, session options as shipped."""

    with supertokens_settings(**ONE_SITE):
        yield


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Time stands still at noon; the test moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield Clock(traveller)


@pytest.fixture
def alice(acme: None, db: None) -> str:
    """Alice has an account; gives her user id."""
    return sign_up(ALICE)


@pytest.fixture
def bob(acme: None, db: None) -> str:
    """Bob has an account; gives his user id."""
    return sign_up(BOB)


@pytest.fixture
def browser(acme: None, mode: Mode) -> FrontendClient:
    """A browser that nobody has signed in with yet, in cookie and in header mode."""
    return FrontendClient(mode)


@pytest.fixture
def frontend(browser: FrontendClient, alice: str) -> FrontendClient:
    """Alice's browser, signed in."""
    browser.post("/test/login", {"userId": alice})
    assert browser.is_signed_in
    return browser
