"""Installs pip from PyPI into the environment that runs this: for systems that ship Python without it."""

import hashlib
import json
import runpy
import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

INDEX = "https://pypi.org/pypi/pip/json"


def main() -> None:
    files = json.load(urlopen(INDEX, timeout=60))["urls"]
    wheel = next(file for file in files if file["packagetype"] == "bdist_wheel")
    content = urlopen(urljoin(INDEX, wheel["url"]), timeout=60).read()
    if hashlib.sha256(content).hexdigest() != wheel["digests"]["sha256"]:
        raise SystemExit(f"{wheel['filename']} is not the file that PyPI lists")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / wheel["filename"]
        path.write_bytes(content)
        sys.path.insert(0, str(path))
        sys.argv = ["pip", "install", "--quiet", "--disable-pip-version-check", str(path)]
        runpy.run_module("pip", run_name="__main__")


main()
