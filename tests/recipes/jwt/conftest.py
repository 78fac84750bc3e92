"""The stage for the tests of the JWT recipe: API and website on one site, an empty database, the tests' views."""

import pytest


@pytest.fixture(autouse=True)
def _stage(acme: None, db: None) -> None:
    pass
