"""Session rows: creating, rotating and ending them.  The verdict on a refresh is a value found under the row's lock."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from supertokens_django import clock, db
from supertokens_django.exceptions import UnauthorisedError
from supertokens_django.prepared import PreparedInsert, PreparedQuery, PreparedUpdate
from supertokens_django.recipes.multitenancy.service import normalise_tenant_id
from supertokens_django.recipes.session import revocations
from supertokens_django.recipes.session.conf import session_conf
from supertokens_django.recipes.session.models import Session
from supertokens_django.recipes.session.signals import session_revoked
from supertokens_django.recipes.session.tokens import PresentedRefreshToken, SessionKey
from supertokens_django.users import accounts, django_user
from supertokens_django.users.ids import own_user_id
from supertokens_django.users.models import DjangoUserLink, LoginMethod, UserIdMapping


class Verdict(Enum):
    """What a presented refresh token means for its session."""

    ROTATED = "rotated"
    IN_GRACE = "in grace"
    REUSED = "reused"


@dataclass(frozen=True)
class Device:
    """Where a session was last created or refreshed."""

    ip_address: str | None = None
    user_agent: str = ""


@dataclass(frozen=True)
class Nature:
    """What sets a session apart from an ordinary one: nobody's, or used by somebody else than its user."""

    is_anonymous: bool = False
    actor: AbstractBaseUser | None = None
    """The member of staff who acts as the session's user."""
    actor_sub: str = ""
    """The actor as the access token names it."""
    reason: str = ""
    ends_at: datetime | None = None
    """When it ends in any case; None where a refresh moves the end on."""


ORDINARY = Nature()


@dataclass(frozen=True)
class SessionState:
    """A row together with its user's id as clients name it."""

    row: Session
    user_id: str
    is_switched_off: bool = False
    """Whether the Django user is."""

    @property
    def key(self) -> SessionKey:
        return SessionKey(self.row.handle, self.row.generation, self.row.secret)

    @property
    def anti_csrf_token(self) -> str | None:
        """The anti-CSRF token of the current generation, where it has one."""
        return self.key.anti_csrf_token if has_anti_csrf_token(self.row, self.row.generation) else None


def has_anti_csrf_token(row: Session, generation: int) -> bool:
    """Tell whether the tokens of this generation came with an anti-CSRF token."""
    return row.anti_csrf_since is not None and generation >= row.anti_csrf_since


def verdict(row: Session, generation: int, now: datetime) -> Verdict:
    """Judge a refresh token by its generation.

    The current one rotates.  So does one that is ahead of the row: it was issued here, and the database has been set
    back to an older state since.  The previous one gets the current one again during the grace period.
    """
    if generation >= row.generation:
        return Verdict.ROTATED
    grace = session_conf().refresh_token_rotation_grace_period
    is_previous = generation == row.generation - 1 and row.refreshed_at is not None
    if is_previous and row.refreshed_at is not None and now <= row.refreshed_at + grace:
        return Verdict.IN_GRACE
    return Verdict.REUSED


def alive() -> QuerySet[Session]:
    """Unexpired sessions, read where they are written: a replica may not know a fresh one yet."""
    return Session.objects.using(db.write_alias()).filter(expires_at__gt=clock.now())


def with_user(rows: QuerySet[Session]) -> QuerySet[Session]:
    """Annotate the primary user's id, its external one, and whether its Django user is off, as they are now."""
    methods = LoginMethod.objects.filter(pk=OuterRef("login_method_id"))
    mappings = UserIdMapping.objects.filter(supertokens_user_id=OuterRef("primary_user_id"))
    return rows.annotate(primary_user_id=Subquery(methods.values("user_id"))).annotate(
        external_user_id=Subquery(mappings.values("external_user_id")),
        is_switched_off=django_user.is_switched_off(OuterRef("primary_user_id")),
    )


def state_of(row: Session) -> SessionState:
    """Give the state of a row from :func:`with_user`."""
    user_id: str | None = row.external_user_id or row.primary_user_id  # type: ignore[attr-defined]
    return SessionState(row, user_id or row.recipe_user_id, is_switched_off=row.is_switched_off)  # type: ignore[attr-defined]


_FIND: PreparedQuery[Session] = PreparedQuery(lambda handle: with_user(Session.objects.filter(pk=handle)))
_HOLD: PreparedQuery[Session] = PreparedQuery(
    lambda handle: with_user(Session.objects.filter(pk=handle).select_for_update())
)


def find(handle: str) -> SessionState | None:
    """An unexpired session, read where it is written: a replica may not know a fresh one yet."""
    row = _FIND.first(handle)
    return None if row is None or row.expires_at <= clock.now() else state_of(row)


def hold(handle: str) -> Session | None:
    """Lock a session, expired or not, until the transaction ends."""
    db.take_write_lock()
    return _HOLD.first(handle)


_INSERT = PreparedInsert(Session)


@db.transactional
def create(
    tenant_id: str,
    who: accounts.WireIdentity,
    payload: Mapping[str, Any],
    session_data: Mapping[str, Any],
    *,
    with_anti_csrf_token: bool,
    device: Device,
    nature: Nature = ORDINARY,
) -> SessionState:
    """Insert a session and note the user's activity, where it is the user's own."""
    now = clock.now()
    handle = str(uuid.uuid4()) + ("" if tenant_id == "public" else f"_{tenant_id}")
    row = Session(
        handle=handle,
        tenant_id=tenant_id,
        recipe_user_id=who.recipe_user_id,
        login_method=who.login_method,
        access_token_payload=dict(payload),
        session_data=dict(session_data),
        secret=secrets.token_urlsafe(32),
        anti_csrf_since=0 if with_anti_csrf_token else None,
        use_static_key=not session_conf().use_dynamic_access_token_signing_key,
        created_at=now,
        expires_at=nature.ends_at or now + session_conf().refresh_token_lifetime,
        ip_address=device.ip_address,
        user_agent=device.user_agent,
        is_anonymous=nature.is_anonymous,
        actor_id=nature.actor.pk if nature.actor else None,
        actor_sub=nature.actor_sub,
        reason=nature.reason,
    )
    _INSERT.save(row)
    if who.login_method is not None and nature.actor is None:
        accounts.mark_active(who.login_method.user, now)
    return SessionState(row, who.user_id)


@db.transactional
def refresh(
    presented: PresentedRefreshToken,
    *,
    anti_csrf_token: str | None,
    checks_anti_csrf: bool,
    issues_anti_csrf: bool,
    device: Device,
) -> tuple[Verdict, SessionState]:
    """Lock the row, judge the token, and rotate, repeat or revoke.

    A reuse is returned, not raised: an exception would roll back the revocation.

    Raises:
        UnauthorisedError: there is no such session, it has expired, or the anti-CSRF token does not match.
    """
    row, now = hold(presented.handle), clock.now()
    if row is None or row.expires_at < now or state_of(row).is_switched_off:
        raise UnauthorisedError("Session missing in db or has expired")
    key = SessionKey(row.handle, presented.generation, row.secret)
    if not key.is_bound_to(presented.binding):
        raise UnauthorisedError("Invalid refresh token")
    is_checked = checks_anti_csrf and has_anti_csrf_token(row, presented.generation)
    if is_checked and not key.matches_anti_csrf_token(anti_csrf_token):
        raise UnauthorisedError("Anti CSRF token missing, or not matching")
    found = verdict(row, presented.generation, now)
    if found is Verdict.ROTATED:
        _rotate(row, presented.generation, now, issues_anti_csrf, device)
    elif found is Verdict.REUSED:
        revoke([row.handle])
    return found, state_of(row)


def _rotate(row: Session, generation: int, now: datetime, issues_anti_csrf: bool, device: Device) -> None:
    row.generation = generation + 1
    row.refreshed_at = now
    if row.actor_id is None:
        row.expires_at = now + session_conf().refresh_token_lifetime
    row.use_static_key = not session_conf().use_dynamic_access_token_signing_key
    if not issues_anti_csrf:
        row.anti_csrf_since = None
    elif row.anti_csrf_since is None:
        row.anti_csrf_since = row.generation
    if device != Device():
        row.ip_address, row.user_agent = device.ip_address, device.user_agent
    _ROTATE.save(row)


_ROTATE = PreparedUpdate(
    Session,
    "generation",
    "refreshed_at",
    "expires_at",
    "use_static_key",
    "anti_csrf_since",
    "ip_address",
    "user_agent",
)


@db.transactional
def merge_payload(handle: str, update: Mapping[str, Any]) -> SessionState | None:
    """Merge into the stored payload, at the top level; None removes a key.  None when the session is gone."""
    row = hold(handle)
    if row is None or row.expires_at <= clock.now():
        return None
    row.access_token_payload = merged(row.access_token_payload, update)
    row.save(update_fields=["access_token_payload"])
    return state_of(row)


def merged(payload: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    """A shallow merge in which None deletes; a nested None stays (FDI)."""
    return {key: value for key, value in {**payload, **update}.items() if value is not None}


def update_session_data(handle: str, session_data: Mapping[str, Any]) -> bool:
    return alive().filter(pk=handle).update(session_data=dict(session_data)) == 1


def handles_of_user(user_id: str, *, with_linked: bool, tenant_id: str | None) -> list[str]:
    """The unexpired sessions of a user, or of exactly one login method."""
    rows = _of_user(user_id, with_linked=with_linked)
    if tenant_id is not None:
        rows = rows.filter(tenant_id=normalise_tenant_id(tenant_id))
    return list(rows.order_by("-created_at").values_list("handle", flat=True))


def used_last(user_id: str, limit: int) -> list[SessionState]:
    """The unexpired sessions of a user, those that were used last first."""
    rows = with_user(_of_user(user_id, with_linked=True))
    last_use = Coalesce("refreshed_at", "created_at")
    return [state_of(row) for row in rows.order_by(last_use.desc(), "-handle")[:limit]]


def _of_user(user_id: str, *, with_linked: bool) -> QuerySet[Session]:
    methods = accounts.login_method_ids(user_id, with_linked=with_linked)
    return alive().filter(Q(login_method__in=methods) | Q(recipe_user_id=user_id))


def handles_acting(user_id: str) -> list[str]:
    """The unexpired sessions of others in which a user acts."""
    links = DjangoUserLink.objects.filter(user=own_user_id(user_id)).values("django_user")
    return list(alive().filter(actor__in=links).values_list("handle", flat=True))


def handles_of_actor(actor: AbstractBaseUser) -> list[str]:
    """The sessions in which a Django user acts as somebody else, those included that were made a moment ago."""
    return list(db.locked(Session.objects.filter(actor=actor.pk)).values_list("pk", flat=True))


@db.transactional
def revoke(handles: list[str]) -> list[str]:
    """Delete sessions and give the handles of those that were there; ``session_revoked`` follows the commit."""
    gone = handles
    if len(handles) > 1:
        gone = list(db.locked(Session.objects.filter(pk__in=handles)).values_list("pk", flat=True))
    if not Session._base_manager.filter(pk__in=gone).delete()[0]:  # noted here, without another query
        return []
    revocations.note(gone)
    db.on_commit(lambda: session_revoked.send_robust(Session, session_handles=gone))
    return gone


def note_cascade(sessions: QuerySet[Session]) -> None:
    """Tell ``REVOCATION_CACHE`` of sessions that the deletion of a row above theirs is about to take along."""
    if revocations.is_on():
        rows = db.locked(sessions)  # what it reads is what will be deleted
        revocations.note(list(rows.values_list("pk", flat=True)))
