"""The stage for every concurrency test: an empty database with real transactions, the tests' views."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.accounts import make_tenant, tenant_acme

__all__ = ["make_tenant", "tenant_acme"]

IS_SQLITE = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")

# SQLite has one lock for the whole database, so two transactions cannot lock each other out there, nor pass each other
# by; and only SQLite has its transaction modes.
collect_ignore = ["test_cleanup_passes_by.py", "test_deadlocks.py"] if IS_SQLITE else ["test_sqlite.py"]


@pytest.fixture(autouse=True)
def _stage(acme: None, transactional_db: None) -> None:
    pass
