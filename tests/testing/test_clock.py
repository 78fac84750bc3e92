"""``frozen_time``: time stands still for the app, and for the app alone."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone

from supertokens_django import clock as time_of_the_app
from supertokens_django.services import session as sessions
from supertokens_django.testing import Clock, force_login, frozen_time
from tests.base import NOON, supertokens_settings


def test_it_stands_where_it_is_told_to() -> None:
    with frozen_time(NOON) as clock:
        assert time_of_the_app.now() == clock.now == NOON
        assert time_of_the_app.now_in_milliseconds() == clock.milliseconds == int(NOON.timestamp()) * 1000


def test_without_a_moment_it_stands_at_the_present() -> None:
    before = time_of_the_app.now()
    with frozen_time() as clock:
        assert before <= clock.now <= datetime.now(UTC)


def test_it_moves_when_the_test_moves_it() -> None:
    with frozen_time(NOON) as clock:
        clock.advance(1.5)
        clock.advance(timedelta(hours=1))
        assert time_of_the_app.now() == NOON + timedelta(hours=1, seconds=1.5)
        clock.advance(-1.5)
        assert time_of_the_app.now() == NOON + timedelta(hours=1)
        clock.move_to(NOON)
        assert time_of_the_app.now() == NOON


@pytest.mark.parametrize("milliseconds", [0, 1, 123, 999])
def test_both_ways_of_asking_agree(milliseconds: int) -> None:
    with frozen_time(NOON + timedelta(milliseconds=milliseconds)):
        asked = time_of_the_app.now_in_milliseconds()
        assert time_of_the_app.milliseconds(time_of_the_app.now()) == asked
        assert asked % 1000 == milliseconds


def test_time_goes_on_afterwards() -> None:
    with frozen_time(NOON):
        pass
    assert time_of_the_app.now() > NOON
    with pytest.raises(ZeroDivisionError), frozen_time(NOON):
        raise ZeroDivisionError
    assert time_of_the_app.now() > NOON


def test_one_in_another_gives_way_to_it_and_comes_back() -> None:
    with frozen_time(NOON), frozen_time(NOON + timedelta(days=1)):
        assert time_of_the_app.now() == NOON + timedelta(days=1)


def test_the_rest_of_the_world_does_not_notice() -> None:
    with frozen_time(NOON):
        assert timezone.now() > NOON
        assert time.time() > NOON.timestamp()


def test_it_needs_no_package_that_moves_the_clock_and_heeds_none() -> None:
    with time_machine.travel(NOON + timedelta(days=7)), frozen_time(NOON):
        assert time_of_the_app.now() == NOON


def test_it_stands_still_in_every_thread() -> None:
    seen: list[datetime] = []
    with frozen_time(NOON):
        thread = threading.Thread(target=lambda: seen.append(time_of_the_app.now()))
        thread.start()
        thread.join()
    assert seen == [NOON]


def test_a_moment_without_a_time_zone_is_in_djangos() -> None:
    with timezone.override("Asia/Tokyo"), frozen_time(datetime(2026, 1, 15, 21, 0)) as clock:
        assert clock.now == NOON


def test_a_project_without_time_zones_gets_times_without() -> None:
    with override_settings(USE_TZ=False), frozen_time(NOON):
        now = time_of_the_app.now()
        assert now.tzinfo is None
        assert now.timestamp() == NOON.timestamp()


def test_it_is_no_decorator() -> None:
    with pytest.raises(TypeError, match="not callable"):
        frozen_time()(lambda: None)  # type: ignore[operator]


def test_it_stands_still_in_tests_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(mail, "outbox")
    with pytest.raises(RuntimeError, match="works in tests only"), frozen_time():
        pass


class TestSessions:
    def test_access_tokens_expire(self, supertokens_clock: Clock, alice: str) -> None:
        client = Client()
        force_login(client, alice)
        supertokens_clock.advance(timedelta(minutes=56))
        assert client.get("/test/sync").status_code == 200
        supertokens_clock.advance(timedelta(minutes=5))
        assert client.get("/test/sync").json() == {"message": "try refresh token"}

    def test_sessions_end(self, supertokens_clock: Clock, alice: str) -> None:
        force_login(Client(), alice)
        supertokens_clock.advance(timedelta(days=101))
        assert sessions.get_all_session_handles_for_user(alice) == []

    def test_signing_keys_rotate(self, supertokens_clock: Clock, alice: str) -> None:
        client = Client()
        first = force_login(client, alice).get_access_token()
        supertokens_clock.advance(timedelta(hours=168))
        assert first.partition(".")[0] != force_login(client, alice).get_access_token().partition(".")[0]
        with supertokens_settings(SESSION={"ACCESS_TOKEN_LIFETIME": timedelta(days=30)}):
            assert client.get("/test/sync").status_code == 200
