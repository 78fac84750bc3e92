"""Who is looking at a page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from supertokens_django.exceptions import SessionError
from supertokens_django.recipes.session.service import session
from supertokens_django.users import django_user
from supertokens_django.users.models import User
from supertokens_django.users.service import users


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in; ``name`` is what they sign in by."""

    user_id: str
    name: str


def of(request: HttpRequest) -> Visitor | None:
    """The signed-in visitor; None for everybody else.  The database is asked: an ended session counts as none."""
    try:
        found = session.get_session(
            request,
            session_required=False,
            anti_csrf_check=False,
            check_database=True,
            override_global_claim_validators=lambda validators, _: [],
        )
    except SessionError:
        return None
    if found is None or found.is_anonymous():
        return None
    user = users.get_user(found.get_user_id())
    if user is not None and django_user.is_inactive(user):
        return None
    return Visitor(found.get_user_id(), _name_of(user) if user else found.get_user_id())


def _name_of(user: User) -> str:
    methods = list(user.login_methods.all())
    names = [name for method in methods for name in (method.email, method.phone_number) if name]
    return names[0] if names else user.id
