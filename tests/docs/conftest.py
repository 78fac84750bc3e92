"""The projects that the documentation writes, and their visitors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.project import Project

ProjectOf = Callable[[str], Project]


@pytest.fixture
def project_of(tmp_path: Path) -> ProjectOf:
    """Gives the project that a page writes: ``project_of("docs/extending.md")``."""
    return lambda page: Project(page, tmp_path)
