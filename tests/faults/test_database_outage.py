"""Five seconds without a database: protected APIs go on, and afterwards everybody gets on by themselves."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from example_project.settings import DATABASE_CHOICES
from tests.faults.crowd import check_accounts, refresh_all_the_time, sign_up_all_the_time
from tests.faults.databases import new_database
from tests.faults.frontend import Frontend
from tests.faults.proxy import Proxy
from tests.faults.server import Server

pytestmark = pytest.mark.slow

PEOPLE = 3
SECONDS_WITHOUT = 5
THREADS = 8


@pytest.fixture(params=["postgres", "mariadb"])
def stage(request: pytest.FixtureRequest) -> Iterator[tuple[Server, Proxy]]:
    choice = DATABASE_CHOICES[request.param]
    with new_database(request.param) as name:
        wire = Proxy(choice["HOST"], int(choice["PORT"]))
        running = Server(request.param, name, workers=1, threads=THREADS, database_port=wire.port)
        running.manage("migrate", "--verbosity", "0")
        running.start()
        yield running, wire
        running.stop()
        wire.close()


def wait_for_answers(crowd: list[Frontend], more: int) -> None:
    """Let some time pass: until everybody together has got so many answers more."""
    enough, until = sum(frontend.answers for frontend in crowd) + more, time.monotonic() + 30
    while sum(frontend.answers for frontend in crowd) < enough:
        assert time.monotonic() < until, "nobody gets on any more"
        time.sleep(0.01)


def ask_during_the_outage(visitor: Frontend) -> int:
    """Ask for a protected API all the time that the database is away; gives how many answers came."""
    answers, until = 0, time.monotonic() + SECONDS_WITHOUT
    while time.monotonic() < until:
        answer = visitor.get("/api/sync")
        assert answer is not None
        assert answer.status == 200, "a verified request has asked the database"
        answers += 1
        time.sleep(0.05)
    return answers


def test_everybody_gets_on_after_an_outage(stage: tuple[Server, Proxy]) -> None:
    server, wire = stage
    newcomers = [Frontend(server.port) for _ in range(PEOPLE)]
    members = [Frontend(server.port) for _ in range(PEOPLE)]
    for number, member in enumerate(members):
        assert member.sign_up(f"member{number}@example.com").body["status"] == "OK"
    visitor, over = members[-1], threading.Event()
    crowd = [*newcomers, *members[:-1]]
    assert visitor.get("/api/sync") is not None
    with ThreadPoolExecutor(len(crowd)) as threads:
        signing_up = [
            threads.submit(sign_up_all_the_time, frontend, person, over.is_set)
            for person, frontend in enumerate(newcomers)
        ]
        refreshing = [threads.submit(refresh_all_the_time, member, over.is_set) for member in members[:-1]]
        try:
            wait_for_answers(crowd, 30)
            wire.cut()
            assert ask_during_the_outage(visitor) > 10
            wire.mend()
            wait_for_answers(crowd, 30)
        finally:
            wire.mend()
            over.set()
        acknowledged = [email for future in signing_up for email in future.result()]
        assert min(future.result() for future in refreshing) >= 1
    assert sum(frontend.lost_answers for frontend in crowd) >= 1, "the outage was noticed by nobody"
    check_accounts(server, acknowledged, members)
