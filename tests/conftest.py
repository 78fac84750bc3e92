"""Makes the shared fixtures known to pytest, and says where nothing may be skipped."""

from collections.abc import Generator, Iterable
from contextvars import copy_context
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
from _pytest import runner
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.core.checks.registry import registry
from django.core.management.color import Style
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

from supertokens_django.testing import reused_signing_keys
from tests import selection
from tests.base import acme, alice, bob, browser, clock, frontend, mode, stack
from tests.services import services_are_required

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


@pytest.fixture(scope="session", autouse=True)
def tables_emptied_by_deleting(
    django_test_environment: None, monkeypatch_session: pytest.MonkeyPatch
) -> None:
    """After each test that commits: PostgreSQL takes up to a second to truncate tables that are nearly empty."""
    if connection.vendor == "postgresql":
        monkeypatch_session.setattr(type(connection.ops), "sql_flush", _deletes)


@pytest.fixture(scope="session")
def monkeypatch_session() -> Generator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def _deletes(
    operations: BaseDatabaseOperations, style: Style, tables: Iterable[str], **_: object
) -> list[str]:
    """In whatever order: Django's foreign keys are looked at when the transaction ends."""
    return [f"DELETE FROM {operations.quote_name(table)}" for table in tables]


@pytest.fixture(autouse=True)
def nobody_has_tried_anything() -> None:
    """Rate limits count in the cache, which lives longer than a test."""
    cache.clear()


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if selection.is_same_here(collection_path) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = selection.chosen(items)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = [item for item in items if item in chosen]


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
