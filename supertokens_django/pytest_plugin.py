"""The pytest plugin, found by pytest itself.  It imports nothing of Django before Django is ready.

========================  ==========================================================================================
``supertokens_session``   ``supertokens_session(user, claims=…)`` signs the fixture ``client`` in; gives the session
``supertokens_user``      ``supertokens_user(email, password)`` creates a user
``supertokens_clock``     time stands still for supertokens_django; the test moves it
``supertokens_limits``    the rate limits are on, from zero, for a test that is to reach them
========================  ==========================================================================================
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from supertokens_django.recipes.session.container import SessionContainer
    from supertokens_django.testing import Clock
    from supertokens_django.users.models import User


def pytest_configure(config: pytest.Config) -> None:
    """Choose how the fixtures come by a database; pytest-django wants to know before the first test runs."""
    modules = {getattr(plugin, "__name__", "") for plugin in config.pluginmanager.get_plugins()}
    config.pluginmanager.register(
        _OfPytestDjango() if "pytest_django.plugin" in modules else _OfTheProject(), f"{__name__}.database"
    )


class _OfPytestDjango:
    @pytest.fixture
    def _supertokens_database(self, db: None) -> None:
        """The database as the fixture ``db`` of pytest-django opens it."""


class _OfTheProject:
    @pytest.fixture
    def _supertokens_database(self) -> None:
        """Without pytest-django the project sees to its database itself."""


@pytest.fixture
def supertokens_session(
    request: pytest.FixtureRequest, _supertokens_database: None
) -> Callable[..., SessionContainer]:
    """``supertokens_session(user, client=None, **options)``: ``supertokens_django.testing.force_login``.

    ``client`` is the fixture of that name without one.
    """
    from supertokens_django.testing import force_login

    def sign_in(user: Any, *, client: Any = None, **options: Any) -> SessionContainer:
        return force_login(client or request.getfixturevalue("client"), user, **options)

    return sign_in


@pytest.fixture
def supertokens_user(_supertokens_database: None) -> Callable[..., User]:
    """``supertokens_user(email, password=None, *, tenant_id="public")``: ``supertokens_django.testing.create_user``."""
    from supertokens_django.testing import create_user

    return create_user


@pytest.fixture
def supertokens_clock() -> Iterator[Clock]:
    """``supertokens_django.testing.frozen_time()`` for the length of the test."""
    from supertokens_django.testing import frozen_time

    with frozen_time() as clock:
        yield clock


@pytest.fixture
def supertokens_limits() -> Iterator[None]:
    """``supertokens_django.testing.rate_limits(enabled=True)`` for the length of the test."""
    from supertokens_django.testing import rate_limits

    with rate_limits(enabled=True):
        yield


@pytest.fixture(autouse=True)
def _supertokens_tries() -> None:
    """No test is stopped by what others have tried: to the rate limits all of them come from one address."""
    stage = sys.modules.get("supertokens_django.limits.stage")
    if stage is not None:
        stage.forget()


@pytest.fixture(autouse=True)
def _supertokens_sms_outbox() -> None:
    """No test finds the text messages of another."""
    locmem = sys.modules.get("supertokens_django.delivery.backends.locmem")
    if locmem is not None:
        locmem.outbox.clear()


@pytest.fixture(scope="session", autouse=True)
def _supertokens_signing_keys(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test waits for a signing key to be made, where the project uses the app at all."""
    with suppress(pytest.FixtureLookupError):
        request.getfixturevalue("django_test_environment")  # of pytest-django
    if not _is_in_use():
        yield
        return
    from supertokens_django.testing.keys import cheap_signing_keys

    with cheap_signing_keys():
        yield


def _is_in_use() -> bool:
    if "django.apps" not in sys.modules:
        return False
    from django.apps import apps
    from django.core import mail

    return apps.ready and apps.is_installed("supertokens_django") and hasattr(mail, "outbox")
