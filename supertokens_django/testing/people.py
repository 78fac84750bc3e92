"""Users for tests, and whose session is meant by one."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from supertokens_django import clock, db
from supertokens_django.recipes.emailpassword import rows
from supertokens_django.recipes.emailpassword.models import Password
from supertokens_django.recipes.emailpassword.service import emailpassword
from supertokens_django.recipes.multitenancy.service import PUBLIC_TENANT, require_tenant
from supertokens_django.testing.environment import require_test_run
from supertokens_django.users import accounts, django_user
from supertokens_django.users.accounts import AccountInfo, normalise_email
from supertokens_django.users.models import DjangoUserLink, LoginMethod, User

Someone = AbstractBaseUser | User | LoginMethod | str
"""A Django user, a user or login method of ours, or the id of one of ours."""


def create_user(email: str, password: str | None = None, *, tenant_id: str = PUBLIC_TENANT) -> User:
    """Create a user who signs in by e-mail, with its Django user.  Validators and gates are not asked.

    Without a password nothing is hashed, which saves time; nobody can sign in by a password then.

    Raises:
        EmailAlreadyExists: the e-mail is taken in the tenant.
        UnknownTenantError: there is no such tenant.
        RuntimeError: this is no test run.
    """
    require_test_run()
    if password is not None:
        return emailpassword.sign_up(tenant_id, email, password).user
    return rows.create(require_tenant(tenant_id), email, make_password(None)).user


async def acreate_user(email: str, password: str | None = None, *, tenant_id: str = PUBLIC_TENANT) -> User:
    """See :func:`create_user`."""
    return await sync_to_async(create_user)(email, password, tenant_id=tenant_id)


def recipe_user_id(user: Someone) -> str:
    """The id that a session of this user is made for.  A Django user who never signed up becomes one of ours."""
    if isinstance(user, str):
        return user
    if isinstance(user, User | LoginMethod):
        return user.id
    if not isinstance(user, get_user_model()):
        raise TypeError(
            f"expected a Django user, a user of supertokens_django or an id, not {type(user).__name__}"
        )
    return django_user.supertokens_id(user) or _adopt(user)


def _adopt(person: AbstractBaseUser) -> str:
    """Make a user of ours for a Django user that a test has created by itself; it keeps its password."""
    now, email = clock.now(), _email_of(person)
    with transaction.atomic(using=db.write_alias()):
        user = User.objects.create(time_joined=now, last_active_at=now)
        method = LoginMethod.objects.create(
            id=user.id, user=user, recipe_id=rows.RECIPE_ID, email=email, time_joined=now
        )
        Password.objects.create(login_method=method, encoded=person.password)
        DjangoUserLink.objects.create(user=user, django_user_id=person.pk)
        try:
            with transaction.atomic(using=db.write_alias()):
                accounts.add_to_tenant(method, PUBLIC_TENANT, AccountInfo(email=email))
        except IntegrityError:
            pass  # Django users may share an address; ours could not sign in by it, but need not here
    return user.id


def _email_of(person: AbstractBaseUser) -> str | None:
    email = getattr(person, type(person).get_email_field_name(), None)
    return normalise_email(email) if email else None
