"""The app works with any user model: the checks run in a process with another ``AUTH_USER_MODEL``."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from django.conf import settings

CHECKS = "tests/custom_user_suite/checks.py"


def test_everything_works_with_uuid_keys_and_an_email_in_place_of_a_username() -> None:
    suffix = "_".join(part for part in (os.environ.get("TEST_DB_SUFFIX"), "custom", str(os.getpid())) if part)
    environment = {**os.environ, "TEST_DB_SUFFIX": suffix}
    environment.pop("PYTEST_XDIST_WORKER", None)
    command = [sys.executable, "-m", "pytest", CHECKS, "--ds=tests.settings_custom_user", "-q"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2_000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= 20
