"""What is known about a session without its tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from supertokens_django import clock
from supertokens_django.recipes.session.rows import SessionState


@dataclass(frozen=True)
class SessionInformation:
    """A session as stored; times in milliseconds since the epoch."""

    session_handle: str
    user_id: str
    recipe_user_id: str
    tenant_id: str
    session_data_in_database: dict[str, Any]
    custom_claims_in_access_token_payload: dict[str, Any]
    expiry: int
    time_created: int
    time_refreshed: int | None = None
    """When the session was refreshed last; None for one that never was."""
    ip_address: str | None = None
    user_agent: str = ""
    """Where it was created or refreshed last."""
    actor: str | None = None
    """Who acts as the user in it, as its access tokens name them."""

    @classmethod
    def of(cls, state: SessionState) -> SessionInformation:
        row = state.row
        return cls(
            session_handle=row.handle,
            user_id=state.user_id,
            recipe_user_id=row.recipe_user_id,
            tenant_id=row.tenant_id,
            session_data_in_database=row.session_data,
            custom_claims_in_access_token_payload=row.access_token_payload,
            expiry=clock.milliseconds(row.expires_at),
            time_created=clock.milliseconds(row.created_at),
            time_refreshed=None if row.refreshed_at is None else clock.milliseconds(row.refreshed_at),
            ip_address=row.ip_address,
            user_agent=row.user_agent,
            actor=row.actor_sub or None,
        )


@dataclass(frozen=True)
class AnonymousSession:
    """What an anonymous session held when it was left."""

    user_id: str
    """The id that was nobody's."""
    access_token_payload: dict[str, Any]
    """The plain keys: no claims, nothing of ours."""
    session_data_in_database: dict[str, Any]
