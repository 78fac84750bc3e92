"""Other server processes of the project under test: one JSON command per line in, one answer out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from django.db import connection

from tests.base import NOON


class AnotherProcess:
    """A process of the same project; its clock is told with every command."""

    def __init__(self, module: str, **environment: str) -> None:
        environment = {
            **os.environ,
            **environment,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "ANOTHER_PROCESS_DATABASE": str(connection.settings_dict["NAME"]),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def tell(self, do: str, *, after_noon: float = 0, **arguments: Any) -> None:
        assert self.process.stdin is not None
        command = {"do": do, "at": NOON.timestamp() + after_noon, **arguments}
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        self.tell(do, **arguments)
        return self.hear()

    def stop(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()
