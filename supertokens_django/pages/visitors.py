"""Who is looking at a page."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest

from supertokens_django import conf
from supertokens_django.exceptions import SessionError, UnauthorisedError
from supertokens_django.flow.authenticate import is_fake_email
from supertokens_django.recipes.emailpassword.rows import RECIPE_ID
from supertokens_django.recipes.session import transport
from supertokens_django.recipes.session.container import SessionContainer
from supertokens_django.recipes.session.service import session
from supertokens_django.users import django_user
from supertokens_django.users.models import LoginMethod, User
from supertokens_django.users.service import users


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in; ``name`` is what they sign in by."""

    user_id: str
    name: str
    session: SessionContainer = field(repr=False)
    password_login: LoginMethod | None = None
    """Where a password of theirs is: that of the session, or else any."""
    provider_logins: tuple[LoginMethod, ...] = ()
    """Their accounts at providers."""

    @property
    def is_impersonated(self) -> bool:
        """Whether it is not they themselves, but somebody who acts as them."""
        return self.session.get_actor() is not None


def of(request: HttpRequest, *, checks_claims: bool = False) -> Visitor | None:
    """The signed-in visitor; None for everybody else.  The database is asked: an ended session counts as none.

    ``checks_claims`` counts those as nobody whom the usual claim validators refuse, too.
    """
    try:
        found = session.get_session(
            request,
            session_required=False,
            anti_csrf_check=False,
            check_database=True,
            override_global_claim_validators=None if checks_claims else lambda validators, _: [],
        )
    except UnauthorisedError:
        transport.queue(
            request, transport.clear_tokens(request, transport.COOKIE)
        )  # of a session that has ended
        return None
    except SessionError:
        return None
    if found is None or found.is_anonymous():
        return None
    user = users.get_user(found.get_user_id())
    if user is not None and django_user.is_inactive(user):
        return None
    return Visitor(
        found.get_user_id(),
        _name_of(user) if user else found.get_user_id(),
        found,
        _password_login(user, found.get_recipe_user_id()) if user else None,
        _provider_logins(user) if user else (),
    )


def _name_of(user: User) -> str:
    methods = list(user.login_methods.all())
    names = [name for method in methods for name in (email_of(method), method.phone_number) if name]
    at_providers = [
        f"{method.third_party_id}: {method.third_party_user_id}" for method in _provider_logins(user)
    ]
    return next(iter([*names, *at_providers]), user.id)


def email_of(method: LoginMethod) -> str | None:
    """The address, unless it stands for a user without one."""
    return None if method.email is None or is_fake_email(method.email) else method.email


def _provider_logins(user: User) -> tuple[LoginMethod, ...]:
    return tuple(method for method in user.login_methods.all() if method.third_party_id)


def _password_login(user: User, recipe_user_id: str) -> LoginMethod | None:
    if not conf.app().is_enabled(RECIPE_ID):
        return None
    methods = [method for method in user.login_methods.all() if method.recipe_id == RECIPE_ID]
    return next((method for method in methods if method.id == recipe_user_id), next(iter(methods), None))
