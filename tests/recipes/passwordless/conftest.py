"""The stage of the passwordless tests: the recipe is on, for addresses and numbers, with codes and links."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from supertokens_django.delivery.backends import locmem
from tests.accounts import make_tenant, tenant_acme, visitor
from tests.base import supertokens_settings
from tests.client import Mode
from tests.recipes.passwordless.device import RECIPES, Device

__all__ = ["make_tenant", "tenant_acme", "visitor"]


@pytest.fixture(autouse=True)
def _recipe_is_on(acme: None) -> Iterator[None]:
    locmem.outbox.clear()
    with supertokens_settings(**RECIPES):
        yield
    locmem.outbox.clear()


@pytest.fixture
def device(mode: Mode) -> Device:
    """Somebody's browser, in cookie and in header mode."""
    return Device(mode)
