"""Moving stored sessions to the other kind of signing key, after a change of the setting.

Each session moves by itself with its next refresh; this is for those that should not wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from supertokens_django import db
from supertokens_django.recipes.session.models import Session


@dataclass(frozen=True)
class Batch:
    """How many sessions one batch has moved; ``last`` is None when there were none to move any more."""

    moved: int
    last: str | None


def count(*, static: bool) -> int:
    """How many sessions there are to move."""
    return _others(static).count()


@db.transactional
def move_batch(size: int, *, static: bool, after: str = "") -> Batch:
    """Move the next ``size`` sessions, in the order of their handles; ``after`` is where the last batch ended.

    Any number of processes may do it at once, and while sessions are used: a refresh decides for its own session.
    """
    handles = list(_others(static).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:size])
    if not handles:
        return Batch(0, None)
    return Batch(_others(static).filter(pk__in=handles).update(use_static_key=static), handles[-1])


def _others(static: bool) -> QuerySet[Session]:
    return Session.objects.using(db.write_alias()).filter(use_static_key=not static)
