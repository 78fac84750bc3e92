"""The test client of Channels, without the rest of ``channels.testing``: that asks for daphne, a server of its own."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import channels

if "channels.testing" not in sys.modules:
    package = ModuleType("channels.testing")
    package.__path__ = [str(Path(channels.__file__).parent / "testing")]
    sys.modules[package.__name__] = package

WebsocketCommunicator: Any = import_module("channels.testing.websocket").WebsocketCommunicator
