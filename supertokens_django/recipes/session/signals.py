"""Signals about sessions; see :mod:`supertokens_django.signals`."""

from __future__ import annotations

from typing import Any

from django.dispatch import Signal
from django.http import HttpRequest

from supertokens_django import db
from supertokens_django.exceptions import TokenTheftError

# Arguments: request (or None), session_handle, user_id, recipe_user_id
session_created = Signal()
session_refreshed = Signal()
token_theft_detected = Signal()

# Arguments: session_handles
session_revoked = Signal()

# Arguments: request, anonymous_user_id, user_id, session
anonymous_session_left = Signal()

# Arguments: request (or None), session_handle, user_id, actor, reason
impersonation_started = Signal()
impersonation_ended = Signal()


def announce(signal: Signal, sender: Any, request: HttpRequest | None, state: Any) -> None:
    """Send one of the first three about a session's state, once the transaction is committed."""
    _send_on_commit(signal, sender, request, (state.row.handle, state.user_id, state.row.recipe_user_id))


def announce_theft(sender: Any, request: HttpRequest | None, theft: TokenTheftError) -> None:
    """Send ``token_theft_detected`` once the transaction is committed."""
    about = (theft.session_handle, theft.user_id, theft.recipe_user_id)
    _send_on_commit(token_theft_detected, sender, request, about)


def announce_left(request: HttpRequest, anonymous_user_id: str, session: Any) -> None:
    """Send ``anonymous_session_left`` once the transaction is committed."""
    arguments = {"anonymous_user_id": anonymous_user_id, "user_id": session.get_user_id(), "session": session}
    db.on_commit(lambda: anonymous_session_left.send_robust(type(session), request=request, **arguments))


def announce_impersonation(
    signal: Signal, sender: Any, request: HttpRequest | None, about: tuple[str, str, Any, str]
) -> None:
    """Send one of the last two once the transaction is committed."""
    arguments = dict(zip(("session_handle", "user_id", "actor", "reason"), about, strict=True))
    db.on_commit(lambda: signal.send_robust(sender, request=request, **arguments))


def _send_on_commit(
    signal: Signal, sender: Any, request: HttpRequest | None, about: tuple[str, str, str]
) -> None:
    arguments = dict(zip(("session_handle", "user_id", "recipe_user_id"), about, strict=True))
    db.on_commit(lambda: signal.send_robust(sender, request=request, **arguments))
