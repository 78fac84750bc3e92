"""Rows that have expired, and running the command over them."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from supertokens_django.models import LoginMethod, PasswordResetToken, Session


def make_sessions(count: int, *, expired: timedelta = timedelta(days=1), name: str = "old") -> list[str]:
    """Sessions of nobody that expired so long ago, all at the same moment; gives their handles."""
    moment = timezone.now() - expired
    rows = Session.objects.bulk_create(
        Session(handle=f"{name}-{number:05}", tenant_id="public", recipe_user_id="x", expires_at=moment)
        for number in range(count)
    )
    return [row.handle for row in rows]


def make_reset_tokens(user_id: str, count: int, *, expired: timedelta = timedelta(days=1)) -> None:
    moment = timezone.now() - expired
    method = LoginMethod.objects.get(pk=user_id)
    PasswordResetToken.objects.bulk_create(
        PasswordResetToken(
            token_hash=f"{count}-{number:060}",
            login_method=method,
            email="alice@example.com",
            expires_at=moment,
        )
        for number in range(count)
    )


def handles() -> list[str]:
    return sorted(Session.objects.values_list("handle", flat=True))


def clean_up(**options: Any) -> str:
    """Run the command; gives what it prints."""
    out = StringIO()
    call_command("supertokens_cleanup", stdout=out, **options)
    return out.getvalue()


def deleted(**options: Any) -> dict[str, int]:
    """Run the command; gives the number of deleted rows of each kind that had some."""
    found = re.findall(r"^(.+): (\d+) deleted$", clean_up(**options), re.MULTILINE)
    return {kind: int(number) for kind, number in found if number != "0"}
