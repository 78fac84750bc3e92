"""The devices on which a visitor is signed in, as the account page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.timesince import timesince

from supertokens_django import clock
from supertokens_django.pages.visitors import Visitor
from supertokens_django.recipes.session import devices
from supertokens_django.recipes.session.information import SessionInformation
from supertokens_django.recipes.session.service import session

SHOWN = 100
"""How many are listed; signing out of all others means those that are not shown as well."""
PHONES = ("iPhone", "Android", "Mobile", "iPad")
A_MOMENT = 60
"""Seconds."""


@dataclass(frozen=True)
class Device:
    """One session."""

    handle: str
    name: str
    """What it is, in words: "Firefox on Windows"."""
    is_phone: bool
    is_this_one: bool
    is_support: bool
    """Whether somebody else uses it, who acts as the visitor."""
    ip_address: str | None
    signed_in_at: datetime
    last_used_at: datetime
    """As far as is known: the last refresh."""
    idle_for: str
    """How long ago that was, in words; "" for a moment ago."""


def of(visitor: Visitor) -> list[Device]:
    """Where a visitor is signed in: this device first, then those that were used last."""
    own = visitor.session.get_handle()
    found = session.get_sessions_used_last(visitor.user_id, SHOWN)
    if all(item.session_handle != own for item in found):
        this_one = session.get_session_information(own)
        found = [*([this_one] if this_one else []), *found[: SHOWN - 1]]
    return sorted((_device(item, own) for item in found), key=lambda device: not device.is_this_one)


def _device(item: SessionInformation, own_handle: str) -> Device:
    last_used_at = _moment(item.time_refreshed or item.time_created)
    return Device(
        handle=item.session_handle,
        name=devices.describe(item.user_agent),
        is_phone=any(sign in item.user_agent for sign in PHONES),
        is_this_one=item.session_handle == own_handle,
        is_support=item.actor is not None,
        ip_address=item.ip_address,
        signed_in_at=_moment(item.time_created),
        last_used_at=last_used_at,
        idle_for=_idle_for(last_used_at),
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _idle_for(last_used_at: datetime) -> str:
    now = clock.now()
    return timesince(last_used_at, now, depth=1) if (now - last_used_at).total_seconds() >= A_MOMENT else ""
