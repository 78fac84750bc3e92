"""Workers die by SIGKILL while people sign up and refresh: nobody half-made, nobody logged out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.crowd import check_accounts, refresh_all_the_time, sign_up_all_the_time
from tests.faults.databases import new_database
from tests.faults.frontend import Frontend
from tests.faults.server import Server

pytestmark = pytest.mark.slow

KILLS = 20
ANSWERS_BETWEEN_KILLS = 12
SECONDS_AT_MOST = 60
PEOPLE = 4


@pytest.fixture(params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with new_database(request.param) as name:
        running = Server(request.param, name)
        running.manage("migrate", "--verbosity", "0")
        running.start()
        yield running
        running.stop()


def kill_now_and_then(server: Server, crowd: list[Frontend], over: threading.Event) -> None:
    """Kill a worker whenever the crowd has got some more answers, so that a slow machine gets on as well."""
    until = time.monotonic() + SECONDS_AT_MOST
    for _ in range(KILLS):
        enough = sum(frontend.answers for frontend in crowd) + ANSWERS_BETWEEN_KILLS
        while sum(frontend.answers for frontend in crowd) < enough and time.monotonic() < until:
            time.sleep(0.005)
        server.kill_a_worker()
    over.set()


def test_nobody_is_half_made_and_nobody_is_logged_out(server: Server) -> None:
    newcomers = [Frontend(server.port) for _ in range(PEOPLE)]
    members = [Frontend(server.port) for _ in range(PEOPLE)]
    for number, member in enumerate(members):
        assert member.sign_up(f"member{number}@example.com").body["status"] == "OK"
    over = threading.Event()
    with ThreadPoolExecutor(2 * PEOPLE + 1) as threads:
        killing = threads.submit(kill_now_and_then, server, [*newcomers, *members], over)
        signing_up = [
            threads.submit(sign_up_all_the_time, frontend, person, over.is_set)
            for person, frontend in enumerate(newcomers)
        ]
        refreshing = [threads.submit(refresh_all_the_time, member, over.is_set) for member in members]
        killing.result()
        acknowledged = [email for future in signing_up for email in future.result()]
        refreshes = [future.result() for future in refreshing]

    assert len(acknowledged) >= PEOPLE
    assert min(refreshes) >= 1
    assert sum(frontend.lost_answers for frontend in [*newcomers, *members]) >= 1, "no answer was lost"
    check_accounts(server, acknowledged, members)
