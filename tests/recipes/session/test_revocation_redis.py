"""``REVOCATION_CACHE`` in Redis, shared by real processes; a Redis that is stopped while they run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from supertokens_django.recipes.session import revocations
from supertokens_django.services import session as sessions
from tests.assertions import assert_unauthorised_and_cleared
from tests.base import Clock, sql_statements, supertokens_settings
from tests.client import FrontendClient, Mode
from tests.processes import AnotherProcess
from tests.redis_server import RedisServer, redis_server

__all__ = ["redis_server"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def caches_of(url: str) -> dict[str, Any]:
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {
        "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
        "sessions": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": url,
            "KEY_PREFIX": "acme",
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 0)},
        },
    }


@pytest.fixture
def mode() -> Mode:
    """One way of carrying tokens will do: other processes take time to start."""
    return "header"


@pytest.fixture(autouse=True)
def in_redis(_stage: None, redis_server: RedisServer) -> Iterator[None]:
    with (
        override_settings(CACHES=caches_of(redis_server.url)),
        supertokens_settings(SESSION={"REVOCATION_CACHE": "sessions"}),
    ):
        revocations.forget()
        yield


@pytest.fixture
def other(clock: Clock, in_redis: None, redis_server: RedisServer) -> Iterator[AnotherProcess]:
    process = AnotherProcess("tests.recipes.session.another_process", ANOTHER_PROCESS_REDIS=redis_server.url)
    awake = FrontendClient("header")
    awake.post("/test/login", {"userId": "somebody"})
    process.ask("get", path="/test/sync", access_token=awake.access_token)  # has the signing key from now on
    yield process
    process.stop()


@pytest.mark.parametrize("path", ["/test/sync", "/test/async"])
def test_what_one_process_ends_the_next_request_of_another_refuses(
    clock: Clock, frontend: FrontendClient, other: AnotherProcess, path: str
) -> None:
    get = {"path": path, "access_token": frontend.access_token}
    for _ in range(2):
        assert other.ask("get", **get) == {"status": 200, "queries": 0}

    sessions.revoke_session(frontend.session_handle)

    assert other.ask("get", **get) == {"status": 401, "queries": 0}


@pytest.mark.parametrize("path", ["/test/sync", "/test/async"])
def test_it_works_in_the_other_direction(
    clock: Clock, frontend: FrontendClient, other: AnotherProcess, path: str
) -> None:
    assert frontend.get(path).status_code == 200

    assert other.ask("revoke", handle=frontend.session_handle) == {"revoked": True}

    with sql_statements() as statements:
        assert_unauthorised_and_cleared(frontend.get(path))
    assert statements == []


def test_a_stopped_redis_lets_nobody_through_and_fails_nobody(
    frontend: FrontendClient,
    redis_server: RedisServer,
    other: AnotherProcess,
    alice: str,
) -> None:
    another = FrontendClient(frontend.mode)
    another.post("/test/login", {"userId": alice})
    redis_server.stop()
    sessions.revoke_session(frontend.session_handle)

    for browser, status in ((frontend, 401), (another, 200)):
        get = {"path": "/test/sync", "access_token": browser.access_token}
        assert other.ask("get", **get) == {"status": status, "queries": 1}
        assert browser.get("/test/sync").status_code == status


def test_a_restarted_redis_has_forgotten_and_lets_nobody_through(
    clock: Clock, frontend: FrontendClient, redis_server: RedisServer, other: AnotherProcess
) -> None:
    token = frontend.access_token
    sessions.revoke_session(frontend.session_handle)
    assert other.ask("get", path="/test/sync", access_token=token) == {"status": 401, "queries": 0}

    redis_server.stop()
    redis_server.start()

    asked = other.ask("get", path="/test/sync", access_token=token, after_noon=60)
    assert asked == {"status": 401, "queries": 1}


def test_what_ended_while_redis_was_down_stays_refused_everywhere(
    clock: Clock, frontend: FrontendClient, redis_server: RedisServer, other: AnotherProcess, alice: str
) -> None:
    """The process that could not write says so as soon as Redis is back; the others ask the database from then on."""
    ended = frontend.access_token
    redis_server.stop()
    clock.advance(60)
    sessions.revoke_session(frontend.session_handle)
    redis_server.start()
    clock.advance(60)

    frontend.post("/test/login", {"userId": alice})
    assert frontend.get("/test/sync").status_code == 200

    get = {"path": "/test/sync", "access_token": ended, "after_noon": 180}
    assert other.ask("get", **get) == {"status": 401, "queries": 1}
