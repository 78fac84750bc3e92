"""What some tests need beside Python: a database server, a browser, node.

A missing one is a skip that says what is missing, or a failure where ``TEST_REQUIRE_SERVICES=1`` says that
everything has to be there.
"""

from __future__ import annotations

import os
import shutil
import socket
from typing import NoReturn

import pytest

from example_project.settings import DATABASE_CHOICES

PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "node": ("node",),
    "npm": ("npm",),
    "redis-server": ("redis-server",),
}


def require_service(name: str) -> None:
    """Skip, or fail, unless ``postgres``, ``mariadb``, ``chromium``, ``node``, ``npm`` or
    ``redis-server`` is there."""
    present = _listens(name) if name in DATABASE_CHOICES else _is_installed(name)
    if not present:
        missing_service(name)


def missing_service(name: str) -> NoReturn:
    """End the test for want of ``name``."""
    if services_are_required():
        pytest.fail(f"{name} is missing, and TEST_REQUIRE_SERVICES=1 asks for it", pytrace=False)
    pytest.skip(f"{name} is missing")


def services_are_required() -> bool:
    return os.environ.get("TEST_REQUIRE_SERVICES") == "1"


def _listens(database: str) -> bool:
    choice = DATABASE_CHOICES[database]
    try:
        with socket.create_connection((choice["HOST"], int(choice["PORT"])), timeout=3):
            return True
    except OSError:
        return False


def _is_installed(program: str) -> bool:
    return any(shutil.which(command) for command in PROGRAMS[program])
