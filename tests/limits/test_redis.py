"""Two servers of several processes each, and one Redis: together they let no more through than one would."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.base import ALICE, BOB
from tests.redis_server import RedisServer, running_redis

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HOME, ELSEWHERE = "203.0.113.7", "198.51.100.1"


class Server:
    """Gunicorn with two processes."""

    def __init__(self, environment: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        options = [
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            "2",
            "--threads",
            "4",
            "--log-level",
            "critical",
        ]
        command = [sys.executable, "-m", "gunicorn", *options, "example_project.wsgi"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment)

    def wait(self) -> None:
        until = time.monotonic() + 120
        while not self._listens():
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.05)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)

    def post(self, path: str, email: str, password: str, address: str) -> tuple[int, Any, str | None]:
        """Status, body and ``Retry-After`` of a form that a frontend sends."""
        fields = [{"id": "email", "value": email}, {"id": "password", "value": password}]
        headers = {"X-Forwarded-For": address, "rid": "emailpassword", "Content-Type": "application/json"}
        body = json.dumps({"formFields": fields}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/auth{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer), answer.headers["Retry-After"]
        except urllib.error.HTTPError as error:
            return error.code, None, error.headers["Retry-After"]


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def two_servers(
    tmp_path_factory: pytest.TempPathFactory, redis: RedisServer
) -> Iterator[tuple[Server, Server]]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.limits.server_settings",
        "LIMITS_DATABASE": str(tmp_path_factory.mktemp("database") / "limits.sqlite3"),
        "LIMITS_REDIS": redis.url,
    }
    manage = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(manage, cwd=ROOT, env=environment, check=True)
    servers = (Server(environment), Server(environment))
    try:
        for server in servers:
            server.wait()
        assert servers[0].post("/signup", ALICE.email, ALICE.password, HOME)[1]["status"] == "OK"
        yield servers
    finally:
        for server in servers:
            server.stop()


@pytest.fixture
def servers(two_servers: tuple[Server, Server], redis: RedisServer) -> tuple[Server, Server]:
    """Nobody has tried anything yet."""
    redis.stop()
    redis.start()
    return two_servers


def rush(servers: tuple[Server, Server], addresses: list[str], email: str) -> Counter[str]:
    """So many guesses at once, at both servers in turn; how often each status was answered."""

    def guess(number: int) -> str:
        status, body, _ = servers[number % 2].post("/signin", email, "guess", addresses[number])
        assert status == 200
        return str(body["status"])

    with ThreadPoolExecutor(16) as pool:
        return Counter(pool.map(guess, range(len(addresses))))


def test_they_count_together(servers: tuple[Server, Server]) -> None:
    from_one = rush(servers, [ELSEWHERE] * 60, BOB.email)
    assert set(from_one) == {"WRONG_CREDENTIALS_ERROR", "GENERAL_ERROR"}
    assert 1 <= from_one["WRONG_CREDENTIALS_ERROR"] <= 5


def test_they_protect_an_account_together_and_know_its_owner(servers: tuple[Server, Server]) -> None:
    assert servers[0].post("/signin", ALICE.email, ALICE.password, HOME)[1]["status"] == "OK"
    from_everywhere = rush(servers, [f"192.0.2.{n}" for n in range(80)], ALICE.email)
    assert 1 <= from_everywhere["WRONG_CREDENTIALS_ERROR"] <= 10
    while servers[0].post("/signin", ALICE.email, "guess", "192.0.2.201")[1]["status"] != "GENERAL_ERROR":
        continue  # of a crowd, more may have been refused than needed
    assert servers[1].post("/signin", ALICE.email, ALICE.password, ELSEWHERE)[1]["status"] == "GENERAL_ERROR"
    assert servers[1].post("/signin", ALICE.email, ALICE.password, HOME)[1]["status"] == "OK"


def test_one_after_the_other_they_let_exactly_the_limit_through(servers: tuple[Server, Server]) -> None:
    answers = [servers[n % 2].post("/signin", ALICE.email, "guess", HOME) for n in range(7)]
    assert [body["status"] for _, body, _ in answers] == ["WRONG_CREDENTIALS_ERROR"] * 5 + [
        "GENERAL_ERROR"
    ] * 2
    assert [bool(retry_after) for _, _, retry_after in answers] == [False] * 5 + [True] * 2


def test_without_redis_everything_passes(servers: tuple[Server, Server], redis: RedisServer) -> None:
    redis.stop()
    try:
        answers = [servers[n % 2].post("/signin", ALICE.email, ALICE.password, HOME) for n in range(8)]
    finally:
        redis.start()
    assert [body["status"] for _, body, _ in answers] == ["OK"] * 8
    guesses = [servers[n % 2].post("/signin", ALICE.email, "guess", HOME)[1]["status"] for n in range(7)]
    assert guesses == ["WRONG_CREDENTIALS_ERROR"] * 5 + ["GENERAL_ERROR"] * 2
