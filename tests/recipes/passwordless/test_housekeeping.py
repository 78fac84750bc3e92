"""What the recipe costs those who do not use it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

CODE = (
    "import sys, django; django.setup(); from supertokens_django import services, urls; "
    "from django.core.management import call_command; call_command('check'); "
    "print([name for name in sys.modules if name.partition('.')[0] == 'phonenumbers'])"
)


@pytest.mark.parametrize("module", ["example_project.settings", "tests.settings"])
def test_phone_numbers_are_imported_with_the_first_one(module: str) -> None:
    """They take longer to import than all the rest of the recipe."""
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": module},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
