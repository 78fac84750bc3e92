"""A router that gives this app's tables a database of their own, with the users that they point at."""

from __future__ import annotations

from typing import Any

APPS = ("supertokens_django", "auth", "contenttypes")


class AuthRouter:
    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "auth" if model._meta.app_label in APPS else None

    db_for_write = db_for_read
