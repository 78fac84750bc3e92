"""The key ring: which keys sign, which verify, which are published (FDI; the times are those of the core).

With I = SIGNING_KEY_ROTATION_INTERVAL, A = ACCESS_TOKEN_LIFETIME and O = 60 s: a dynamic key verifies until
created + I + 2 A; a new one is made once the newest is older than I - O; it is published for O before it signs.

Keys are held in memory as loaded objects.  A miss reads the table once, and so does the first use after ``MEMORY``
seconds: that is how soon a process learns of keys that were made or retired elsewhere.
"""

from __future__ import annotations

import logging
import re
import threading
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from django.core.exceptions import SynchronousOnlyOperation
from django.db import Error, IntegrityError, connections
from django.db.models import Q, QuerySet, Subquery

from supertokens_django import clock, conf, db
from supertokens_django.crypto import jwt, secrets
from supertokens_django.recipes.jwt.conf import SigningKeyConf
from supertokens_django.recipes.jwt.models import SigningKey

logger = logging.getLogger("supertokens_django")

OVERLAP = timedelta(seconds=60)
MEMORY = 60.0
"""Seconds for which a process trusts what it has read of the table."""
_KID = re.compile(r"d-\d{13,14}|s-[0-9a-zA-Z-]{1,60}")


@dataclass(frozen=True)
class LoadedKey:
    """A row of the table with its key objects; the private half is decrypted when it first signs."""

    kid: str
    kind: str
    created_at: datetime
    public_pem: str
    encrypted_private_key: str = field(repr=False)
    retired_at: datetime | None = None
    accepted_until: datetime | None = None

    @classmethod
    def of(cls, row: SigningKey) -> LoadedKey:
        return cls(
            row.kid,
            row.kind,
            row.created_at,
            row.public_key,
            row.private_key,
            row.retired_at,
            row.accepted_until,
        )

    @cached_property
    def public_key(self) -> RSAPublicKey:
        return jwt.load_public_key(self.public_pem)

    @cached_property
    def private_key(self) -> RSAPrivateKey:
        """Decrypted when it first signs.

        Raises:
            DecryptionError: it was encrypted under a SECRET_KEY that is no longer known.
        """
        return jwt.load_private_key(secrets.decrypt(self.encrypted_private_key))

    @cached_property
    def can_sign(self) -> bool:
        """Tell whether the key was not retired and can be decrypted; one that cannot sign still verifies."""
        try:
            return self.retired_at is None and bool(self.private_key)
        except secrets.DecryptionError:
            return False

    @cached_property
    def is_static(self) -> bool:
        return self.kind == SigningKey.Kind.STATIC

    @cached_property
    def created_at_ms(self) -> int:
        return clock.milliseconds(self.created_at)

    @cached_property
    def accepted_until_ms(self) -> int | None:
        return clock.milliseconds(self.accepted_until) if self.accepted_until else None

    def is_accepted(self, now: int | None = None) -> bool:
        """Tell whether the key still verifies, at ``now`` in milliseconds; a static one does until it is retired."""
        now = now or clock.now_in_milliseconds()
        if self.accepted_until_ms is not None and now >= self.accepted_until_ms:
            return False
        if self.is_static:
            return True
        return now - self.created_at_ms <= conf.section(SigningKeyConf).verification_period


@dataclass(frozen=True)
class _Snapshot:
    keys: dict[str, LoadedKey]
    transaction: db.TransactionWatch
    trusted_until: float
    """By the clock that nobody can set."""

    @property
    def is_old(self) -> bool:
        return clock.monotonic() > self.trusted_until

    def still_holds(self, keys: dict[str, LoadedKey]) -> bool:
        """Tell whether what was read says the same as what has been read now, whatever becomes of that transaction."""
        is_settled = not (self.transaction.was_rolled_back() or self.transaction.is_open_elsewhere())
        return is_settled and self.keys == keys

    def newest(self, kind: str) -> list[LoadedKey]:
        found = [key for key in self.keys.values() if key.kind == kind]
        return sorted(found, key=lambda key: (key.created_at, key.kid), reverse=True)


class KeyRing:
    """The signing keys of this process; one instance, shared by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._snapshot: _Snapshot | None = None
        self.generate: Callable[[], RSAPrivateKey] = jwt.generate_private_key

    def forget(self, **kwargs: Any) -> None:
        """Drop what is in memory; the next use reads the table.  Also a receiver: of a migrated or emptied database."""
        self._snapshot = None

    def knows(self, kid: str) -> bool:
        """Tell whether ``kid`` can be looked up without a query."""
        return kid in self._known().keys if self._usable() else False

    def public_key(self, kid: str) -> RSAPublicKey | None:
        """The key that verifies ``kid``, or None.  An unknown ``kid`` reads the table once: another process made it."""
        if not _KID.fullmatch(kid):
            return None
        key = self._known().keys.get(kid) or self._reload().keys.get(kid)
        return key.public_key if key and key.is_accepted() else None

    def accepts(self, kid: str, now: int) -> bool:
        """Tell, without a query, whether a token that verified before under ``kid`` may still be accepted."""
        snapshot = self._snapshot
        if snapshot is None or snapshot.transaction.was_rolled_back() or snapshot.is_old:
            return False
        key = snapshot.keys.get(kid)
        return key is not None and key.is_accepted(now)

    def public_keys(self) -> list[RSAPublicKey]:
        """Every key that still verifies, for tokens without a ``kid``."""
        return [key.public_key for key in self._known().keys.values() if key.is_accepted()]

    def signing_key(self, *, dynamic: bool) -> LoadedKey:
        """The key to sign with now; made, or read from the table, when it is due."""
        kind, known = SigningKey.Kind.DYNAMIC if dynamic else SigningKey.Kind.STATIC, self._known()
        # A key of somebody else's open transaction verifies nothing if that is rolled back.
        found = None if known.transaction.is_open_elsewhere() else self._choose(kind, known)
        return found or self._choose(kind, self._reload()) or self._make(kind)

    def all(self) -> list[LoadedKey]:
        """Every key as it stands in the table, newest first: the dynamic ones, then the static ones."""
        snapshot = self._reload()
        return snapshot.newest(SigningKey.Kind.DYNAMIC) + snapshot.newest(SigningKey.Kind.STATIC)

    def signer(self, kind: str) -> LoadedKey | None:
        """The key of a kind that signs now, by what is in memory; None when one is due."""
        return self._choose(kind, self._known())

    def rotate(self, kind: str) -> LoadedKey:
        """Publish the next key of a kind, and give it.

        Where the newest is younger than ``OVERLAP``, it is that one: whoever rotates at the same time means the same.
        """
        with self._turn():
            keys = self._reload().newest(kind)
            if not keys or not keys[0].can_sign or clock.now() - keys[0].created_at >= OVERLAP:
                self._insert(kind, keys)
            return self._reload().newest(kind)[0]

    def published(self) -> list[LoadedKey]:
        """The keys of the JWKS endpoint as they stand in the table: dynamic ones newest first, then static ones."""
        self.signing_key(dynamic=True)
        self.signing_key(dynamic=False)
        return [key for key in self.all() if key.is_accepted()]

    def seconds_until_next_key(self) -> int:
        """How long the published set stays complete, in seconds, at least 1."""
        newest = next((key for key in self._known().newest(SigningKey.Kind.DYNAMIC) if key.can_sign), None)
        if newest is None:
            return 1
        due = newest.created_at + conf.section(SigningKeyConf).signing_key_rotation_interval - OVERLAP
        return max(1, int((due - clock.now()).total_seconds()))

    def _choose(self, kind: str, snapshot: _Snapshot) -> LoadedKey | None:
        """The signing key of ``snapshot``, or None when a new one is due."""
        keys = [key for key in snapshot.newest(kind) if key.can_sign]
        if not keys:
            return None
        now, interval = clock.now(), conf.section(SigningKeyConf).signing_key_rotation_interval
        is_static = kind == SigningKey.Kind.STATIC
        if not is_static and keys[0].created_at < now - interval + OVERLAP:
            return None
        is_fresh = now - keys[0].created_at < OVERLAP
        if is_fresh and len(keys) > 1 and (is_static or now - keys[1].created_at < interval):
            return keys[1]  # the newest is published but may not have reached every verifier yet
        return keys[0]

    def _usable(self) -> bool:
        snapshot = self._snapshot
        return snapshot is not None and not snapshot.transaction.was_rolled_back() and not snapshot.is_old

    def _known(self) -> _Snapshot:
        snapshot = self._snapshot
        if snapshot is None or snapshot.transaction.was_rolled_back():
            return self._reload()
        return self._read_again(snapshot) if snapshot.is_old else snapshot

    def _read_again(self, snapshot: _Snapshot) -> _Snapshot:
        """Read the table because time has passed; one thread does.  Without a database what is known goes on."""
        self._snapshot = kept = replace(snapshot, trusted_until=clock.monotonic() + MEMORY)
        try:
            return self._reload()
        except SynchronousOnlyOperation:
            self._snapshot = snapshot  # inside an event loop: the next thread reads
        except Error:
            logger.warning("The signing keys cannot be read; those in memory go on.", exc_info=True)
        return kept

    def _reload(self) -> _Snapshot:
        mark, known, end = db.TransactionWatch(), self._snapshot, clock.monotonic() + MEMORY
        old = known.keys if known else {}
        rows = SigningKey.objects.using(db.write_alias()).order_by("-created_at")
        keys = {row.kid: self._load(row, old.get(row.kid)) for row in rows}
        if known is not None and known.still_holds(keys):
            mark = known.transaction  # what this one has read stays true if it is rolled back
        self._snapshot = snapshot = _Snapshot(keys, mark, end)
        return snapshot

    @staticmethod
    def _load(row: SigningKey, known: LoadedKey | None) -> LoadedKey:
        """Keep the loaded key objects of an unchanged row."""
        loaded = LoadedKey.of(row)
        if known is None or known != loaded:
            return loaded
        return known if known.can_sign or known.retired_at is not None else loaded

    def _make(self, kind: str) -> LoadedKey:
        with self._turn():
            known = self._reload()  # another thread may have made it while this one waited
            found = self._choose(kind, known)
            if found is None:
                self._insert(kind, known.newest(kind))
                found = self._choose(kind, self._reload())
            if found is None:
                raise RuntimeError(
                    "the new signing key cannot be read back; is SECRET_KEY the same in all processes?"
                )
            return found

    def _turn(self) -> AbstractContextManager[Any]:
        """Let one thread at a time make keys, where none of them is inside a transaction.

        One inside a transaction does not wait: who makes a key outside may be waiting for that transaction to end.
        """
        is_inside = connections[db.write_alias()].in_atomic_block
        return nullcontext() if is_inside else self._lock

    def _insert(self, kind: str, existing: list[LoadedKey]) -> None:
        private, now = self.generate(), clock.now()
        if existing:  # newer than its predecessor by any process's clock, and of another name
            now = max(now, existing[0].created_at + timedelta(milliseconds=1))
        is_dynamic = kind == SigningKey.Kind.DYNAMIC
        row = SigningKey(
            kid=f"d-{clock.milliseconds(now)}" if is_dynamic else f"s-{uuid.uuid4()}",
            kind=kind,
            created_at=now,
            public_key=jwt.public_pem(private.public_key()),
            private_key=secrets.encrypt(jwt.private_pem(private)),
            predecessor=existing[0].kid if existing else "",
        )
        with suppress(IntegrityError):  # another process was first; its key is read instead
            db.transactional(row.save)(force_insert=True, using=db.write_alias())


ring = KeyRing()


def keys_that_ended_before(moment: datetime) -> QuerySet[SigningKey]:
    """The keys that verify nothing any more since then; the newest dynamic one stays, for the next one follows it."""
    period = timedelta(milliseconds=conf.section(SigningKeyConf).verification_period)
    dynamic = SigningKey.objects.filter(kind=SigningKey.Kind.DYNAMIC)
    newest = dynamic.order_by("-created_at", "-kid").values("pk")[:1]
    by_nature = Q(kind=SigningKey.Kind.DYNAMIC, created_at__lt=moment - period)
    by_decision = Q(accepted_until__lt=moment)
    return SigningKey.objects.filter(by_nature | by_decision).exclude(pk=Subquery(newest))
