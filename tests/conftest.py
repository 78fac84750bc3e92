"""Makes the shared fixtures known to pytest, and says where nothing may be skipped."""

from collections.abc import Generator, Sequence
from contextvars import copy_context
from inspect import iscoroutinefunction
from unittest import TestCase

import pytest
from _pytest import runner
from asgiref.sync import async_to_sync
from django.core.checks.registry import registry

from supertokens_django.testing import reused_signing_keys
from tests.base import acme, alice, bob, browser, clock, frontend, mode, stack
from tests.services import services_are_required
from tests.settings import TEST_DATABASE

pytest_plugins = ["supertokens_django.pytest_plugin"]

KEYS_IN_ADVANCE = 8

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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On another database than SQLite, leave out what asks none: it was tested with SQLite, and is the same here."""
    if TEST_DATABASE == "sqlite":
        return
    asking = [item for item in items if _asks_a_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(asking)])
    items[:] = asking


def _asks_a_database(item: pytest.Item) -> bool:
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
