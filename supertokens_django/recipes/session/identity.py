"""Whom the next session of a request is for, where a sign-in has found and locked that already."""

from __future__ import annotations

from django.http import HttpRequest

from supertokens_django.users.accounts import WireIdentity


def remember(request: HttpRequest, who: WireIdentity) -> None:
    """Spare the session made next the query for its user."""
    request._supertokens_identity = who  # type: ignore[attr-defined]


def recall(request: HttpRequest | None, recipe_user_id: str) -> WireIdentity | None:
    """What was remembered about this id, once."""
    who: WireIdentity | None = request.__dict__.pop("_supertokens_identity", None) if request else None
    if who is None or who.login_method is None or who.login_method.id != recipe_user_id:
        return None
    return who
