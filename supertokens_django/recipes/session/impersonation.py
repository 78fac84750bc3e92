"""Who may act as whom.

The actor is a Django user.  Whoever acts as somebody else must be active staff with the permission
``supertokens_django.impersonate_user`` and may by it become able to do nothing that they could not do before: a
superuser acts as everybody, others only as users who are no superuser and have no permission, and no power by a
recipe, that they lack.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from supertokens_django import db
from supertokens_django.recipes.session.by_handle import HandleVerbs
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.exceptions import ImpersonationForbidden
from supertokens_django.recipes.session.rows import Nature, SessionState
from supertokens_django.recipes.session.signals import (
    announce_impersonation,
    impersonation_ended,
    impersonation_started,
)
from supertokens_django.users import django_user
from supertokens_django.users.models import User

PERMISSION = "supertokens_django.impersonate_user"


def sub_of(actor: AbstractBaseUser) -> str:
    """How access tokens name a Django user who acts: by the SuperTokens user id, else ``django:`` and the key."""
    return (django_user.supertokens_id(actor) if actor.pk else None) or f"django:{actor.pk}"


def require_actor(actor: Any) -> None:
    """Ask whether a Django user may act as others at all.

    Raises:
        ImpersonationForbidden: no.
    """
    if not (actor and actor.is_active and _has(actor, "is_staff") and _may(actor)):
        raise ImpersonationForbidden(_("You may not sign in as another user."))


def require_allowed(service: HandleVerbs, actor: Any, target: Any, tenant_id: str, user_id: str) -> None:
    """Judge by the rows as they are.

    Args:
        service: Asked for the powers of both.
        actor: The Django user who wants to act, or acts; None when it is gone.
        target: The Django user to act as; None for a user without one.
        tenant_id: The tenant of the session.
        user_id: The SuperTokens user to act as.

    Raises:
        ImpersonationForbidden: the rule of this module says no; the text says why.
    """
    require_actor(actor)
    if target is not None and target.pk == actor.pk:
        raise ImpersonationForbidden(_("You are this user yourself."))
    if target is not None and not target.is_active:
        raise ImpersonationForbidden(_("This user is switched off."))
    if _has(actor, "is_superuser"):
        return
    more = _permissions(target) - _permissions(actor)
    if more or _has(target, "is_superuser") or _has_more_powers(service, actor, tenant_id, user_id):
        raise ImpersonationForbidden(_("This user may do what you may not."))


def _has_more_powers(service: HandleVerbs, actor: Any, tenant_id: str, user_id: str) -> bool:
    wanted = service.powers_of(tenant_id, user_id)
    if not wanted:
        return False
    own_id = django_user.supertokens_id(actor)
    return bool(wanted - service.powers_of(tenant_id, own_id)) if own_id else True


def is_still_allowed(service: HandleVerbs, state: SessionState) -> bool:
    """Ask the rule again about a session in which somebody acts as its user."""
    target = django_user.for_user_id(state.user_id)
    try:
        require_allowed(service, _actor_of(state), target, state.row.tenant_id, state.user_id)
    except ImpersonationForbidden:
        return False
    return True


def held(actor_pk: Any, target: User) -> tuple[Any, Any]:
    """The Django users of both sides, locked until the transaction ends: nobody is demoted or promoted meanwhile."""
    other = django_user.of(target)
    keys = [actor_pk] if other is None else [actor_pk, other.pk]
    rows = db.locked(get_user_model()._base_manager.filter(pk__in=keys).order_by("pk"))
    found = {row.pk: row for row in rows}
    return found.get(actor_pk), None if other is None else found.get(other.pk)


def note_start(
    sender: Any, request: HttpRequest, session: SessionContainer, user: User, nature: Nature
) -> None:
    """Log and announce that somebody acts as ``user`` from now on."""
    reason = nature.reason
    text = _("Signed in as this user. Reason: %(reason)s") if reason else _("Signed in as this user.")
    _log(nature.actor, user, text % {"reason": reason})
    about = (session.get_handle(), session.get_user_id(), nature.actor, reason)
    announce_impersonation(impersonation_started, sender, request, about)


def note_end(sender: Any, request: HttpRequest | None, state: SessionState) -> None:
    """Log and announce that nobody acts as the user of this session any more; it has been revoked."""
    row, method = state.row, state.row.login_method
    actor = _actor_of(state)
    if method is not None and actor is not None:
        _log(actor, method.user, _("Stopped being signed in as this user."))
    about = (row.handle, state.user_id, actor, row.reason)
    announce_impersonation(impersonation_ended, sender, request, about)


def _log(actor: Any, user: User, text: str) -> None:
    """Write into the admin's log, where the project has the admin."""
    if not apps.is_installed("django.contrib.admin"):
        return
    from django.contrib.admin.models import CHANGE, LogEntry
    from django.contrib.contenttypes.models import ContentType

    LogEntry.objects.create(
        user_id=actor.pk,
        content_type=ContentType.objects.get_for_model(User),
        object_id=user.pk,
        object_repr=str(user)[:200],
        action_flag=CHANGE,
        change_message=text,
    )


def _actor_of(state: SessionState) -> AbstractBaseUser | None:
    """The row of the actor as it is now."""
    rows: QuerySet[Any] = get_user_model()._base_manager.all()
    return rows.filter(pk=state.row.actor_id).first()


def _may(actor: Any) -> bool:
    return bool(hasattr(actor, "has_perm") and actor.has_perm(PERMISSION))


def _has(person: Any, flag: str) -> bool:
    return bool(getattr(person, flag, False))


def _permissions(person: Any) -> set[str]:
    """Every permission, by whatever backend and group; a user model without permissions has none."""
    return set(person.get_all_permissions()) if hasattr(person, "get_all_permissions") else set()
