"""What happens to sessions when something happens to a row that they hang on."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from supertokens_django import db
from supertokens_django.recipes.multitenancy.models import Tenant
from supertokens_django.recipes.session import impersonation, rows, transport
from supertokens_django.recipes.session.models import Session
from supertokens_django.recipes.session.service import session
from supertokens_django.users import django_user
from supertokens_django.users.models import LoginMethod, User


def revoke_when_deactivated(instance: AbstractBaseUser, **kwargs: Any) -> None:
    """Log an account out everywhere as soon as ``is_active`` is switched off, also where it acts as other users."""
    if instance.is_active:
        return
    _end_acting(instance)
    if (user_id := django_user.supertokens_id(instance)) is not None:
        session.revoke_all_sessions_for_user(user_id)


@db.transactional
def _end_acting(actor: AbstractBaseUser) -> None:
    session.revoke_multiple_sessions(rows.handles_of_actor(actor))


def revoke_when_logged_out(request: HttpRequest | None, user: AbstractBaseUser | None, **kwargs: Any) -> None:
    """Let ``django.contrib.auth.logout`` end the session of ours that the user has, or acts in; another stays."""
    if request is None or user is None or getattr(request, "supertokens", None) is not None:
        return
    found = session.peek_session(request)
    if found is not None and impersonation.sub_of(user) in (found.get_user_id(), found.get_actor()):
        session.revoke_session(found.get_handle())
        transport.clear_presented(request)


def note_end_with_user(instance: User, **kwargs: Any) -> None:
    """Sessions go with their user; Django deletes them unseen."""
    rows.note_cascade(Session.objects.filter(login_method__user=instance))


def note_end_with_login_method(instance: LoginMethod, origin: Any = None, **kwargs: Any) -> None:
    """Sessions go with their login method, where that does not go with its whole user."""
    if getattr(origin, "model", type(origin)) is not User:
        rows.note_cascade(Session.objects.filter(login_method=instance))


def note_end_with_actor(instance: AbstractBaseUser, **kwargs: Any) -> None:
    """Sessions go with the Django user who acts in them."""
    rows.note_cascade(Session.objects.filter(actor=instance.pk))


def note_end_with_tenant(instance: Tenant, **kwargs: Any) -> None:
    """Sessions go with their tenant."""
    rows.note_cascade(Session.objects.filter(tenant=instance))
