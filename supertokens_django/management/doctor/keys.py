"""The signing keys: what each does, and when the next one takes over.  Their private halves are never told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from supertokens_django import clock, conf, db
from supertokens_django.management.doctor.findings import BROKEN_SETTINGS, Finding, cause
from supertokens_django.management.doctor.state import NOBODY_TO_ASK
from supertokens_django.recipes.jwt.conf import SigningKeyConf
from supertokens_django.recipes.jwt.key_verbs import ENDED, RETIRED, SigningKeyInformation
from supertokens_django.recipes.jwt.keys import ring
from supertokens_django.recipes.jwt.models import SigningKey
from supertokens_django.services import jwt

NO_TABLE = "Their table is not there yet."


@dataclass(frozen=True)
class KeyReport:
    """One key; ``age`` is in seconds.  Moments are RFC 3339, in UTC."""

    kid: str
    kind: str
    state: str
    created_at: str
    age: int
    can_be_decrypted: bool


@dataclass(frozen=True)
class KeysReport:
    """``next_rotation``: when the next dynamic key begins to sign, if nobody rotates before."""

    keys: list[KeyReport] = field(default_factory=list)
    next_rotation: str | None = None
    error: str | None = None

    def problems(self) -> Iterator[Finding]:
        if self.error not in (None, NO_TABLE, NOBODY_TO_ASK, BROKEN_SETTINGS):  # those are told of elsewhere
            yield Finding("ERROR", None, f"The signing keys cannot be read: {self.error}")
        lost = [key.kid for key in self.keys if not key.can_be_decrypted]
        if lost:
            text = f"SECRET_KEY does not decrypt {', '.join(lost)}: no such key signs any more."
            hint = "Put the SECRET_KEY of before into SECRET_KEY_FALLBACKS, if it has not leaked."
            yield Finding("WARNING", None, text, hint)


def keys(unreachable: str | None = None) -> KeysReport:
    """Read the table; no key is made.  ``unreachable`` says why the database cannot be asked."""
    if unreachable:
        return KeysReport(error=NOBODY_TO_ASK)
    try:
        connection = connections[db.write_alias()]
        if SigningKey._meta.db_table not in connection.introspection.table_names():
            return KeysReport(error=NO_TABLE)
        interval = conf.section(SigningKeyConf).signing_key_rotation_interval
        found = jwt.list_signing_keys()
        can_sign = {key.kid for key in ring.all() if key.can_sign}
    except ImproperlyConfigured:
        return KeysReport(error=BROKEN_SETTINGS)
    except Exception as error:
        return KeysReport(error=cause(error))
    rows = [_key(key, key.kid in can_sign or key.state in (RETIRED, ENDED)) for key in found]
    dynamic = [key.created_at for key in found if key.kind == SigningKey.Kind.DYNAMIC and key.kid in can_sign]
    return KeysReport(rows, _text(max(dynamic) + interval) if dynamic else None)


def _key(key: SigningKeyInformation, can_be_decrypted: bool) -> KeyReport:
    age = int((clock.now() - key.created_at).total_seconds())
    return KeyReport(key.kid, key.kind, key.state, _text(key.created_at), age, can_be_decrypted)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
