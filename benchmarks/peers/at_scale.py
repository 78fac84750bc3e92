"""supertokens_django with the admin, on a database that :mod:`benchmarks.seed` has filled; nobody's peer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.core.handlers.wsgi import WSGIHandler
from django.urls import path

from benchmarks.cases import Case
from benchmarks.peers.ours import Ours


class AtScale(Ours):
    apps: ClassVar[Sequence[str]] = (
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "django.contrib.admin",
        *Ours.apps,
    )
    middleware: ClassVar[Sequence[str]] = (
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        *Ours.middleware,
    )

    def settings(self) -> Mapping[str, Any]:
        context = "django.contrib.{}.context_processors.{}"
        processors = [context.format("auth", "auth"), context.format("messages", "messages")]
        processors.append("django.template.context_processors.request")
        return {
            **super().settings(),
            "STATIC_URL": "static/",
            "TEMPLATES": [
                {
                    "BACKEND": "django.template.backends.django.DjangoTemplates",
                    "APP_DIRS": True,
                    "OPTIONS": {"context_processors": processors},
                }
            ],
        }

    def urls(self) -> list[Any]:
        from django.contrib import admin

        return [*super().urls(), path("admin/", admin.site.urls)]

    def prepare(self) -> None:
        """Have everything read once, so that the operating system has it in memory: else the disk is measured."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
            cursor.execute(
                "SELECT sum(pg_prewarm(oid, 'read')) FROM pg_class "
                "WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace"
            )

    def cases(self, own: WSGIHandler) -> dict[str, Case]:
        from benchmarks import scale_cases

        return scale_cases.cases(own)


peer = AtScale()
