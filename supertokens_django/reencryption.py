"""Encrypting anew, under the current SECRET_KEY, what is encrypted under one of SECRET_KEY_FALLBACKS.

A batch at a time, in the order of the primary key; each row is written only if it still is what was read.  Any number
of processes may do it at once, and one that was stopped is not missed: what is done is passed by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from supertokens_django import db, registry
from supertokens_django.crypto import secrets
from supertokens_django.registry import Encrypted


@dataclass(frozen=True)
class Batch:
    """What became of one batch: how many texts are encrypted anew (or would be), and how many no key decrypts.

    ``last`` is None when there were no rows any more.
    """

    renewed: int
    lost: int
    last: Any


def kinds() -> Sequence[Encrypted]:
    """What there is that is encrypted, of every recipe: one that is switched off has left rows too."""
    return [kind for recipe in registry.mountable() for kind in recipe.encrypted()]


def count(kind: Encrypted) -> int:
    """How many rows there are to look at."""
    return kind.rows().using(db.write_alias()).count()


@db.transactional
def renew_batch(kind: Encrypted, size: int, after: Any = None, *, is_rehearsal: bool = False) -> Batch:
    """Encrypt the next ``size`` rows anew; ``after`` is where the last batch ended.  A rehearsal writes nothing."""
    rows = kind.rows().using(db.write_alias()).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found: list[tuple[Any, str | None]] = list(rows.values_list("pk", kind.field)[:size])
    renewed = lost = 0
    for key, text in found:
        try:
            new = secrets.renewed(text) if text else None
        except secrets.DecryptionError:
            lost += 1
            continue
        if new is not None:
            renewed += is_rehearsal or rows.filter(pk=key, **{kind.field: text}).update(**{kind.field: new})
    return Batch(renewed, lost, found[-1][0] if found else None)
