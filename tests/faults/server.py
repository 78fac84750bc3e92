"""A real server on a database of its own: several processes, which a test may kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from random import choice

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS = 3


class Server:
    """Gunicorn with a few workers.  Its master starts a new worker for every one that dies.

    ``database_port`` is where the workers find the database server, when it is not its own port.
    """

    def __init__(
        self, database: str, name: str, *, workers: int = WORKERS, threads: int = 1, database_port: int = 0
    ) -> None:
        self.workers, self.threads = workers, threads
        self.port_variable = f"{database.upper()}_PORT"
        self.database_port = database_port
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "FAULTS_DATABASE": database,
            "FAULTS_NAME": name,
        }
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def manage(self, *arguments: str) -> str:
        """Run a management command on the server's database and give what it prints."""
        command = [sys.executable, "manage.py", *arguments]
        run = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True
        )
        return run.stdout

    def start(self) -> None:
        environment = dict(self.environment)
        if self.database_port:
            environment[self.port_variable] = str(self.database_port)
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            str(self.workers),
            "--threads",
            str(self.threads),
            "--log-level",
            "critical",
        ]
        self.master = subprocess.Popen([*command, "example_project.wsgi"], cwd=ROOT, env=environment)
        self._wait_until_it_listens()

    def stop(self) -> None:
        self.master.terminate()
        self.master.wait(timeout=20)

    def kill_a_worker(self) -> bool:
        """Send SIGKILL to one of the workers; False while there is none."""
        children = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text().split()
        if not children:
            return False
        os.kill(int(choice(children)), signal.SIGKILL)
        return True

    def _wait_until_it_listens(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("the server did not start")
