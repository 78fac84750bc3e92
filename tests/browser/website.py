"""The websites of the browser tests: npm's SDKs bundled once, served from an origin of their own."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

HERE = Path(__file__).parent
DIST = HERE / "dist"
SOURCES = ("package-lock.json", "build.mjs", "app")


class NpmFailed(Exception):
    """The frontend SDKs could not be installed or bundled; the text is npm's own."""


def build_websites() -> None:
    """Install the SDKs as ``package-lock.json`` pins them and bundle both websites, unless that is done.

    Raises ``NpmFailed`` when that cannot be done, for want of a registry say.
    """
    with _one_process_at_a_time():
        if not is_installed(HERE):
            _run("npm", "ci", "--no-progress")
        if _is_older(DIST / "react/app.js", *_source_files()):
            _run("node", "build.mjs")


def is_installed(folder: Path) -> bool:
    """Tell whether ``node_modules`` has what the lock file pins, by what they say: a new checkout has new times.

    ``npm ci`` empties the folder first, also one that other checkouts link to and use at the moment.
    """
    try:
        found = json.loads((folder / "node_modules/.package-lock.json").read_text())["packages"]
    except FileNotFoundError:
        return False
    pinned = json.loads((folder / "package-lock.json").read_text())["packages"]
    # The root is no package, and of those for other platforms none is installed.
    needed = {name: one for name, one in pinned.items() if name and not one.get("optional")}
    return all(found.get(name) == one for name, one in needed.items())


@contextmanager
def _one_process_at_a_time() -> Iterator[None]:
    DIST.mkdir(exist_ok=True)
    with (DIST / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _source_files() -> list[Path]:
    return [file for source in SOURCES for file in [HERE / source, *(HERE / source).glob("*")]]


def _is_older(target: Path, *sources: Path) -> bool:
    return not target.exists() or any(target.stat().st_mtime < file.stat().st_mtime for file in sources)


def _run(*command: str) -> None:
    # No browser of anybody's is downloaded: the tests drive the one that the system has.
    environment = {**os.environ, "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"}
    done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NpmFailed(
            f"the outcome of `{' '.join(command)}` in tests/browser ({done.stderr.strip()[-500:]})"
        )


class _SinglePage(SimpleHTTPRequestHandler):
    """Files as they are; every other path is the page, which does its own routing."""

    def do_GET(self) -> None:
        if not Path(self.translate_path(self.path)).is_file():
            self.path = "/index.html"
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serve(name: str) -> Iterator[int]:
    """Serve ``dist/<name>`` on the loopback interface; gives the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_SinglePage, directory=str(DIST / name)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
