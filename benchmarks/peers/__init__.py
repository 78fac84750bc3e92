"""The projects that are compared: the same view, signed in to by one library each, in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, ClassVar, cast

from django.core.handlers.wsgi import WSGIHandler

from benchmarks.cases import Case

NAMES = ("ours", "simplejwt", "allauth", "knox", "django_sessions", "supertokens_python")


class Peer:
    """A project as the documentation of its library has it.  Libraries are imported by its methods alone."""

    title: ClassVar[str]
    packages: ClassVar[Sequence[str]]
    """The distributions whose versions are told."""
    apps: ClassVar[Sequence[str]] = ()
    """Beyond Django's ``contenttypes`` and ``auth``."""
    middleware: ClassVar[Sequence[str]] = ()
    """Beyond ``CommonMiddleware``, which every project has."""

    def settings(self) -> Mapping[str, Any]:
        """Further settings."""
        return {}

    def urls(self) -> list[Any]:
        """URL patterns beside that of the bare view."""
        return []

    def prepare(self) -> None:
        """Called once when Django is set up, the database empty."""

    def cases(self, own: WSGIHandler) -> dict[str, Case]:
        """What is measured, by name; ``own`` has the project's middleware."""
        raise NotImplementedError


class Nobody(Peer):
    """Django alone: what start-up and memory are compared with."""

    title = "Django alone"
    packages = ("Django",)


@cache
def current() -> Peer:
    """The project of this process, as the environment says."""
    return load(os.environ.get("BENCHMARKS_PEER", "ours"))


def load(name: str) -> Peer:
    if name == "nobody":
        return Nobody()
    return cast(Peer, import_module(f"benchmarks.peers.{name}").peer)
