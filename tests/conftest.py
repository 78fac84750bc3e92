"""Makes the shared fixtures known to pytest, and says where nothing may be skipped."""

import os
import re
from collections.abc import Generator, Sequence
from contextvars import copy_context
from inspect import iscoroutinefunction
from unittest import TestCase
from zlib import crc32

import pytest
from _pytest import runner
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.core.checks.registry import registry

from supertokens_django.testing import reused_signing_keys
from tests.base import acme, alice, bob, browser, clock, frontend, mode, stack
from tests.services import services_are_required
from tests.settings import TEST_DATABASE

pytest_plugins = ["supertokens_django.pytest_plugin"]

KEYS_IN_ADVANCE = 8
ABOUT_OTHER_THINGS = (
    "tests/delivery/",
    "tests/docs/",
    "tests/openapi/",
    "tests/recipes/thirdparty/providers/",
    "tests/recipes/thirdparty/test_hostile_provider.py",
)
"""What is in a database here is read and written by tests of their own: these are about texts, documents, providers."""

__all__ = [
    "acme",
    "alice",
    "bob",
    "browser",
    "clock",
    "frontend",
    "mode",
    "stack",
]


@pytest.fixture(scope="session", autouse=True)
def keys_made_in_advance(django_test_environment: None) -> Generator[None]:
    """A few, so that a key and the one after it differ."""
    with reused_signing_keys(KEYS_IN_ADVANCE):
        yield


@pytest.fixture(autouse=True)
def nobody_has_tried_anything() -> None:
    """Rate limits count in the cache, which lives longer than a test."""
    cache.clear()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On another database than SQLite, and with ``TEST_TWINS_BY_LOT=1``, leave out what is the same there.

    That is what asks no database, and what differs from a test that is run only in how its tokens travel, by cookie or
    by header, or in Django's handler, WSGI or ASGI.  Which one is run is drawn by lot, and always the same; each kind
    is run on each database.
    """
    if TEST_DATABASE == "sqlite" and os.environ.get("TEST_TWINS_BY_LOT") != "1":
        return
    asking = [item for item in items if TEST_DATABASE == "sqlite" or _asks_a_database(item)]
    twins: dict[str, list[pytest.Item]] = {}
    for item in asking:
        twins.setdefault(_without_transport(item), []).append(item)
    chosen = {found[crc32(name.encode()) % len(found)] for name, found in twins.items()}
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = [item for item in asking if item in chosen]


def _without_transport(item: pytest.Item) -> str:
    """What a test shares with its twins in the other mode or on the other handler, and with no other test."""
    name = item.nodeid
    params: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
    for transport in (params.get("mode"), params.get("stack")):
        if isinstance(transport, str):
            name = re.sub(rf"(?<=[\[-]){re.escape(transport)}(?=[\]-])", "*", name, count=1)
    return name


def _asks_a_database(item: pytest.Item) -> bool:
    if item.nodeid.startswith(ABOUT_OTHER_THINGS):
        return False
    if item.get_closest_marker("django_db") is not None or issubclass(
        getattr(item, "cls", None) or object, TestCase
    ):
        return True
    fixtures: Sequence[str] = getattr(item, "fixturenames", ())
    return bool({"db", "transactional_db", "transactions"} & set(fixtures))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run each test in a context of its own: asgiref copies all that is in it from thread to thread.

    Every URL resolver that Django makes leaves a variable there, and no variable ever goes away.  Nor do the system
    checks of an app that one test alone installs: they are registered when it is imported.
    """
    registered, deployment = set(registry.registered_checks), set(registry.deployment_checks)
    try:
        return copy_context().run(runner.pytest_runtest_protocol, item, nextitem)
    finally:
        registry.registered_checks &= registered
        registry.deployment_checks &= deployment


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Run async tests as Django runs its own: what they do in threads uses the connection of the test."""
    if iscoroutinefunction(pyfuncitem.obj):
        pyfuncitem.obj = async_to_sync(pyfuncitem.obj)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With ``TEST_REQUIRE_SERVICES=1`` a skipped test is a failed one, whatever its reason."""
    report = yield
    if report.skipped and services_are_required() and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and TEST_REQUIRE_SERVICES=1 allows no skip"
    return report
