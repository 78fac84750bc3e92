"""What is run once, because it is the same on every database, in every transfer mode, or on every handler."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from unittest import TestCase
from zlib import crc32

import pytest

from tests.settings import TEST_DATABASE

ROOT = Path(__file__).parent.parent
IS_OTHER_DATABASE = TEST_DATABASE != "sqlite"
BY_LOT = IS_OTHER_DATABASE or os.environ.get("TEST_TWINS_BY_LOT") == "1"

SAME_ON_EVERY_DATABASE = (
    # Texts, documents, hashes, and programs that are run by themselves
    "tests/benchmarks/",
    "tests/checks/",
    "tests/delivery/",
    "tests/docs/",
    "tests/hashing/",
    "tests/openapi/",
    "tests/outgoing/",
    "tests/packaging/",
    "tests/verifiers/",
    # What is wrong with a request is told before anything is looked up
    "tests/pages/test_bad_input.py",
    "tests/pages/test_redirects.py",
    "tests/recipes/emailpassword/test_bad_input.py",
    "tests/recipes/emailpassword/test_fdi_version.py",
    "tests/recipes/emailpassword/test_form_fields.py",
    "tests/recipes/emailpassword/test_linking_flag.py",
    "tests/recipes/emailpassword/test_rules.py",
    "tests/recipes/emailpassword/test_urls.py",
    # What a token says, and how it travels
    "tests/contract/test_session_errors.py",
    "tests/contract/test_session_structure.py",
    "tests/recipes/session/test_access_token_payload.py",
    "tests/recipes/session/test_anti_csrf.py",
    "tests/recipes/session/test_claims.py",
    "tests/recipes/session/test_claims_on_the_wire.py",
    "tests/recipes/session/test_csrf.py",
    "tests/recipes/session/test_decorator.py",
    "tests/recipes/session/test_nested_jwt.py",
    "tests/recipes/session/test_payload.py",
    "tests/recipes/session/test_settings.py",
    "tests/recipes/userroles/test_rest_framework.py",
    "tests/testing/",
    "tests/websockets/",
    # What pages look like
    "tests/pages/test_markup.py",
    "tests/pages/test_served.py",
    # What providers answer, and what is kept in a cache
    "tests/limits/test_answers.py",
    "tests/recipes/thirdparty/providers/",
    "tests/recipes/thirdparty/test_authorisation_url.py",
    "tests/recipes/thirdparty/test_callback_apple.py",
    "tests/recipes/thirdparty/test_hostile_provider.py",
)
"""Left out on other databases than SQLite.

Their users and sessions are rows as well; how those are written and read is the matter of other tests, which are run on
every database.
"""


def is_same_here(path: Path) -> bool:
    """Tell whether a file or folder need not be looked into on this database."""
    if not IS_OTHER_DATABASE or not path.is_relative_to(ROOT):
        return False
    name = path.relative_to(ROOT).as_posix()
    return f"{name}/".startswith(SAME_ON_EVERY_DATABASE)


def chosen(items: Sequence[pytest.Item]) -> set[pytest.Item]:
    """On another database than SQLite, and with ``TEST_TWINS_BY_LOT=1``, leave out what is the same there.

    That is what asks no database, and what differs from a test that is run only in how its tokens travel, by cookie or
    by header, or in Django's handler, WSGI or ASGI.  Which one is run is drawn by lot, and always the same; each kind
    is run on each database.
    """
    if not BY_LOT:
        return set(items)
    twins: dict[str, list[pytest.Item]] = {}
    for item in items:
        if not IS_OTHER_DATABASE or _asks_a_database(item):
            twins.setdefault(_without_transport(item), []).append(item)
    return {found[crc32(name.encode()) % len(found)] for name, found in twins.items()}


def _without_transport(item: pytest.Item) -> str:
    """What a test shares with its twins in the other mode or on the other handler, and with no other test."""
    name = item.nodeid
    params: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
    for transport in (params.get("mode"), params.get("stack")):
        if isinstance(transport, str):
            name = re.sub(rf"(?<=[\[-]){re.escape(transport)}(?=[\]-])", "*", name, count=1)
    return name


def _asks_a_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db") is not None or issubclass(
        getattr(item, "cls", None) or object, TestCase
    ):
        return True
    fixtures: Sequence[str] = getattr(item, "fixturenames", ())
    return bool({"db", "transactional_db", "transactions"} & set(fixtures))
