"""What an operator does with the signing keys; the verbs behind ``manage.py supertokens_keys``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from asgiref.sync import sync_to_async
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from supertokens_django import clock, conf, db
from supertokens_django.crypto import jwt
from supertokens_django.recipes.jwt.conf import SigningKeyConf
from supertokens_django.recipes.jwt.exceptions import UnknownSigningKeyError
from supertokens_django.recipes.jwt.keys import MEMORY, OVERLAP, LoadedKey, ring
from supertokens_django.recipes.jwt.models import SigningKey

SIGNING, NEXT, VERIFYING, RETIRED, ENDED = "signing", "next", "verifying", "retired", "ended"


@dataclass(frozen=True)
class SigningKeyInformation:
    """A signing key without its private half.

    ``state`` is one of ``signing``, ``next`` (published, signs from ``signs_from`` on), ``verifying`` (its successor
    signs), ``retired`` (signs no more, still verifies) and ``ended`` (verifies no more).
    """

    kid: str
    kind: str
    state: str
    created_at: datetime
    signs_from: datetime | None
    retired_at: datetime | None
    accepted_until: datetime | None
    """None: without end."""


class KeyVerbs:
    """The part of :class:`JwtService` for operators."""

    def list_signing_keys(self) -> list[SigningKeyInformation]:
        """Every key in the table, newest first: the dynamic ones, then the static ones."""
        keys = ring.all()
        signers = [ring.signer(kind) for kind in SigningKey.Kind.values]
        return [_information(key, signers) for key in keys]

    async def alist_signing_keys(self) -> list[SigningKeyInformation]:
        """See :meth:`list_signing_keys`."""
        return await sync_to_async(self.list_signing_keys)()

    def rotate_signing_key(self, static: bool = False) -> SigningKeyInformation:
        """Publish a new key, which signs 60 seconds later; the one before goes on verifying.

        Within these 60 seconds another call makes no further key, and gives the same one.
        """
        key = ring.rotate(_kind(static))
        return _information(key, [ring.signer(key.kind)])

    async def arotate_signing_key(self, static: bool = False) -> SigningKeyInformation:
        """See :meth:`rotate_signing_key`."""
        return await sync_to_async(self.rotate_signing_key)(static)

    def retire_signing_key(self, kid: str, now: bool = False) -> SigningKeyInformation:
        """Let a key sign no more; where it was the one that signs, another one does from now on.

        It verifies until the session tokens of it have expired.  A static key goes on verifying: how long the JWTs
        live that it has signed is known to nobody.  With ``now`` no token of the key is accepted any more.  Other
        processes follow within 60 seconds.

        Raises:
            UnknownSigningKeyError: there is no such key.
        """
        rows, moment = SigningKey.objects.using(db.write_alias()).filter(pk=kid), clock.now()
        if now:
            rows.filter(Q(accepted_until=None) | Q(accepted_until__gt=moment)).update(
                retired_at=Coalesce(F("retired_at"), moment), accepted_until=moment
            )
        elif (key := rows.first()) is not None:
            rows.filter(retired_at=None).update(retired_at=moment, accepted_until=_end_of_tokens(key, moment))
        found = [key for key in ring.all() if key.kid == kid]
        if not found:
            raise UnknownSigningKeyError(kid)
        signer = ring.signing_key(dynamic=found[0].kind == SigningKey.Kind.DYNAMIC)
        return _information(found[0], [signer])

    async def aretire_signing_key(self, kid: str, now: bool = False) -> SigningKeyInformation:
        """See :meth:`retire_signing_key`."""
        return await sync_to_async(self.retire_signing_key)(kid, now)

    def get_signing_kid(self, static: bool = False) -> str:
        """The ``kid`` of the key that signs now; the key is made where there is none."""
        return ring.signing_key(dynamic=not static).kid

    async def aget_signing_kid(self, static: bool = False) -> str:
        """See :meth:`get_signing_kid`."""
        return await sync_to_async(self.get_signing_kid)(static)

    def get_public_key_pem(self, kid: str) -> str:
        """The public half of a key as PEM (SubjectPublicKeyInfo, RFC 5280 §4.1).

        Raises:
            UnknownSigningKeyError: there is no such key, or it verifies no more.
        """
        return jwt.public_pem(_published(kid).public_key)

    async def aget_public_key_pem(self, kid: str) -> str:
        """See :meth:`get_public_key_pem`."""
        return await sync_to_async(self.get_public_key_pem)(kid)

    def get_public_jwk(self, kid: str) -> dict[str, str]:
        """The public half of a key as JSON Web Key (RFC 7517 §4).

        Raises:
            UnknownSigningKeyError: there is no such key, or it verifies no more.
        """
        return jwt.public_jwk(_published(kid).public_key, kid)

    async def aget_public_jwk(self, kid: str) -> dict[str, str]:
        """See :meth:`get_public_jwk`."""
        return await sync_to_async(self.get_public_jwk)(kid)


def information_of(row: SigningKey) -> SigningKeyInformation:
    """What a row of the table does now; no query where the keys are in memory."""
    return _information(LoadedKey.of(row), [ring.signer(row.kind)])


def _kind(static: bool) -> str:
    return SigningKey.Kind.STATIC if static else SigningKey.Kind.DYNAMIC


def _published(kid: str) -> LoadedKey:
    for key in ring.all():
        if key.kid == kid and key.is_accepted():
            return key
    raise UnknownSigningKeyError(kid)


def _end_of_tokens(key: SigningKey, now: datetime) -> datetime | None:
    """When the session tokens of a dynamic key have expired that is retired now; some process may not know it yet."""
    if key.kind == SigningKey.Kind.STATIC:
        return None
    settings = conf.section(SigningKeyConf)
    return now + timedelta(seconds=MEMORY) + 2 * settings.access_token_lifetime


def _information(key: LoadedKey, signers: list[LoadedKey | None]) -> SigningKeyInformation:
    state = _state(key, signers)
    return SigningKeyInformation(
        kid=key.kid,
        kind=key.kind,
        state=state,
        created_at=key.created_at,
        signs_from=key.created_at + OVERLAP if state == NEXT else None,
        retired_at=key.retired_at,
        accepted_until=_end(key),
    )


def _state(key: LoadedKey, signers: list[LoadedKey | None]) -> str:
    if not key.is_accepted():
        return ENDED
    if key.retired_at is not None:
        return RETIRED
    if key in signers:
        return SIGNING
    is_fresh = clock.now() - key.created_at < OVERLAP and key.can_sign
    return NEXT if is_fresh else VERIFYING


def _end(key: LoadedKey) -> datetime | None:
    """When the key verifies no more: what was decided, or its natural end, whichever is earlier."""
    ends = [key.accepted_until] if key.accepted_until else []
    if key.kind == SigningKey.Kind.DYNAMIC:
        period = timedelta(milliseconds=conf.section(SigningKeyConf).verification_period)
        ends.append(key.created_at + period)
    return min(ends, default=None)
