"""Deleting what has expired, a batch at a time; any number of processes may do it at once.

Each batch is a transaction of its own.  It reads by the index of the expiry, and passes by rows that somebody else
holds: another clean-up deletes them, or the next one does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from supertokens_django import clock, db, registry
from supertokens_django.registry import Expired

MARGIN = timedelta(hours=1)
"""How long after its end a row is kept: clocks of servers differ, and a request may be on its way."""

Position = tuple[datetime, Any]
"""Expiry and key of a row: where the next batch begins."""


@dataclass(frozen=True)
class Batch:
    """What became of one batch.  ``last`` is None when there was nothing to delete any more."""

    deleted: int
    last: Position | None


def kinds() -> Sequence[Expired]:
    """What there is to delete, of every recipe: one that is switched off has left rows too."""
    return [kind for recipe in registry.mountable() for kind in recipe.expired()]


def count(kind: Expired, limit: int | None = None) -> int:
    """How many rows there are to delete; counted up to ``limit``."""
    rows = _rows(kind).order_by()
    return (rows if limit is None else rows[:limit]).count()


def delete_batch(kind: Expired, size: int, after: Position | None = None) -> Batch:
    """Delete at most ``size`` rows, those that expired first; ``after`` is where the last batch ended."""
    found: list[Position] = list(_beyond(kind, after).values_list(kind.field, "pk")[:size])
    if not found:
        return Batch(0, None)
    return Batch(_delete(kind, [key for _, key in found]), found[-1])


def _rows(kind: Expired) -> QuerySet[Any]:
    return kind.rows(clock.now() - MARGIN).using(db.write_alias())


def _beyond(kind: Expired, after: Position | None) -> QuerySet[Any]:
    """By the order of the index, from where the last batch ended: deleted rows are not walked through again."""
    rows = _rows(kind).order_by(kind.field, "pk")
    if after is None:
        return rows
    field, (moment, key) = kind.field, after
    is_later = Q(**{f"{field}__gt": moment}) | Q(**{field: moment, "pk__gt": key})
    return rows.filter(is_later, **{f"{field}__gte": moment})


@db.transactional
def _delete(kind: Expired, keys: list[Any]) -> int:
    """Delete those of the rows that are still expired and that nobody else holds; no signal of ours is sent."""
    rows = db.locked(_rows(kind).filter(pk__in=keys), passes_by=True)
    mine = list(rows.values_list("pk", flat=True))
    if mine:
        rows.model._base_manager.using(rows.db).filter(pk__in=mine).delete()
    return len(mine)
